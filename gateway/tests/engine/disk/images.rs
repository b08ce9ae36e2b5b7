//! What images and archives take, and builds that take too much.

use super::{WRITER, disk, grows, mib, small, works_on_the_engine};
use crate::common::in_world_with;

#[tokio::test]
async fn logs_and_images_count_and_what_is_shared_counts_once() {
    in_world_with(small(), async |world| {
        let alice = &world.alice;
        let chat = "perl -e 'print \"x\" x 1000, \"\\n\" for 1..5000'";
        alice
            .docker_with(
                &["run", "--name", "chatty", "debian:12", "sh", "-c", chat],
                b"",
            )
            .await
            .ok();
        grows(alice, "logs", 5).await;
        assert_eq!(
            mib(alice, "images").await,
            0,
            "the course's images are nobody's"
        );
        let recipe = b"FROM debian:12\nWORKDIR /x\nRUN head -c 6291456 /dev/zero > six\n";
        alice
            .docker_with(&["build", "-t", "six", "-"], recipe)
            .await
            .ok();
        grows(alice, "images", 6).await;
        let above = b"FROM six\nRUN head -c 2097152 /dev/zero > two\n";
        alice
            .docker_with(&["build", "-t", "two", "-"], above)
            .await
            .ok();
        alice.docker("run -d --name user two sleep 600").await.ok();
        grows(alice, "images", 8).await;
        assert_eq!(mib(alice, "images").await, 8);
        let seen = disk(alice).await;
        assert_eq!(seen["limit"], 20 << 20);
        let parts = ["layers", "volumes", "logs", "images", "workspace"];
        let sum: u64 = parts.iter().filter_map(|part| seen[part].as_u64()).sum();
        assert_eq!(seen["used"].as_u64(), Some(sum), "{seen}");
        // A container holds the layers of an image that was removed.
        alice.docker("rmi -f six").await.ok();
        alice.docker("stop -t 0 user").await.ok();
        alice.docker("rmi -f two").await.ok();
        assert_eq!(mib(alice, "images").await, 8);
        alice.docker("rm -f user chatty").await.ok();
        assert_eq!(mib(alice, "used").await, 0, "{}", disk(alice).await);
    })
    .await;
}

#[tokio::test]
async fn builds_and_archives_stay_within_the_limit() {
    in_world_with(small(), async |world| {
        let (alice, folder) = (&world.alice, world.folder.path());
        works_on_the_engine(world).await;
        // One step writes without an end.
        let endless = format!("FROM debian:12\nRUN {}\n", WRITER.replace("$0", "/tmp"));
        let said = alice
            .docker_with(&["build", "-"], endless.as_bytes())
            .await
            .fails();
        assert!(
            said.contains("at most 20 MiB of disk") || said.contains("137"),
            "{said}"
        );
        // Many steps copy the same file.
        let context = folder.join("context");
        std::fs::create_dir(&context).expect("a folder");
        std::fs::write(context.join("six"), vec![7; 6 << 20]).expect("a file");
        let copies: String = (0..40)
            .map(|n| format!("COPY six /copy{n}\nRUN sleep 0.1\n"))
            .collect();
        std::fs::write(
            context.join("Dockerfile"),
            format!("FROM debian:12\n{copies}"),
        )
        .expect("a file");
        let said = alice
            .docker(&format!("build -t copies {}", context.display()))
            .await
            .fails();
        assert!(
            said.contains("at most 20 MiB of disk") && said.contains("docker image prune"),
            "{said}"
        );
        let said = alice
            .docker_with(&["build", "-"], b"FROM debian:12\nRUN true\n")
            .await
            .fails();
        assert!(said.contains("images "), "{said}");
        // What the broken build left has no name, and goes as it does on the engine.
        alice.docker("image prune -f").await.ok();
        assert_eq!(mib(alice, "used").await, 0, "{}", disk(alice).await);

        alice
            .docker("run -d --name web debian:12 sleep 600")
            .await
            .ok();
        let large = folder.join("large");
        std::fs::write(&large, vec![1; 30 << 20]).expect("a file");
        let said = alice
            .docker(&format!("cp {} web:/large", large.display()))
            .await
            .fails();
        assert!(
            said.contains("this archive takes") && said.contains("room for 19 MiB"),
            "{said}"
        );
        let mut archive = tar::Builder::new(Vec::new());
        archive
            .append_path_with_name(&large, "large")
            .expect("an archive");
        let archive = archive.into_inner().expect("an archive");
        let said = alice
            .docker_with(&["import", "-", "large:1"], &archive)
            .await
            .fails();
        assert!(said.contains("the image archive takes 31 MiB"), "{said}");
        assert_eq!(alice.docker("images -q large").await.ok(), "");
        alice.docker("rm -f web").await.ok();
        assert_eq!(
            alice.docker("run --rm debian:12 echo again").await.ok(),
            "again"
        );
    })
    .await;
}
