//! Two learners on one engine, at the same time, with the same names and ports.

use crate::common::engine;
use crate::common::home::Home;
use crate::common::server::Server;

#[tokio::test]
async fn two_learners_do_not_see_each_other() {
    let home = Home::new();
    let server = Server::start(&home);
    let first = server.learner().await;
    let second = server.add_learner(&home, "second").await;
    first.start_sandbox().await;
    second.start_sandbox().await;
    let mut one = first.terminal(1).await;
    let mut two = second.terminal(1).await;

    for (terminal, word) in [(&mut one, "alpha"), (&mut two, "omega")] {
        let serve =
            format!("mkdir /www; echo {word} > /www/index.html; exec httpd -f -p 80 -h /www");
        terminal
            .must(&format!(
                "docker run -d --name web -p 8080:80 -v data:/data busybox sh -c '{serve}'"
            ))
            .await;
        terminal
            .must(&format!(
                "docker tag busybox {word}-image:1; docker network create {word}-net"
            ))
            .await;
    }
    assert_eq!(engine::learners_containers(&home.instance()).len(), 2);

    for (terminal, own, other) in [(&mut one, "alpha", "omega"), (&mut two, "omega", "alpha")] {
        assert_eq!(
            terminal.run("docker ps -a --format '{{.Names}}'").await,
            "web\n"
        );
        assert_eq!(terminal.run("docker volume ls -q").await, "data\n");
        let curl =
            "curl --silent --retry 20 --retry-connrefused --retry-delay 1 http://localhost:8080/";
        assert_eq!(terminal.run(curl).await, format!("{own}\n"));
        let listed = terminal
            .run("docker images; docker network ls; docker system df -v; docker info")
            .await;
        assert!(
            listed.contains(&format!("{own}-image")) && !listed.contains(other),
            "{listed}"
        );
        let missing = terminal
            .run(&format!(
                "docker image inspect {other}-image:1; docker network inspect {other}-net"
            ))
            .await;
        assert!(missing.to_lowercase().contains("no such"), "{missing}");
    }

    // One learner's id is nothing in the other's hands, and the answer is the same as for an id that never was.
    let id = one.run("docker ps -q --no-trunc").await.trim().to_owned();
    assert_eq!(id.len(), 64);
    let never = "0123456789abcdef".repeat(4);
    for command in [
        "inspect",
        "logs",
        "rm -f",
        "stop",
        "exec IT true",
        "cp IT:/etc/passwd .",
    ] {
        let with = |id: &str| {
            if command.contains("IT") {
                format!("docker {}", command.replace("IT", id))
            } else {
                format!("docker {command} {id}")
            }
        };
        let foreign = two.run(&format!("{} 2>&1", with(&id))).await;
        let unknown = two.run(&format!("{} 2>&1", with(&never))).await;
        assert_eq!(
            foreign.replace(&id, "ID"),
            unknown.replace(&never, "ID"),
            "{command}"
        );
    }
    assert_eq!(
        one.run("docker ps -q --no-trunc").await.trim(),
        id,
        "it still runs"
    );
}

#[tokio::test]
async fn two_servers_share_one_engine() {
    let (one, two) = (Home::new(), Home::new());
    let (first, second) = (Server::start(&one), Server::start(&two));
    let (alice, bob) = (first.learner().await, second.learner().await);
    alice.start_sandbox().await;
    bob.start_sandbox().await;
    let mut a = alice.terminal(1).await;
    let mut b = bob.terminal(1).await;
    a.must("docker run -d --name same busybox sleep 1000").await;
    b.must("docker run -d --name same busybox sleep 1000").await;
    assert_eq!(a.run("docker ps --format '{{.Names}}'").await, "same\n");
    assert_eq!(b.run("docker ps --format '{{.Names}}'").await, "same\n");
    // Uninstalling one leaves the other alone.
    assert!(first.stop().success());
    let uninstalled = one.run(&["uninstall", "--yes"]);
    assert!(
        uninstalled.status.success(),
        "{}",
        String::from_utf8_lossy(&uninstalled.stderr)
    );
    assert_eq!(b.run("docker ps --format '{{.Names}}'").await, "same\n");
}

#[tokio::test]
async fn what_is_not_ours_on_the_engine_is_not_touched() {
    let image = engine::image_ids();
    let socket = engine::socket();
    let name = format!("docktutor-test-stranger-{}", std::process::id());
    let reference = std::env::var("DOCKTUTOR_TEST_IMAGE").expect("run `make test`");
    let body = serde_json::json!({ "Image": reference, "Cmd": ["sleep", "1000"] }).to_string();
    let (status, made) = engine::request(
        &socket,
        "POST",
        &format!("/containers/create?name={name}"),
        &body,
    );
    assert_eq!(status, 201, "{made}");
    let stranger = Stranger(name);
    {
        let home = Home::new();
        let server = Server::start(&home);
        let learner = server.learner().await;
        learner.start_sandbox().await;
        let mut terminal = learner.terminal(1).await;
        let said = terminal
            .run(&format!("docker ps -a; docker inspect {} 2>&1", stranger.0))
            .await;
        assert!(!said.contains(&format!("\"/{}\"", stranger.0)), "{said}");
        terminal
            .run("docker container prune -f; docker system prune -af --volumes")
            .await;
    }
    let after = engine::get(&format!("/containers/{}/json", stranger.0));
    assert_eq!(after["State"]["Status"], "created");
    let now = engine::image_ids();
    assert!(
        image.iter().all(|id| now.contains(id)),
        "an image of somebody else is gone"
    );
}

/// A container that belongs to nobody of ours, removed at the end.
struct Stranger(String);

impl Drop for Stranger {
    fn drop(&mut self) {
        engine::request(
            &engine::socket(),
            "DELETE",
            &format!("/containers/{}?force=1&v=1", self.0),
            "",
        );
    }
}
