//! Images in archives: what is saved, and what may come in.

use crate::common::{escape, in_world, in_world_with};
use gateway::Limits;
use hyper::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The files of an archive.
pub(crate) fn files(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(std::fs::File::open(path).expect("an archive"));
    let entries = archive.entries().expect("entries");
    entries
        .map(|entry| {
            let mut entry = entry.expect("an entry");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("its bytes");
            (entry.path().expect("a path").display().to_string(), bytes)
        })
        .collect()
}

#[tokio::test]
async fn a_saved_image_has_the_learners_names_and_nothing_of_ours() {
    in_world(async |world| {
        let alice = &world.alice;
        // A base that carries the labels which a real course's images carry.
        let base = format!("labelled{}", world.instance);
        let dockerfile = format!(
            "FROM {}\nLABEL docktutor.instance=x docktutor.recipe=y\n",
            world.image
        );
        let built = world
            .raw
            .docker_with(&["build", "-q", "-t", &base, "-"], dockerfile.as_bytes())
            .await
            .ok();
        world.use_image(&built);
        let own = b"FROM debian:12\nRUN echo mine > /mine\nLABEL mine=1\n";
        alice
            .docker_with(&["build", "-t", "app:1", "-t", "me/app:2", "-"], own)
            .await
            .ok();
        let history = alice.docker("history --no-trunc app:1").await.ok();
        assert!(!history.contains("docktutor"), "{history}");

        let path = world.folder.path().join("saved.tar");
        alice
            .docker(&format!(
                "save -o {} app:1 me/app:2 debian:12",
                path.display()
            ))
            .await
            .ok();
        let saved = files(&path);
        let manifest: Value = serde_json::from_slice(&saved["manifest.json"]).expect("JSON");
        let mut tags = Vec::new();
        for image in manifest.as_array().expect("images") {
            let list = image["RepoTags"].as_array().expect("tags");
            tags.extend(
                list.iter()
                    .map(|tag| tag.as_str().expect("text").to_owned()),
            );
            let config = image["Config"].as_str().expect("a path");
            let config: Value = serde_json::from_slice(&saved[config]).expect("a configuration");
            let layers = image["Layers"].as_array().expect("layers");
            assert_eq!(
                config["rootfs"]["diff_ids"].as_array().expect("ids").len(),
                layers.len()
            );
            for layer in layers {
                assert!(saved.contains_key(layer.as_str().expect("a path")));
            }
        }
        tags.sort();
        assert_eq!(tags, ["app:1", "debian:12", "me/app:2"]);
        for (name, bytes) in saved
            .iter()
            .filter(|(name, _)| !name.ends_with("layer.tar"))
        {
            assert!(
                !String::from_utf8_lossy(bytes).contains("docktutor"),
                "{name}"
            );
        }
        // A real engine takes it, and gets what was built.
        let loaded = world
            .raw
            .docker(&format!("load -i {}", path.display()))
            .await
            .ok();
        assert!(loaded.contains("Loaded image: app:1"), "{loaded}");
        let seen = world.raw.docker("run --rm app:1 cat /mine").await;
        world.raw.docker("rmi app:1 me/app:2 debian:12").await.ok();
        world.raw.docker(&format!("rmi {base}")).await;
        assert_eq!(seen.ok(), "mine");
    })
    .await;
}

