//! What the gateway costs a request: a scope's socket beside the raw engine's, and beside HAProxy before the same engine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::engine;
use crate::common::gateway::Open;
use crate::common::home::Home;
use crate::haproxy::Haproxy;
use crate::{compare, course_image, more, row};

const CALLS: usize = 200;
const COMMANDS: usize = 20;
const LIVES: usize = 25;

pub(crate) fn measure() {
    let home = Home::new();
    let image = course_image("busybox");
    let scope = Open::start(
        &home,
        "bench",
        &["--image", &image, "--limit", "requests-per-second=10000"],
    );
    let (ours, raw) = (scope.socket.as_path(), engine::socket());
    let haproxy = Haproxy::start(&raw);
    let proxied = |work: &dyn Fn(&Path)| {
        if let Some(proxy) = &haproxy {
            work(&proxy.socket);
        }
    };
    for _ in 0..3 {
        let id = create(ours, &image);
        ask(ours, "POST", &format!("/v1.41/containers/{id}/start"), "");
    }

    let what = "GET /containers/json";
    let turns: [&dyn Fn(); 3] = [&|| list(ours), &|| list(&raw), &|| proxied(&list)];
    let [mut through, mut past, mut other] = by_turns(CALLS, turns);
    let aim = "at most 0.3 ms";
    more(
        &format!("{what}, more than raw"),
        &mut through,
        &mut past,
        aim,
    );
    compare(&format!("{what}, scope : raw"), &mut through, &mut past, "");
    beside_haproxy(what, &mut through, haproxy.as_ref().map(|_| &mut other));

    let what = "docker ps";
    let ps = |socket: &Path| ps(socket, &[]);
    let turns: [&dyn Fn(); 3] = [&|| ps(ours), &|| ps(&raw), &|| proxied(&ps)];
    let [mut through, mut past, mut other] = by_turns(COMMANDS, turns);
    compare(&format!("{what}, scope : raw"), &mut through, &mut past, "");
    beside_haproxy(what, &mut through, haproxy.as_ref().map(|_| &mut other));

    let what = "create, start, rm";
    let network = Network::make();
    let life = |socket: &Path| life(socket, &image, "default");
    let alike = || self::life(&raw, &image, NETWORK);
    let turns: [&dyn Fn(); 4] = [&|| life(ours), &|| life(&raw), &|| proxied(&life), &alike];
    let [mut through, mut past, mut other, mut alike] = by_turns(LIVES, turns);
    let aim = "at most 1.05";
    compare(
        &format!("{what}, scope : raw"),
        &mut through,
        &mut past,
        aim,
    );
    // Every scope has a network of its own, and for such a network an engine starts a name server in each container.
    let like = format!("{what}, scope : raw, network of its own");
    compare(&like, &mut through, &mut alike, aim);
    beside_haproxy(what, &mut through, haproxy.as_ref().map(|_| &mut other));
    drop(network);
}

/// Takes turns, so that whatever else the machine does is everybody's.
fn by_turns<const N: usize>(rounds: usize, works: [&dyn Fn(); N]) -> [Vec<Duration>; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (times, work) in times.iter_mut().zip(works) {
            let started = Instant::now();
            work();
            times.push(started.elapsed());
        }
    }
    times
}

fn beside_haproxy(what: &str, ours: &mut [Duration], theirs: Option<&mut Vec<Duration>>) {
    let what = format!("{what}, scope : HAProxy");
    match theirs {
        Some(theirs) => compare(&what, ours, theirs, ""),
        None => row(&what, "-", "not there", "-", ""),
    }
}

/// A network on the raw engine; removed when dropped.
struct Network;

const NETWORK: &str = "docktutor-bench";

impl Network {
    fn make() -> Network {
        let body = json!({ "Name": NETWORK, "CheckDuplicate": true }).to_string();
        ask(&engine::socket(), "POST", "/v1.41/networks/create", &body);
        Network
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let path = format!("/v1.41/networks/{NETWORK}");
        engine::request(&engine::socket(), "DELETE", &path, "");
    }
}

pub(crate) fn ask(socket: &Path, method: &str, path: &str, body: &str) -> String {
    let (status, said) = engine::request(socket, method, path, body);
    assert!((200..300).contains(&status), "{method} {path}: {said}");
    said
}

fn list(socket: &Path) {
    ask(socket, "GET", "/v1.41/containers/json", "");
}

pub(crate) fn ps(socket: &Path, arguments: &[&str]) {
    let status = Command::new("docker")
        .arg("--host")
        .arg(format!("unix://{}", socket.display()))
        .arg("ps")
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .expect("docker can be run");
    assert!(status.success());
}

pub(crate) fn create(socket: &Path, image: &str) -> String {
    create_in(socket, image, "default")
}

fn create_in(socket: &Path, image: &str, network: &str) -> String {
    let host = json!({ "NetworkMode": network });
    let body = json!({ "Image": image, "Cmd": ["sleep", "1000"], "HostConfig": host }).to_string();
    let said = ask(socket, "POST", "/v1.41/containers/create", &body);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    said["Id"].as_str().expect("an id").to_owned()
}

/// What `docker run` is to an engine, and `docker rm -f`.
fn life(socket: &Path, image: &str, network: &str) {
    let id = create_in(socket, image, network);
    ask(socket, "POST", &format!("/v1.41/containers/{id}/start"), "");
    ask(
        socket,
        "DELETE",
        &format!("/v1.41/containers/{id}?force=1"),
        "",
    );
}
