//! Images in archives: what is saved, and what may come in.

use crate::common::in_world;
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