#[tokio::test]
async fn what_another_scope_has_cannot_be_saved() {
    in_world(async |world| {
        let dockerfile = b"FROM debian:12\nRUN echo secret > /secret\n";
        world
            .bob
            .docker_with(&["build", "-t", "private", "-"], dockerfile)
            .await
            .ok();
        let id = world.bob.docker("images -q --no-trunc private").await.ok();
        let keep = world.images().await.remove(0);
        for name in [
            "private",
            "private:latest",
            &id,
            &id[7..],
            &id[7..19],
            &keep,
            &world.image,
        ] {
            // The engine itself would give it away by each of its own names.
            if name != "private" && name != "private:latest" {
                let open = world.folder.path().join("open.tar");
                let line = format!("save -o {} {name}", open.display());
                world.raw.docker(&line).await.ok();
            }
            let path = world.folder.path().join("stolen.tar");
            let file = path.display().to_string();
            world
                .alice
                .docker_with(&["save", "-o", &file, name], b"")
                .await
                .fails();
            world
                .alice
                .docker_with(&["save", "-o", &file, "debian:12", name], b"")
                .await
                .fails();
            for call in [
                format!("/images/{name}/get"),
                format!("/images/get?names={name}"),
                format!("/images/get?names=debian:12&names={name}"),
            ] {
                let reply = world.alice.get(&call).await;
                assert_eq!(reply.status, 404, "{call}: {}", reply.text);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_committed_image_is_clean_counted_and_runs() {
    let limits = Limits {
        images: 2,
        ..Limits::default()
    };
    in_world_with(limits, async |world| {
        let alice = &world.alice;
        alice
            .docker_with(
                &[
                    "run",
                    "--name",
                    "job",
                    "--label",
                    "mine=1",
                    "debian:12",
                    "sh",
                    "-c",
                    "echo made > /made",
                ],
                b"",
            )
            .await
            .ok();
        let commit = [
            "commit",
            "-m",
            "why",
            "-c",
            "CMD [\"cat\", \"/made\"]",
            "-c",
            "ENV A=1",
            "job",
            "me/made:1",
        ];
        let id = alice.docker_with(&commit, b"").await.ok();
        assert_eq!(alice.docker("run --rm me/made:1").await.ok(), "made");
        assert_eq!(
            alice.docker("images -q --no-trunc me/made:1").await.ok(),
            id
        );
        // On the engine, too, nothing says whose container it was.
        let image = world.raw.get(&format!("/images/{id}/json")).await;
        assert!(
            !image
                .text
                .replace(&format!("docktutor-{}", world.instance), "")
                .contains("docktutor"),
            "{}",
            image.text
        );
        let image = image.json();
        assert_eq!(
            image["Config"]["Labels"],
            serde_json::json!({ "mine": "1" })
        );
        assert_eq!(
            image["RootFS"]["Layers"].as_array().expect("layers").len(),
            2
        );
        let history = alice
            .docker("history --format {{.Comment}} me/made:1")
            .await
            .ok();
        assert!(history.contains("why"), "{history}");
        let shown = alice.docker("image inspect me/made:1").await.ok();
        assert!(
            shown.contains("me/made:1") && !shown.contains("docktutor"),
            "{shown}"
        );
        // What was made on the way is gone.
        let filters = format!("{{\"label\":[\"docktutor.instance={}\"]}}", world.instance);
        let left = world
            .raw
            .get(&format!("/images/json?all=1&filters={}", escape(&filters)))
            .await;
        assert_eq!(left.json(), serde_json::json!([]));

        alice.docker("commit job second").await.ok();
        let full = alice.docker("commit job third").await.fails();
        assert!(full.contains("at most 2 images"), "{full}");
        alice.docker("rmi second").await.ok();
        alice.docker("commit job third").await.ok();
        for change in [
            "ONBUILD COPY --from=victim / /",
            "LABEL docktutor.scope=bobby",
            "RUN id",
            "FROM victim",
        ] {
            alice
                .docker_with(&["commit", "-c", change, "job"], b"")
                .await
                .fails();
        }
        world.bob.docker("commit job").await.fails();
        for body in [
            r#"{"Labels":{"docktutor.scope":"bobby","a":"b"}}"#,
            r#"{"OnBuild":["RUN id"]}"#,
            r#"{"HostConfig":{}}"#,
        ] {
            alice
                .call(
                    Method::POST,
                    "/commit?container=job&repo=fourth",
                    Some(body.to_owned()),
                )
                .await;
        }
        alice.docker("rm job").await.ok();
        alice.docker("rmi -f third me/made:1").await.ok();
        assert!(world.images().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_image_goes_out_and_comes_in_again() {
    in_world(async |world| {
        let alice = &world.alice;
        let own = b"FROM debian:12\nRUN echo mine > /mine\nCMD [\"cat\", \"/mine\"]\n";
        alice
            .docker_with(&["build", "-t", "app:1", "-"], own)
            .await
            .ok();
        let before = alice.docker("images -q --no-trunc app:1").await.ok();
        let path = world.folder.path().join("app.tar");
        let file = path.display().to_string();
        alice.docker(&format!("save -o {file} app:1")).await.ok();
        alice.docker("rmi app:1").await.ok();
        // A neighbour who is given the file has the image by his own name, and the engine by none but ours.
        for learner in [&world.alice, &world.bob] {
            let loaded = learner.docker(&format!("load -i {file}")).await.ok();
            assert_eq!(loaded, "Loaded image: app:1");
            assert_eq!(
                learner.docker("images -q --no-trunc app:1").await.ok(),
                before
            );
            assert_eq!(learner.docker("run --rm app:1").await.ok(), "mine");
        }
        let tags = world.raw.get("/images/json").await.text;
        assert!(!tags.contains("\"app:1\""), "{tags}");
        assert_eq!(world.images().await.len(), 2);
        let gzip = std::process::Command::new("gzip")
            .arg("-1k")
            .arg(&path)
            .status()
            .expect("gzip");
        assert!(gzip.success());
        assert_eq!(
            world.bob.docker(&format!("load -i {file}.gz")).await.ok(),
            "Loaded image: app:1"
        );

        // Export and import: one layer, no history, the configuration given anew.
        alice.docker("create --name box app:1").await.ok();
        let flat = world.folder.path().join("flat.tar").display().to_string();
        alice.docker(&format!("export -o {flat} box")).await.ok();
        let change = "CMD cat /mine";
        let id = alice
            .docker_with(
                &["import", "-c", change, "-m", "flat", &flat, "flat:1"],
                b"",
            )
            .await
            .ok();
        assert_eq!(alice.docker("run --rm flat:1").await.ok(), "mine");
        assert_eq!(alice.docker("images -q --no-trunc flat:1").await.ok(), id);
        assert_eq!(
            alice.docker("history -q flat:1").await.ok().lines().count(),
            1
        );
        alice
            .docker("import http://127.0.0.1:1/x.tar")
            .await
            .fails();
        alice.docker("rm box").await.ok();
        alice.docker("rmi app:1 flat:1").await.ok();
        assert_eq!(world.images().await.len(), 1, "the neighbour's is there");
        assert_eq!(world.bob.docker("run --rm app:1").await.ok(), "mine");
    })
    .await;
}
