//! Taking more than one's share.

use std::thread;

use crate::attacker::{assert_harmless, begin};
use crate::common::engine;
use crate::common::home::Home;

/// Limits of a scope: `gateway::Limits::default()`.
const CONTAINERS: usize = 20;
const NETWORKS: usize = 10;
const VOLUMES: usize = 20;

#[tokio::test]
async fn a_hundred_at_once_are_not_more_than_the_quota() {
    let home = Home::new();
    let (_server, attacker) = begin(&home).await;
    let all = |path: &'static str, body: fn(usize) -> String| {
        let threads: Vec<_> = (0..100)
            .map(|number| {
                let socket = attacker.socket.clone();
                thread::spawn(move || engine::request(&socket, "POST", path, &body(number)).0)
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("an answer"))
            .filter(|status| *status == 201)
            .count()
    };
    let made = all("/v1.41/containers/create", |_| {
        r#"{"Image":"busybox","Cmd":["true"]}"#.to_owned()
    });
    assert_eq!(made, CONTAINERS);
    assert_eq!(
        engine::learners_containers(&home.instance()).len(),
        CONTAINERS
    );
    let made = all("/v1.41/volumes/create", |number| {
        format!(r#"{{"Name":"v{number}"}}"#)
    });
    assert_eq!(made, VOLUMES);
    let made = all("/v1.41/networks/create", |number| {
        format!(r#"{{"Name":"n{number}"}}"#)
    });
    assert_eq!(made, NETWORKS);
    assert_harmless(&home);
    let said = attacker.request("POST", "/v1.41/containers/create", r#"{"Image":"busybox"}"#);
    assert!(
        (400..500).contains(&said.0) && said.1.contains("20"),
        "the message names the limit: {said:?}"
    );
}

#[tokio::test]
async fn a_fork_bomb_and_a_full_memory_leave_the_terminal_usable() {
    let home = Home::new();
    let (_server, mut attacker) = begin(&home).await;
    attacker
        .run("docker run -d --name bomb busybox sh -c 'while :; do sleep 1000 & done'")
        .await;
    let hog = attacker
        .run("docker run --rm busybox sh -c 'tail /dev/zero'")
        .await;
    assert_ne!(hog.code, 0, "{}", hog.said);
    assert!(
        attacker
            .run("docker ps")
            .await
            .said
            .contains("CONTAINER ID")
    );
    let gone = attacker.run("docker rm -f bomb").await;
    assert_eq!(gone.code, 0, "{}", gone.said);
    assert_eq!(
        attacker
            .run("docker run --rm busybox echo alive")
            .await
            .said
            .trim(),
        "alive"
    );
}
