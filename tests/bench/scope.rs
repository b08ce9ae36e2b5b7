//! What the gateway costs: `docker ps` on the learner's socket and on the raw engine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::engine;
use crate::common::home::Home;
use crate::common::server::Server;
use crate::compare;

const CALLS: usize = 200;
const COMMANDS: usize = 20;

pub(crate) async fn measure() {
    let home = Home::new();
    let server = Server::start_with(&home, &["--no-spare"]);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    terminal
        .run("for i in 1 2 3; do docker run -d busybox sleep 1000; done")
        .await;
    let socket: PathBuf = std::fs::read_dir(home.data().join("scopes"))
        .expect("the scopes")
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("run/docker.sock"))
        .find(|path| path.exists())
        .expect("the learner's socket");
    let raw = engine::socket();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        ours.push(call(&socket));
        theirs.push(call(&raw));
    }
    compare(
        "GET /containers/json, scope : raw engine",
        &mut ours,
        &mut theirs,
        "",
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..COMMANDS {
        ours.push(command(&socket));
        theirs.push(command(&raw));
    }
    compare("docker ps, scope : raw engine", &mut ours, &mut theirs, "");
}

fn call(socket: &Path) -> Duration {
    let started = Instant::now();
    let (status, said) = engine::request(socket, "GET", "/v1.41/containers/json", "");
    assert_eq!(status, 200, "{said}");
    started.elapsed()
}

fn command(socket: &Path) -> Duration {
    let started = Instant::now();
    let status = Command::new("docker")
        .arg("--host")
        .arg(format!("unix://{}", socket.display()))
        .arg("ps")
        .stdout(Stdio::null())
        .status()
        .expect("docker can be run");
    assert!(status.success());
    started.elapsed()
}
