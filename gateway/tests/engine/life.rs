//! Scopes over time: restarts of the gateway, orphans, reset and removal.

use crate::common::{in_world, until};
use gateway::{Catalogue, CatalogueImage};
use serde_json::json;

#[tokio::test]
async fn a_restart_of_the_gateway_loses_nothing() {
    in_world(async |world| {
        world.alice.docker("network create net").await.ok();
        world
            .alice
            .docker_with(
                &["build", "-t", "app", "-"],
                b"FROM debian:12\nRUN echo x > /x\n",
            )
            .await
            .ok();
        let id = world
            .alice
            .docker("run -d --name web --network net -p 8080:80 -v data:/d app sleep 600")
            .await
            .ok();
        world.alice.docker("rmi python:3.11-slim").await.ok();
        let before = world
            .alice
            .docker("images --format {{.Repository}}:{{.Tag}}={{.ID}}")
            .await
            .ok();
        world.restart().await;
        world.reopen().await;
        assert_eq!(world.alice.docker("ps -q --no-trunc").await.ok(), id);
        assert_eq!(world.alice.docker("exec web cat /x").await.ok(), "x");
        assert_eq!(
            world.alice.docker("port web").await.ok(),
            "80/tcp -> 0.0.0.0:8080"
        );
        assert_eq!(
            world
                .alice
                .docker("images --format {{.Repository}}:{{.Tag}}={{.ID}}")
                .await
                .ok(),
            before
        );
        assert_eq!(world.alice.docker("volume ls -q").await.ok(), "data");
        assert_eq!(world.bob.docker("ps -aq").await.ok(), "");
        assert_eq!(world.scope(&world.alice).counts(), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn what_vanished_meanwhile_leaves_the_books_and_orphans_go() {
    in_world(async |world| {
        let id = world.alice.docker("run -d --name web debian:12 sleep 600").await.ok();
        let kept = world.alice.docker("run -d --name kept debian:12 sleep 600").await.ok();
        world.gateway.shutdown().await;
        world.raw.docker(&format!("rm -f {id}")).await.ok();
        let label = format!("--label docktutor.instance={}", world.instance);
        let orphan = world.raw.docker(&format!("run -d {label} --label docktutor.scope=gone1 {} sleep 600", world.image)).await.ok();
        let lost = world.raw.docker(&format!("run -d {label} --label docktutor.scope=alice {} sleep 600", world.image)).await.ok();
        let desk = world.raw.docker(&format!("run -d {label} --label docktutor.scope=alice --label docktutor.kind=workbench {} sleep 600", world.image)).await.ok();
        world.raw.docker(&format!("volume create {label} --label docktutor.scope=gone1 orphan{}", world.instance)).await.ok();
        world.restart().await;
        world.reopen().await;
        let mut left = world.containers().await;
        left.sort();
        let mut wanted = vec![kept, desk];
        wanted.sort();
        assert_eq!(left, wanted, "{orphan} and {lost} are orphans");
        assert!(world.volumes().await.is_empty());
        assert_eq!(world.alice.docker("ps -a --format {{.Names}}").await.ok(), "kept");
        world.alice.docker("run -d --name web debian:12 sleep 600").await.ok();
    })
    .await;
}

#[tokio::test]
async fn what_ends_by_itself_leaves_the_books() {
    in_world(async |world| {
        world
            .alice
            .docker("run -d --rm --name brief -v /anon debian:12 true")
            .await
            .ok();
        until("it is gone", async || {
            world.alice.docker("ps -aq").await.ok().is_empty()
        })
        .await;
        until("the books know", async || {
            world.scope(&world.alice).counts() == (0, 0)
        })
        .await;
        // The raw engine's owner may remove things as well.
        let id = world
            .alice
            .docker("run -d --name web debian:12 sleep 600")
            .await
            .ok();
        assert_eq!(world.scope(&world.alice).counts(), (1, 1));
        world.raw.docker(&format!("rm -f {id}")).await.ok();
        until("the books know", async || {
            world.scope(&world.alice).counts() == (0, 0)
        })
        .await;
        world
            .alice
            .docker("run --rm --name web debian:12 true")
            .await
            .ok();
        world
            .alice
            .docker("run --rm --name web debian:12 true")
            .await
            .ok();
    })
    .await;
}

#[tokio::test]
async fn a_reset_leaves_an_empty_scope_and_a_removal_nothing() {
    in_world(async |world| {
        world
            .bob
            .docker("run -d --name web debian:12 sleep 600")
            .await
            .ok();
        let fill = async || {
            world.alice.docker("network create net").await.ok();
            world
                .alice
                .docker_with(
                    &["build", "-t", "app", "-"],
                    b"FROM debian:12\nRUN echo x > /x\n",
                )
                .await
                .ok();
            world
                .alice
                .docker_with(&["build", "-"], b"FROM debian:12\nRUN exit 1\n")
                .await
                .fails();
            world
                .alice
                .docker("run -d --name web --network net -v data:/d -v /anon app sleep 600")
                .await
                .ok();
            world.alice.docker("rmi python:3.11-slim").await.ok();
        };
        fill().await;
        world.gateway.reset_scope("alice").await.expect("reset");
        assert_eq!(world.alice.docker("ps -aq").await.ok(), "");
        assert_eq!(world.alice.docker("volume ls -q").await.ok(), "");
        assert_eq!(
            world
                .alice
                .docker("network ls -q")
                .await
                .ok()
                .lines()
                .count(),
            3
        );
        assert_eq!(
            world
                .alice
                .docker("images --format {{.Repository}}")
                .await
                .ok()
                .lines()
                .count(),
            2
        );
        assert!(world.images().await.is_empty());
        fill().await;
        world.gateway.remove_scope("alice").await.expect("removed");
        assert!(!world.alice.socket.exists());
        assert!(world.images().await.is_empty() && world.volumes().await.is_empty());
        assert_eq!(world.networks().await.len(), 1, "the other scope's");
        assert_eq!(world.containers().await.len(), 1, "the other scope's");
        assert_eq!(world.gateway.scopes(), ["bobby"]);
        assert!(world.gateway.remove_scope("alice").await.is_err());
        assert_eq!(world.bob.docker("exec web echo alive").await.ok(), "alive");
    })
    .await;
}

#[tokio::test]
async fn a_stopped_scope_keeps_its_containers() {
    in_world(async |world| {
        world
            .alice
            .docker("run -d --name web debian:12 sleep 600")
            .await
            .ok();
        world.gateway.stop_scope("alice").await.expect("stopped");
        assert!(!world.alice.socket.exists());
        assert_eq!(world.scope(&world.alice).counts(), (0, 1));
        world.reopen().await;
        world.alice.docker("start web").await.ok();
        assert_eq!(world.alice.docker("exec web echo back").await.ok(), "back");
        assert_eq!(
            world
                .alice
                .post("/containers/web/wait", &json!({}))
                .await
                .status,
            403,
            "a body where none belongs"
        );
    })
    .await;
}

#[tokio::test]
async fn a_reset_spares_the_catalogue() {
    in_world(async |world| {
        // An image with one name, no children and no containers: nothing but care protects it.
        let name = format!("catalogue-{}:1", world.instance);
        let dockerfile = format!("FROM {}\nLABEL test={}\n", world.image, world.instance);
        let made = world
            .raw
            .docker_with(&["build", "-t", &name, "-"], dockerfile.as_bytes())
            .await;
        made.ok();
        let id = world.raw.get(&format!("/images/{name}/json")).await.json()["Id"].clone();
        let image = CatalogueImage {
            id: id.as_str().expect("an id").to_owned(),
            stand_in: false,
            listed: true,
        };
        world
            .gateway
            .set_catalogue(Catalogue([("single:1".to_owned(), image)].into()));
        let alice = &world.alice;
        alice
            .docker_with(
                &["build", "-t", "app", "-"],
                b"FROM single:1\nRUN echo x > /x\n",
            )
            .await
            .ok();
        alice
            .docker_with(&["build", "-"], b"FROM single:1 AS a\nRUN exit 1\n")
            .await
            .fails();
        alice
            .docker_with(&["build", "-"], b"FROM single:1\n")
            .await
            .ok();
        alice.docker("tag single:1 mine").await.ok();
        alice.docker("rmi mine app").await.ok();
        alice.docker("rmi single:1").await.ok();
        alice.docker("image prune -af").await.ok();
        world.gateway.reset_scope("alice").await.expect("reset");
        world.gateway.remove_scope("alice").await.expect("removed");
        let left = world.raw.get(&format!("/images/{name}/json")).await;
        world.raw.docker(&format!("rmi {name}")).await.ok();
        assert_eq!(left.json()["Id"], id);
    })
    .await;
}

#[tokio::test]
async fn an_unlisted_image_starts_and_is_not_there_otherwise() {
    in_world(async |world| {
        // Two images by two ids: the listed one is the test image, the other is made of it.
        let name = format!("probe-{}:1", world.instance);
        let dockerfile = format!("FROM {}\nLABEL test={}\n", world.image, world.instance);
        let made = world
            .raw
            .docker_with(&["build", "-t", &name, "-"], dockerfile.as_bytes())
            .await;
        made.ok();
        let id = world.raw.get(&format!("/images/{name}/json")).await.json()["Id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let entry = |id: &str, listed| CatalogueImage {
            id: id.to_owned(),
            stand_in: false,
            listed,
        };
        let catalogue = [
            ("debian:12".to_owned(), entry(&world.image_id, true)),
            ("course/probe:latest".to_owned(), entry(&id, false)),
        ];
        world.gateway.set_catalogue(Catalogue(catalogue.into()));
        let alice = &world.alice;
        let ran = alice.docker("run --rm course/probe echo here").await;
        let listed = alice
            .docker("images -a --format {{.Repository}}:{{.Tag}}")
            .await;
        let counted = alice.docker("info --format {{.Images}}").await;
        let used = alice.get("/system/df").await.json()["Images"].clone();
        let mut refused = Vec::new();
        for line in [
            "rmi course/probe".to_owned(),
            "tag course/probe mine".to_owned(),
            "image inspect course/probe".to_owned(),
            "history course/probe".to_owned(),
            "pull course/probe".to_owned(),
            format!("run --rm --pull=never {id} true"),
            format!("tag {id} mine"),
        ] {
            refused.push((alice.docker(&line).await.fails(), line));
        }
        let other = alice.docker("pull nothing:1").await.fails();
        let built = alice
            .docker_with(&["build", "-"], b"FROM course/probe\n")
            .await;
        let again = alice.docker("run --rm course/probe echo again").await;
        world.raw.docker(&format!("rmi {name}")).await.ok();
        assert_eq!(ran.ok(), "here");
        assert_eq!(listed.ok(), "debian:12");
        assert_eq!(counted.ok(), "1");
        assert_eq!(used.as_array().map(Vec::len), Some(1), "{used}");
        for (message, line) in &refused {
            let absent = message.contains("No such image")
                || message.contains("pull access denied")
                || message.contains("No such object");
            assert!(absent, "{line}: {message}");
        }
        assert!(
            other.contains("this course has debian:12") && !other.contains("probe"),
            "{other}"
        );
        built.fails();
        assert_eq!(again.ok(), "again");
    })
    .await;
}
