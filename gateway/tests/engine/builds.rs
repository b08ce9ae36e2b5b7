//! `docker build` through a scope.

use crate::common::in_world;
use std::path::PathBuf;

fn context(folder: &std::path::Path, files: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("context");
    std::fs::create_dir_all(&path).expect("a folder");
    for (name, content) in files {
        std::fs::write(path.join(name), content).expect("a file");
    }
    path
}

#[tokio::test]
async fn a_build_shows_the_learners_words_and_caches() {
    in_world(async |world| {
        let dockerfile = "# note\nARG TAG=12\nFROM debian:$TAG AS one\nWORKDIR /app\nCOPY . .\nRUN echo made > \\\n  made\n\
                          FROM one\nCOPY --from=python:3.11-slim /etc/hostname /h\nCOPY --from=one /app/made /m\n";
        let path = context(world.folder.path(), &[("Dockerfile", dockerfile), ("file", "x")]);
        let alice = &world.alice;
        let build = format!("build -t app:1 -t app:2 {}", path.display());
        let first = alice.docker(&build).await.ok();
        for line in ["Step 2/8 : FROM debian:$TAG AS one", "COPY --from=python:3.11-slim /etc/hostname /h", "Successfully tagged app:2"] {
            assert!(first.contains(line), "{line}: {first}");
        }
        assert!(!first.contains("docktutor") && !first.contains("sha256"), "{first}");
        let second = alice.docker(&build).await.ok();
        assert_eq!(second.matches("Using cache").count(), 5, "{second}");
        assert_eq!(alice.docker("images app --format {{.Tag}}").await.ok(), "1\n2");
        let inside = alice.docker("run --rm app:1 sh -c").await;
        assert_ne!(inside.code, 0);
        let seen = alice.docker_with(&["run", "--rm", "app:1", "sh", "-c", "ls -A /app && cat /app/Dockerfile"], b"").await.ok();
        assert_eq!(seen.replace("\r", ""), format!("Dockerfile\nfile\nmade\n{}", dockerfile.trim_end()));
        alice.docker("rmi app:1 app:2").await.ok();
        assert!(world.images().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn errors_of_builds_read_as_the_engines() {
    in_world(async |world| {
        let build = async |dockerfile: &str| {
            world
                .alice
                .docker_with(&["build", "-"], dockerfile.as_bytes())
                .await
        };
        let failed = build("FROM debian:12\nRUN exit 3\n").await.fails();
        assert!(failed.contains("returned a non-zero code: 3"), "{failed}");
        let unknown = build("FROM debian:12\nRUNN x\n").await.fails();
        assert!(
            unknown.contains("dockerfile parse error line 2: unknown instruction: RUNN"),
            "{unknown}"
        );
        let missing = build("FROM python:3.11 -slim\n").await.fails();
        assert!(
            missing.contains("FROM requires either one or three arguments"),
            "{missing}"
        );
        assert!(world.images().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_build_sees_only_own_and_catalogue_images() {
    in_world(async |world| {
        world
            .bob
            .docker_with(
                &["build", "-t", "private", "-"],
                b"FROM debian:12\nRUN echo secret > /secret\n",
            )
            .await
            .ok();
        let id = world.bob.docker("images -q --no-trunc private").await.ok();
        let keep = world.images().await.remove(0);
        let alice = &world.alice;
        for name in [
            "private",
            id.as_str(),
            id.trim_start_matches("sha256:"),
            &id[7..19],
            keep.as_str(),
            world.image.as_str(),
        ] {
            for dockerfile in [
                format!("FROM {name}\n"),
                format!("FROM scratch\nCOPY --from={name} /secret /\n"),
                format!("ARG X={name}\nFROM $X\n"),
                format!("FROM debian:12\nONBUILD COPY --from={name} /secret /\n"),
                format!("# escape=`\nFROM `\n  {name}\n"),
            ] {
                let run = alice
                    .docker_with(&["build", "-"], dockerfile.as_bytes())
                    .await;
                assert_ne!(run.code, 0, "{dockerfile}");
            }
            for command in ["run --rm", "history", "inspect", "rmi"] {
                alice.docker(&format!("{command} {name}")).await.fails();
            }
            alice.docker(&format!("tag {name} mine")).await.fails();
        }
        assert_eq!(alice.docker("images -q mine").await.ok(), "");
        // The same Dockerfile does not find the neighbour's layers in the cache.
        let again = alice
            .docker_with(
                &["build", "-"],
                b"FROM debian:12\nRUN echo secret > /secret\n",
            )
            .await
            .ok();
        assert!(!again.contains("Using cache"), "{again}");
        assert_eq!(
            world.bob.docker("run --rm private cat /secret").await.ok(),
            "secret"
        );
    })
    .await;
}

#[tokio::test]
async fn a_build_fetches_nothing_for_the_learner() {
    in_world(async |world| {
        // Somebody who counts visits, on the host's loopback.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        for source in [
            format!("http://{address}/x"),
            format!("HTTP://{address}/x"),
            format!("\"http://{address}/x\""),
            format!("ht\\tp://{address}/x"),
            "$U".to_owned(),
        ] {
            let dockerfile = format!("FROM debian:12\nARG U=http://{address}/x\nADD {source} /x\n");
            world
                .alice
                .docker_with(&["build", "-"], dockerfile.as_bytes())
                .await
                .fails();
        }
        let json = format!("FROM debian:12\nADD [\"http:\\u002f/{address}/x\", \"/x\"]\n");
        world
            .alice
            .docker_with(&["build", "-"], json.as_bytes())
            .await
            .fails();
        let visit =
            tokio::time::timeout(std::time::Duration::from_millis(1), listener.accept()).await;
        assert!(visit.is_err(), "the engine came by");
    })
    .await;
}

#[tokio::test]
async fn a_build_is_bounded_and_stays_in_its_network() {
    in_world(async |world| {
        let dockerfile = b"FROM debian:12\nRUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; hostname -I\n";
        let out = world.alice.docker_with(&["build", "--no-cache", "-"], dockerfile).await.ok();
        assert!(out.contains(&(1u64 << 30).to_string()), "{out}");
        let network = world.raw.get(&format!("/networks/{}", world.scope(&world.alice).network_id())).await.json();
        let subnet = network["IPAM"]["Config"][0]["Subnet"].as_str().expect("a subnet").to_owned();
        let beginning = subnet.rsplit_once('.').expect("an address").0.to_owned();
        assert!(out.contains(&beginning), "{out} is not in {subnet}");
        assert!(world.containers().await.is_empty());
    })
    .await;
}

/// The classic builder takes the name of a stage for an image's where the stage has not ended or is of another build.
#[tokio::test]
async fn the_name_of_a_stage_leads_to_no_foreign_image() {
    in_world(async |world| {
        let victim = format!("victim{}", world.instance);
        let secret = format!("FROM {}\nRUN echo secret > /secret\n", world.image);
        world
            .raw
            .docker_with(&["build", "-t", &victim, "-"], secret.as_bytes())
            .await
            .ok();
        let number = "99999999999999999999";
        world.raw.docker(&format!("tag {victim} {number}")).await.ok();
        let (raw, alice) = (&world.raw, &world.alice);
        let mut results = Vec::new();
        for (image, dockerfile) in [
            (
                world.image.as_str(),
                format!("FROM BASE AS {victim}\nCOPY --from={victim} /secret /\n"),
            ),
            (
                &world.image,
                format!("FROM BASE AS a\nFROM BASE\nCOPY --from={number} /secret /\n"),
            ),
        ] {
            // The attempt works on the engine itself, so the refusal of the scope is what stops it.
            let bare = dockerfile.replace("BASE", image);
            results.push((raw.docker_with(&["build", "-q", "-"], bare.as_bytes()).await, 0));
            let scoped = dockerfile.replace("BASE", "debian:12");
            let run = alice.docker_with(&["build", "-"], scoped.as_bytes()).await;
            results.push((run, 1));
        }
        let trigger = format!(
            "FROM debian:12 AS {victim}\nFROM debian:12\nONBUILD COPY --from={victim} /secret /\n"
        );
        let run = alice
            .docker_with(&["build", "-t", "later", "-"], trigger.as_bytes())
            .await;
        results.push((run, 1));
        let own = b"FROM debian:12 AS a\nRUN echo own > /x\nFROM debian:12 AS b\nCOPY --from=0 /x /y\nFROM b\nCOPY --from=a /x /z\nRUN cat /y /z\n";
        results.push((alice.docker_with(&["build", "-"], own).await, 0));
        for (run, _) in &results {
            if let Some(id) = run.out.trim().strip_prefix("sha256:") {
                raw.docker(&format!("rmi {id}")).await;
            }
        }
        raw.docker(&format!("rmi {victim} {number}")).await.ok();
        for (index, (run, code)) in results.iter().enumerate() {
            assert_eq!(run.code.min(1), *code, "{index}: {run:?}");
        }
    })
    .await;
}
