//! Two scopes on one engine: neither sees, names or touches what is the other's.

use crate::common::{World, in_world};
use hyper::Method;
use serde_json::json;

/// Every spelling of a container that a neighbour could try.
async fn spellings(world: &World, id: &str) -> Vec<String> {
    let real = world.inspect(id).await["Name"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    vec![
        id.to_owned(),
        id[..12].to_owned(),
        id[..3].to_owned(),
        real,
        "secret".to_owned(),
    ]
}

#[tokio::test]
async fn a_foreign_container_is_answered_like_a_missing_one() {
    in_world(async |world| {
        let id = world
            .bob
            .docker("run -d --name secret debian:12 sleep 600")
            .await
            .ok();
        assert_eq!(world.alice.docker("ps -aq").await.ok(), "");
        for name in spellings(world, &id).await {
            let missing =
                |text: &str| text.contains("No such container") || text.contains("No such object");
            for verb in [
                "stop -t 0",
                "kill",
                "rm -f",
                "restart -t 0",
                "pause",
                "start",
                "logs",
                "top",
                "port",
                "diff",
                "wait",
                "inspect",
                "attach --no-stdin",
                "update -m 64m",
                "stats --no-stream",
            ] {
                // Not every command's exit code tells; its words do.
                let error = world.alice.docker(&format!("{verb} {name}")).await.err;
                assert!(missing(&error), "{verb} {name}: {error}");
            }
            for command in [
                format!("exec {name} true"),
                format!("rename {name} mine"),
                format!("cp {name}:/etc/passwd -"),
                format!("export {name}"),
                format!("run --rm --network container:{name} debian:12 true"),
                format!("network connect bridge {name}"),
            ] {
                let run = world.alice.docker(&command).await;
                assert_ne!(run.code, 0, "{command}");
            }
            for volumes in [
                format!("run --rm --volumes-from {name} debian:12 true"),
                format!("run --rm --link {name} debian:12 true"),
                format!("run --rm --pid container:{name} debian:12 true"),
                format!("run --rm --ipc container:{name} debian:12 true"),
            ] {
                world.alice.docker(&volumes).await.fails();
            }
            let foreign = world.alice.get(&format!("/containers/{name}/json")).await;
            let unknown = world.alice.get("/containers/nothing/json").await;
            assert_eq!(foreign.status, unknown.status);
            assert_eq!(
                foreign.message(),
                unknown.message().replace("nothing", &name)
            );
        }
        let state = world.inspect(&id).await;
        assert_eq!(state["State"]["Running"], true);
        assert_eq!(state["RestartCount"], 0);
        assert!(
            state["Name"]
                .as_str()
                .is_some_and(|name| name.starts_with("/secret."))
        );
    })
    .await;
}

#[tokio::test]
async fn both_may_use_the_same_names() {
    in_world(async |world| {
        for side in [&world.alice, &world.bob] {
            side.docker("network create net").await.ok();
            side.docker_with(
                &[
                    "run",
                    "--rm",
                    "-v",
                    "data:/d",
                    "debian:12",
                    "sh",
                    "-c",
                    &format!("echo {} > /d/who", side.name),
                ],
                b"",
            )
            .await
            .ok();
            side.docker("run -d --name web --network net debian:12 sleep 600")
                .await
                .ok();
        }
        for side in [&world.alice, &world.bob] {
            assert_eq!(
                side.docker("run --rm -v data:/d debian:12 cat /d/who")
                    .await
                    .ok(),
                side.name
            );
            assert_eq!(side.docker("ps -q").await.ok().lines().count(), 1);
            assert_eq!(side.docker("volume ls -q").await.ok(), "data");
        }
        world.alice.docker("system prune -af --volumes").await.ok();
        world.alice.docker("rm -f web").await.ok();
        world.alice.docker("network prune -f").await.ok();
        world.alice.docker("volume prune -f").await.ok();
        assert_eq!(world.bob.docker("exec web echo alive").await.ok(), "alive");
        assert_eq!(
            world
                .bob
                .docker("run --rm -v data:/d debian:12 cat /d/who")
                .await
                .ok(),
            world.bob.name
        );
    })
    .await;
}

#[tokio::test]
async fn a_foreign_exec_cannot_be_started_or_seen() {
    in_world(async |world| {
        let id = world.bob.docker("run -d debian:12 sleep 600").await.ok();
        let exec = json!({ "Cmd": ["touch", "/touched"], "AttachStdout": true });
        let made = world
            .bob
            .post(&format!("/containers/{id}/exec"), &exec)
            .await;
        let exec = made.json()["Id"].as_str().expect("an exec").to_owned();
        for (method, path, body) in [
            (Method::POST, "start", Some(r#"{"Detach":true}"#)),
            (Method::POST, "resize?h=1&w=1", None),
            (Method::GET, "json", None),
        ] {
            let reply = world
                .alice
                .call(
                    method,
                    &format!("/exec/{exec}/{path}"),
                    body.map(str::to_owned),
                )
                .await;
            assert_eq!(reply.status, 404, "{reply:?}");
            assert!(
                reply.message().starts_with("No such exec instance"),
                "{reply:?}"
            );
        }
        world
            .bob
            .docker(&format!("exec {id} test -e /touched"))
            .await
            .fails();
        // The same exec works for its owner.
        assert_eq!(
            world
                .bob
                .post(&format!("/exec/{exec}/start"), &json!({ "Detach": false }))
                .await
                .status,
            200
        );
        world
            .bob
            .docker(&format!("exec {id} test -e /touched"))
            .await
            .ok();
    })
    .await;
}

#[tokio::test]
async fn foreign_volumes_and_networks_are_out_of_reach() {
    in_world(async |world| {
        let volume = world.bob.docker("volume create secret").await.ok();
        assert_eq!(volume, "secret");
        let real = world.volumes().await.remove(0);
        let network = world.bob.docker("network create hidden").await.ok();
        let real_network = world.raw.get(&format!("/networks/{network}")).await.json()["Name"]
            .as_str()
            .expect("a name")
            .to_owned();
        for name in ["secret", &real] {
            world
                .alice
                .docker(&format!("volume inspect {name}"))
                .await
                .fails();
            world
                .alice
                .docker(&format!("volume rm {name}"))
                .await
                .fails();
        }
        // Creating what another has gives a volume of one's own.
        world
            .alice
            .docker_with(
                &[
                    "run",
                    "--rm",
                    "-v",
                    &format!("{real}:/d"),
                    "debian:12",
                    "touch",
                    "/d/x",
                ],
                b"",
            )
            .await
            .ok();
        assert_eq!(world.volumes().await.len(), 2);
        world
            .bob
            .docker("run --rm -v secret:/d debian:12 test -e /d/x")
            .await
            .fails();
        for name in [
            network.as_str(),
            &network[..12],
            "hidden",
            &real_network,
            &world.scope(&world.bob).network_id(),
        ] {
            world
                .alice
                .docker(&format!("run --rm --network {name} debian:12 true"))
                .await
                .fails();
            world
                .alice
                .docker(&format!("network inspect {name}"))
                .await
                .fails();
            world
                .alice
                .docker(&format!("network rm {name}"))
                .await
                .fails();
        }
        assert!(world.networks().await.contains(&network));
    })
    .await;
}

#[tokio::test]
async fn neighbours_cannot_be_reached_over_the_network() {
    in_world(async |world| {
        let serve = "$s=IO::Socket::INET->new(LocalPort=>80,Listen=>9) or die; while($c=$s->accept){print $c 1;close $c}";
        let id = world.bob.docker_with(&["run", "-d", "debian:12", "perl", "-MIO::Socket::INET", "-e", serve], b"").await.ok();
        let networks = world.inspect(&id).await["NetworkSettings"]["Networks"].clone();
        let address = networks.as_object().and_then(|all| all.values().next()).map(|one| one["IPAddress"].clone());
        let address = address.as_ref().and_then(|one| one.as_str()).expect("an address").to_owned();
        let dial = format!("exit !IO::Socket::INET->new(PeerAddr=>q({address}:80),Timeout=>3)");
        let dial = ["run", "--rm", "debian:12", "perl", "-MIO::Socket::INET", "-e", &dial];
        crate::common::until("the owner reaches it", async || world.bob.docker_with(&dial, b"").await.code == 0).await;
        assert_ne!(world.alice.docker_with(&dial, b"").await.code, 0);
    })
    .await;
}
