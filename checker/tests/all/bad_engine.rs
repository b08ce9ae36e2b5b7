//! Engines that hang, die or talk nonsense: the result is `error` within the deadline, never `fail`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use checker::spec::Exercise;
use checker::{Report, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::ground::{check, exercise, folder, head, result};

/// What a bad engine does with a request.
#[derive(Clone, Copy)]
enum Bad {
    /// Takes it and never answers.
    Hangs,
    /// Answers what is no HTTP.
    Garbage,
    /// Answers HTTP that is no JSON.
    NoJson,
    /// Closes the connection.
    Dies,
    /// Answers 500.
    Fails,
    /// Answers the greeting well, and hangs at the build.
    HangsLater,
    /// Answers the greeting well, and ends the build's output in the middle.
    DiesInBuild,
    /// Lists a container, and hangs when it is asked for more.
    HangsAtDetails,
    /// Answers the greeting well, and then prints without end into the build.
    Babbles,
}

const VERSION: &str = r#"{"Version":"20.10","ApiVersion":"1.41"}"#;

fn json(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn answer(mut stream: UnixStream, bad: Bad) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let later = matches!(
        bad,
        Bad::HangsLater | Bad::HangsAtDetails | Bad::DiesInBuild | Bad::Babbles
    );
    if later {
        if request.contains("/version") {
            return stream.write_all(json("200 OK", VERSION).as_bytes()).await;
        }
        if request.contains("/containers/json") {
            let one = r#"[{"Id":"aa","Names":["/web"],"State":"running","Created":4102444800}]"#;
            let list = if matches!(bad, Bad::HangsAtDetails) {
                one
            } else {
                "[]"
            };
            return stream.write_all(json("200 OK", list).as_bytes()).await;
        }
        if request.contains("/images/") {
            let missing = json("404 Not Found", r#"{"message":"no such image"}"#);
            return stream.write_all(missing.as_bytes()).await;
        }
    }
    let step = "{\"stream\":\"Step 1/1 : FROM base:1\\n\"}\n";
    match bad {
        Bad::Hangs | Bad::HangsLater | Bad::HangsAtDetails => std::future::pending().await,
        Bad::Garbage => stream.write_all(b"SSH-2.0-nonsense\r\n").await,
        Bad::NoJson => stream.write_all(json("200 OK", "<html>").as_bytes()).await,
        Bad::Dies => Ok(()),
        Bad::Fails => {
            let body = json("500 Internal Server Error", r#"{"message":"broken"}"#);
            stream.write_all(body.as_bytes()).await
        }
        Bad::DiesInBuild | Bad::Babbles => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            let chunk = format!("{:x}\r\n{step}\r\n", step.len());
            stream.write_all(chunk.as_bytes()).await?;
            while matches!(bad, Bad::Babbles) && request.contains("/build") {
                stream.write_all(b"3\r\n{}\n\r\n").await?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }
    }
}

async fn check_with(bad: Bad, seconds: u64) -> (Report, Duration) {
    let dir = folder(&[("Dockerfile", "FROM base:1\n")]);
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{dockerfile: {{has: [{{instruction: FROM}}]}}}}\n  - {}\n    assert: {{build: {{}}}}\n  - {}\n    assert: {{http: {{port: 80}}}}\n",
        head("text"),
        head("build"),
        head("http")
    ));
    checked(&exercise, dir.path(), bad, seconds).await
}

async fn checked(
    exercise: &Exercise,
    dir: &std::path::Path,
    bad: Bad,
    seconds: u64,
) -> (Report, Duration) {
    let place = tempfile::tempdir().unwrap();
    let socket: PathBuf = place.path().join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let server = tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                return;
            };
            tokio::spawn(answer(stream, bad));
        }
    });
    let began = Instant::now();
    let (report, _) = check(exercise, dir, Some(socket), "probe:1", seconds).await;
    server.abort();
    (report, began.elapsed())
}

