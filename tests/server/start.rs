//! Starting and not being able to start.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use checker::{Event, Stage, Status};
use docktutor::web::protocol::{SandboxState, SandboxStatus};

use crate::common::home::{DOCKTUTOR, Home};
use crate::common::server::Server;
use crate::common::{EXERCISE, until};

/// One clear sentence on stderr, nothing of a panic or a backtrace, and exit code 3.
fn assert_fault(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for word in words {
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
    assert!(
        !said.contains("panicked") && !said.contains("backtrace"),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

#[tokio::test]
async fn without_an_engine_it_starts_and_says_what_to_do() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let status = until("a word about the engine", || async {
        let status: SandboxStatus = learner.status().await;
        (status.state == SandboxState::NoEngine).then_some(status)
    })
    .await;
    assert!(status.message.contains("DOCKER_HOST"), "{status:?}");
    assert!(!status.next.is_empty(), "{status:?}");

    let page = learner
        .get("/en/lessons/01-one-image-many-containers")
        .await;
    let map = learner.get("/").await;
    assert_eq!((page.status, map.status), (200, 200), "{}", page.text());

    let refused = learner.request("POST", "/api/sandbox/start", "").await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.text().contains("DOCKER_HOST"), "{}", refused.text());
    assert!(server.stop().success());
}

#[tokio::test]
async fn without_an_engine_the_text_is_still_checked() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let state = learner.start_exercise(EXERCISE).await;
    assert_eq!((state.points, state.attempts, state.passed), (0, 0, false));

    let (events, report) = learner.check(EXERCISE).await;
    assert!(events.contains(&Event::Stage { stage: Stage::Text }));
    assert!(!report.passed);
    let text: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.stage == Stage::Text)
        .collect();
    assert!(
        text.iter()
            .any(|check| check.status == Status::Fail && !check.findings.is_empty()),
        "{text:#?}"
    );
    assert!(
        text.iter().all(|check| check.status != Status::Error),
        "{text:#?}"
    );
    for check in report
        .checks
        .iter()
        .filter(|check| check.stage != Stage::Text)
    {
        assert!(
            matches!(check.status, Status::Error | Status::Skipped),
            "{check:#?}"
        );
        assert!(!check.message.is_empty(), "{check:#?}");
    }
    let state = learner.exercise(EXERCISE).await;
    assert_eq!((state.attempts, state.passed), (1, false));
    assert_eq!(
        state.report.as_ref(),
        Some(&report),
        "the report is stored before it is sent"
    );
}

#[test]
fn a_taken_port_is_one_sentence_and_exit_code_3() {
    let home = Home::without_engine();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let output = home.run(&["serve", "--listen", &address.to_string()]);
    assert_fault(&output, &[&address.port().to_string(), "--listen"]);
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let home = Home::without_engine();
    let _first = Server::start(&home);
    let output = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_fault(&output, &["another docktutor", "--data"]);
}

#[test]
fn a_data_folder_that_cannot_be_is_one_sentence_and_exit_code_3() {
    let home = Home::without_engine();
    let file = home.beside("a-file");
    std::fs::write(&file, "not a folder").expect("a file");
    let output = Command::new(DOCKTUTOR)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(file.join("data"))
        .output()
        .expect("docktutor can be run");
    assert_fault(&output, &["data folder", "--data"]);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let home = Home::without_engine();
    for arguments in [
        &["serve", "--listen", "nonsense"][..],
        &["no-such-command"],
        &["serve", "--no-such-flag"],
        &["serve", "--limit", "memory=lots"],
        &["serve", "--limit", "memory=1k"],
        &["serve", "--max-hours", "0"],
    ] {
        assert_eq!(home.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let bad_course = home.beside("course");
    std::fs::create_dir(&bad_course).expect("a folder");
    let output = home.run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--course",
        &bad_course.to_string_lossy(),
    ]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn the_address_stays_the_same_over_restarts() {
    let home = Home::without_engine();
    let first = Server::start(&home);
    let token = first.token().to_owned();
    assert!(first.stop().success());
    let second = Server::start(&home);
    assert_eq!(second.token(), token);
    second.learner().await;
}

#[test]
fn it_takes_as_many_connections_as_the_machine_lets_it() {
    let home = Home::without_engine();
    let ours = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -Sn 300; exec \"$0\" \"$@\""])
        .arg(ours.get_program())
        .args(ours.get_args())
        .stdout(Stdio::piped());
    for (name, value) in ours.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut child = command.spawn().expect("a shell");
    let mut line = String::new();
    let out = child.stdout.take().expect("a pipe");
    BufReader::new(out).read_line(&mut line).expect("a line");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id()));
    let _ = child.kill();
    let _ = child.wait();
    let limits = limits.expect("it runs");
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let words: Vec<&str> = files.expect("a line").split_whitespace().collect();
    assert_eq!(words[3], words[4], "{line}: {words:?}");
}
