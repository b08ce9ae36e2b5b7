//! Limits under pressure, forged marks, and calls that are not for learners.

use crate::common::{in_world, in_world_with};
use futures_util::future::join_all;
use gateway::Limits;
use hyper::Method;
use serde_json::json;

#[tokio::test]
async fn a_hundred_creates_at_once_stay_within_the_limit() {
    let limits = Limits {
        containers: 5,
        volumes: 3,
        networks: 2,
        ..Limits::default()
    };
    in_world_with(limits, async |world| {
        let body = json!({ "Image": "debian:12", "Cmd": ["true"] });
        let tries = (0..100).map(|_| world.alice.post("/containers/create", &body));
        let made = join_all(tries).await;
        let count = made.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(count, 5);
        assert_eq!(world.containers().await.len(), 5);
        let refused = made
            .iter()
            .find(|reply| reply.status == 403)
            .expect("the others are refused");
        assert!(
            refused.message().contains("at most 5 containers"),
            "{refused:?}"
        );

        let volumes = (0..20).map(async |n| {
            world
                .alice
                .post("/volumes/create", &json!({ "Name": format!("v{n}") }))
                .await
        });
        assert_eq!(
            join_all(volumes)
                .await
                .iter()
                .filter(|reply| reply.status == 201)
                .count(),
            3
        );
        assert_eq!(world.volumes().await.len(), 3);
        let networks = (0..10).map(async |n| {
            world
                .alice
                .post("/networks/create", &json!({ "Name": format!("n{n}") }))
                .await
        });
        assert_eq!(
            join_all(networks)
                .await
                .iter()
                .filter(|reply| reply.status == 201)
                .count(),
            2
        );
        assert_eq!(
            world.networks().await.len(),
            2 + 2,
            "two scopes have a default one each"
        );

        // Another scope has its own limit, and room appears when something goes.
        assert_eq!(
            world.bob.post("/containers/create", &body).await.status,
            201
        );
        world.alice.docker("container prune -f").await.ok();
        assert_eq!(
            world.alice.post("/containers/create", &body).await.status,
            201
        );
    })
    .await;
}

#[tokio::test]
async fn one_name_is_given_once() {
    in_world(async |world| {
        let body = json!({ "Image": "debian:12", "Cmd": ["true"] });
        let tries = (0..20).map(|_| world.alice.post("/containers/create?name=only", &body));
        let made = join_all(tries).await;
        assert_eq!(made.iter().filter(|reply| reply.status == 201).count(), 1);
        let conflict = made
            .iter()
            .find(|reply| reply.status == 409)
            .expect("the others collide");
        assert!(
            conflict
                .message()
                .starts_with("Conflict. The container name \"/only\" is already in use")
        );
        assert_eq!(world.containers().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn forged_labels_change_no_owner() {
    in_world(async |world| {
        let dockerfile = b"FROM debian:12\nLABEL docktutor.scope=bobby docktutor.instance=other docktutor.kind=workbench\n";
        world.alice.docker_with(&["build", "-t", "forged", "--label", "docktutor.scope=bobby", "-"], dockerfile).await.ok();
        let id = world.alice.docker("run -d --label docktutor.scope=bobby forged sleep 600").await.ok();
        let labels = world.inspect(&id).await["Config"]["Labels"].clone();
        assert_eq!((&labels["docktutor.scope"], &labels["docktutor.instance"]), (&json!("alice"), &json!(world.instance)));
        assert_ne!(labels["docktutor.kind"], "workbench");
        assert_eq!(world.bob.docker("ps -aq").await.ok(), "");
        assert!(!world.bob.docker("images --format {{.Repository}}").await.ok().contains("forged"));
        assert_eq!(world.alice.docker("ps -q").await.ok().len(), 12);
    })
    .await;
}

#[tokio::test]
async fn calls_that_are_not_for_learners_are_refused_with_a_reason() {
    in_world(async |world| {
        for (method, path) in [
            (Method::POST, "/swarm/init"),
            (Method::GET, "/nodes"),
            (Method::GET, "/secrets"),
            (Method::POST, "/services/create"),
            (Method::GET, "/plugins"),
            (Method::POST, "/plugins/pull?remote=x"),
            (Method::POST, "/auth"),
            (Method::GET, "/distribution/debian/json"),
            (Method::GET, "/images/search?term=x"),
            (Method::POST, "/session"),
            (Method::POST, "/grpc"),
            (Method::POST, "/images/debian:12/push"),
            (Method::GET, "/debug/pprof/"),
            (Method::GET, "/metrics"),
            (Method::PUT, "/containers/json"),
            (Method::PATCH, "/x"),
            (Method::POST, "/build?remote=http%3A%2F%2F127.0.0.1%2F"),
            (Method::POST, "/build?version=2"),
            (Method::POST, "/build?networkmode=host"),
            (Method::POST, "/build?cgroupparent=%2Fx"),
            (
                Method::POST,
                "/build?securityopt=%5B%22seccomp%3Dunconfined%22%5D",
            ),
            (Method::POST, "/build?outputs=x"),
            (Method::GET, "/containers/json?unknown=1"),
            (Method::GET, "/containers/x/attach/ws"),
        ] {
            let reply = world.alice.call(method.clone(), path, None).await;
            assert!(
                matches!(reply.status, 400 | 403 | 404),
                "{method} {path}: {reply:?}"
            );
            assert!(!reply.message().is_empty(), "{method} {path}: {reply:?}");
        }
        for path in ["/session", "/grpc"] {
            assert!(
                world
                    .alice
                    .call(Method::POST, path, None)
                    .await
                    .message()
                    .contains("DOCKER_BUILDKIT=0")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_engine_says_of_itself_tells_nothing_of_others() {
    in_world(async |world| {
        world
            .bob
            .docker("run -d --name secret debian:12 sleep 600")
            .await
            .ok();
        let info = world.alice.get("/info").await.json();
        assert_eq!(
            (&info["Containers"], &info["ContainersRunning"]),
            (&json!(0), &json!(0))
        );
        let raw = world.raw.get("/info").await.json();
        for key in ["ID", "Name", "DockerRootDir"] {
            assert_ne!(info[key], raw[key], "{key}");
        }
        let usage = world.alice.get("/system/df").await;
        assert_eq!(usage.json()["Containers"], json!([]));
        let volumes = world.alice.get("/volumes").await.json();
        assert_eq!(volumes["Volumes"], json!([]));
        let networks = world.alice.get("/networks").await.text;
        assert!(
            !networks.contains("bobby") && !networks.contains("docktutor"),
            "{networks}"
        );
        let id = world
            .alice
            .docker("run -d --name mine -v data:/d debian:12 sleep 600")
            .await
            .ok();
        let own = world
            .alice
            .get(&format!("/containers/{id}/json"))
            .await
            .text;
        let root = raw["DockerRootDir"].as_str().expect("a folder");
        assert!(!own.contains(root) && !own.contains("docktutor"), "{own}");
    })
    .await;
}
