//! The server goes and comes back: by kill -9, and by SIGTERM.

use crate::common::engine;
use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::{EXERCISE, until};

fn state_of(instance: &str, name: &str) -> Option<(String, String)> {
    engine::learners_containers(instance)
        .into_iter()
        .find_map(|container| {
            let names = container["Names"].to_string();
            let id = container["Id"].as_str()?.to_owned();
            names
                .contains(name)
                .then(|| (id, container["State"].as_str().unwrap_or("").to_owned()))
        })
}

#[tokio::test]
async fn kill_9_keeps_files_progress_containers_and_the_shell() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    learner.start_exercise(EXERCISE).await;
    let (_, report) = learner.check(EXERCISE).await;
    let mut terminal = learner.terminal(1).await;
    terminal
        .must("docker run -d --name survivor -p 8080:80 busybox httpd -f -p 80 -h /etc")
        .await;
    terminal
        .run("variable=still-$((20 + 1)); cd /tmp; echo before-the-crash")
        .await;
    let shell = terminal.run("echo $$").await;
    let (id, state) = state_of(&home.instance(), "survivor").expect("the container");
    assert_eq!(state, "running");
    // This goes on while no server is there.
    terminal
        .send(b"for i in $(seq 1 300); do echo count-$i; sleep 0.01; done\r")
        .await;
    terminal.wait_for("count-10\r").await;
    drop(terminal);
    // What was shown is written behind; what comes in the last moment before a crash may be lost.
    until("the scrollback on the disk", || async {
        let scopes = std::fs::read_dir(home.data().join("scopes")).ok()?;
        scopes
            .filter_map(|scope| std::fs::read_dir(scope.ok()?.path().join("terminals")).ok())
            .flatten()
            .filter_map(|file| std::fs::read(file.ok()?.path()).ok())
            .find(|bytes| String::from_utf8_lossy(bytes).contains("count-10\r"))
    })
    .await;
    server.kill();

    let server = Server::start(&home);
    let learner = server.learner().await;
    assert_eq!(learner.exercise(EXERCISE).await.report, Some(report));
    assert!(
        learner
            .files()
            .await
            .iter()
            .any(|entry| entry.path == "first-dockerfile/Dockerfile")
    );
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    terminal.wait_for("before-the-crash").await;
    assert_eq!(
        terminal.run("echo $variable; pwd").await,
        "still-21\n/tmp\n"
    );
    assert_eq!(terminal.run("echo $$").await, shell);
    assert_eq!(
        state_of(&home.instance(), "survivor"),
        Some((id, "running".to_owned()))
    );
    assert!(
        terminal
            .run("docker ps --format '{{.Names}}'")
            .await
            .contains("survivor")
    );
    let said = terminal.run("curl --silent --retry 20 --retry-connrefused --retry-delay 1 http://localhost:8080/passwd").await;
    assert!(
        said.contains("root:"),
        "the published port is there again: {said}"
    );
}

#[tokio::test]
async fn sigterm_stops_all_containers_and_the_next_start_has_them() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    terminal
        .must("docker run -d --name kept busybox sh -c 'echo started >> /log; exec sleep 1000'")
        .await;
    terminal
        .must("docker volume create things; echo text > file.txt")
        .await;
    let (id, _) = state_of(&home.instance(), "kept").expect("the container");
    assert!(server.stop().success());

    let running: Vec<_> = engine::containers(&home.instance())
        .into_iter()
        .filter(|container| container["State"] == "running")
        .collect();
    assert!(running.is_empty(), "still running: {running:#?}");
    let (same, state) = state_of(&home.instance(), "kept").expect("the container is kept");
    assert_eq!((same.as_str(), state.as_str()), (id.as_str(), "exited"));

    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    assert!(
        terminal
            .run("docker ps -a --format '{{.Names}}'")
            .await
            .contains("kept")
    );
    assert!(terminal.run("docker volume ls -q").await.contains("things"));
    assert_eq!(terminal.run("cat file.txt").await, "text\n");
    terminal.must("docker start kept").await;
    let log = terminal.run("docker exec kept cat /log").await;
    assert!(
        log.starts_with("started\nstarted") || log == "started\n",
        "{log}"
    );
    assert!(
        state_of(&home.instance(), "kept")
            .is_some_and(|(same, state)| same == id && state == "running")
    );
}

#[tokio::test]
async fn a_second_start_builds_nothing() {
    let home = Home::new();
    let server = Server::start(&home);
    server.learner().await.start_sandbox().await;
    let images = engine::image_ids();
    assert!(server.stop().success());
    let server = Server::start(&home);
    server.learner().await.start_sandbox().await;
    assert_eq!(engine::image_ids(), images);
    assert!(server.stop().success());
}

#[tokio::test]
async fn sigterm_in_the_middle_of_a_check_leaves_nothing() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    learner.start_exercise(EXERCISE).await;
    let checking = tokio::spawn({
        let learner = learner.clone();
        async move {
            learner
                .request(
                    "POST",
                    &format!("/api/exercise/check/{EXERCISE}?lang=en"),
                    "",
                )
                .await
                .status
        }
    });
    until("the check to begin", || async {
        let answer = learner
            .request(
                "POST",
                &format!("/api/exercise/check/{EXERCISE}?lang=en"),
                "",
            )
            .await;
        (answer.status == 409 || checking.is_finished()).then_some(())
    })
    .await;
    assert!(server.stop().success());
    let left: Vec<_> = engine::containers(&home.instance())
        .into_iter()
        .filter(|container| !container["Labels"]["docktutor.check"].is_null())
        .collect();
    assert!(
        left.iter().all(|container| container["State"] != "running"),
        "{left:#?}"
    );
    let server = Server::start(&home);
    server.learner().await.start_sandbox().await;
    let left: Vec<_> = engine::containers(&home.instance())
        .into_iter()
        .filter(|container| !container["Labels"]["docktutor.check"].is_null())
        .collect();
    assert!(
        left.is_empty(),
        "a check's containers outlive it: {left:#?}"
    );
}
