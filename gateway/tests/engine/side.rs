//! Somebody who uses an engine by its socket: by the docker command line, or by calls.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::process::Command;

/// How long any single step may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Somebody's way to an engine: the raw socket, or a scope's.
pub(crate) struct Side {
    pub(crate) name: String,
    pub(crate) socket: PathBuf,
    pub(crate) home: PathBuf,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// What a call was answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Ran {
    /// The output of a command that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out.trim().to_owned()
    }

    /// The complaint of a command that must have failed.
    #[track_caller]
    pub(crate) fn fails(self) -> String {
        assert_ne!(self.code, 0, "{self:?}");
        self.err
    }
}

impl Side {
    /// Runs the docker command line; `line` is split at spaces.
    pub(crate) async fn docker(&self, line: &str) -> Ran {
        self.docker_with(&line.split_whitespace().collect::<Vec<_>>(), b"")
            .await
    }

    pub(crate) async fn docker_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child = Command::new("docker")
            .args(arguments)
            .env("DOCKER_HOST", format!("unix://{}", self.socket.display()))
            .env("DOCKER_CONFIG", &self.home)
            .env("DOCKER_BUILDKIT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the docker command line is installed");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // A command that reads nothing closes the pipe; that is its right.
        let feed = tokio::spawn(async move { drop(stdin.write_all(&input).await) });
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output())
            .await
            .unwrap_or_else(|_| panic!("docker {arguments:?} did not end"))
            .expect("docker ran");
        feed.await.expect("the input was fed");
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The folder that is `/work` for this learner.
    pub(crate) fn workspace(&self) -> std::path::PathBuf {
        self.socket.with_extension("work")
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, Some(body.to_string())).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<String>) -> Reply {
        let body = body.unwrap_or_default();
        let work = async {
            let stream = UnixStream::connect(&self.socket)
                .await
                .expect("the socket answers");
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream))
                    .await
                    .expect("HTTP");
            let connection = tokio::spawn(connection);
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("Host", "docker")
                .header("Content-Type", "application/json")
                .body(Full::new(Bytes::from(body)))
                .expect("a request");
            let answer = sender.send_request(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let bytes = answer
                .into_body()
                .collect()
                .await
                .expect("a whole answer")
                .to_bytes();
            drop(sender);
            drop(connection);
            Reply {
                status,
                text: String::from_utf8_lossy(&bytes).into_owned(),
            }
        };
        tokio::time::timeout(PATIENCE, work)
            .await
            .unwrap_or_else(|_| panic!("{path} was not answered"))
    }
}