#[tokio::test]
async fn state_cannot_be_judged_by_a_bad_engine() {
    let dir = folder(&[]);
    for assertion in [
        "container: {name: web, state: running, within: 1}",
        "volume: {name: notes}",
        "network: {name: front}",
        "resolves: {from: web, name: db}",
        "http: {container: web, port: 80, within: 1}",
        "registry: {container: web, repository: board, within: 1}",
    ] {
        let exercise = exercise(&format!(
            "  - {}\n    assert: {{{assertion}}}\n",
            head("it")
        ));
        for (bad, words) in [
            (Bad::Hangs, "did not answer within"),
            (Bad::HangsLater, ""),
            (Bad::HangsAtDetails, ""),
            (Bad::Garbage, "makes no sense"),
            (Bad::NoJson, "makes no sense"),
            (Bad::Dies, "failed or broke"),
            (Bad::Fails, "500: broken"),
        ] {
            // An engine without a container is well, whatever else it would not answer.
            let fine = matches!(bad, Bad::HangsLater) && assertion.starts_with("container");
            let fine = fine || matches!(bad, Bad::HangsLater) && assertion.starts_with("resolves");
            let (report, took) = checked(&exercise, dir.path(), bad, 2).await;
            let it = result(&report, "it");
            let wanted = if fine { Status::Fail } else { Status::Error };
            assert_eq!(it.status, wanted, "{assertion}: {it:#?}");
            assert!(it.message.contains(words), "{assertion}: {}", it.message);
            assert!(took < Duration::from_secs(15), "{assertion}: {took:?}");
        }
    }
}

async fn is_error(bad: Bad, words: &str) {
    let (report, took) = check_with(bad, 2).await;
    assert_eq!(result(&report, "text").status, Status::Pass);
    let build = result(&report, "build");
    assert_eq!(build.status, Status::Error, "{build:#?}");
    assert!(build.message.contains(words), "{}", build.message);
    assert_eq!(result(&report, "http").status, Status::Skipped);
    assert!(!report.passed);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[tokio::test]
async fn an_engine_that_never_answers_is_an_error() {
    is_error(Bad::Hangs, "did not answer within").await;
}

#[tokio::test]
async fn an_engine_that_talks_no_http_is_an_error() {
    is_error(Bad::Garbage, "makes no sense").await;
}

#[tokio::test]
async fn an_engine_that_talks_no_json_is_an_error() {
    is_error(Bad::NoJson, "makes no sense").await;
}

#[tokio::test]
async fn an_engine_that_closes_the_connection_is_an_error() {
    is_error(Bad::Dies, "failed or broke").await;
}

#[tokio::test]
async fn an_engine_that_fails_is_an_error() {
    is_error(Bad::Fails, "500: broken").await;
}

#[tokio::test]
async fn an_engine_that_hangs_at_the_build_is_an_error() {
    is_error(Bad::HangsLater, "did not answer within").await;
}

#[tokio::test]
async fn an_engine_that_dies_in_the_build_is_an_error() {
    is_error(Bad::DiesInBuild, "failed or broke").await;
}

#[tokio::test]
async fn an_engine_that_babbles_is_an_error_at_the_deadline() {
    is_error(Bad::Babbles, "").await;
}

#[tokio::test]
async fn no_engine_at_all_is_an_error_with_what_to_do() {
    let dir = folder(&[("Dockerfile", "FROM base:1\n")]);
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{build: {{}}}}\n",
        head("build")
    ));
    let nowhere = Some(dir.path().join("no.sock"));
    for engine in [None, nowhere] {
        let (report, _) = check(&exercise, dir.path(), engine, "probe:1", 5).await;
        let build = result(&report, "build");
        assert_eq!(build.status, Status::Error);
        assert!(
            build.message.contains("docktutor doctor"),
            "{}",
            build.message
        );
        assert_eq!(report.images_hash, "");
    }
}
