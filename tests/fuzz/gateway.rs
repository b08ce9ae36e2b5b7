//! A scope before an engine that judges: bytes go in by the scope's socket, as a learner's program sends them.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use gateway::{Access, Catalogue, CatalogueImage, Config, Gateway, Limits, ScopeSpec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use super::engine::{Engine, IMAGE, PATIENCE};

/// The scope's name.
pub(crate) const SCOPE: &str = "fuzz";

/// More of an answer is not read.
const ANSWER: usize = 64 << 10;

struct Stage {
    runtime: tokio::runtime::Runtime,
    engine: Arc<Engine>,
    socket: PathBuf,
    _gateway: Gateway,
    _folder: tempfile::TempDir,
}

/// One for all inputs: what they could change is refused by the engine, so that each input meets the same scope.
static STAGE: LazyLock<Mutex<Stage>> = LazyLock::new(|| Mutex::new(Stage::new()));

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Arc::new(Engine::default());
        let socket = folder.path().join("scope.sock");
        let gateway = runtime.block_on(async {
            // A peer that hangs up is an error to handle and not the end: a Rust program starts so, libFuzzer's does not.
            let _handled = signal(SignalKind::pipe()).expect("a handler");
            let upstream = folder.path().join("engine.sock");
            engine.listen(&upstream);
            let gateway = Gateway::open(Config {
                upstream,
                local: false,
                runtime: None,
                folder: folder.path().join("ledger"),
                instance: SCOPE.to_owned(),
            });
            let gateway = gateway.await.expect("a gateway");
            let image = CatalogueImage {
                id: IMAGE.to_owned(),
                stand_in: false,
                listed: true,
            };
            gateway.set_catalogue(Catalogue([("busybox:1".to_owned(), image)].into()));
            let spec = ScopeSpec {
                name: SCOPE.to_owned(),
                socket: socket.clone(),
                access: Access::Owner,
                workspace: None,
                limits: Limits {
                    requests_per_second: u32::MAX,
                    ..Limits::default()
                },
            };
            gateway.open_scope(spec).await.expect("a scope");
            gateway
        });
        let stage = Self {
            runtime,
            engine,
            socket,
            _gateway: gateway,
            _folder: folder,
        };
        stage.furnish();
        stage.engine.close();
        stage
    }

    /// Something of each kind, so that requests find what they name.
    fn furnish(&self) {
        for (path, body) in [
            ("/volumes/create", r#"{"Name":"data"}"#),
            ("/networks/create", r#"{"Name":"front","Driver":"bridge"}"#),
            (
                "/containers/create?name=web",
                r#"{"Image":"busybox:1","HostConfig":{"NetworkMode":"front"}}"#,
            ),
            ("/images/busybox:1/tag?repo=mine&tag=1", ""),
        ] {
            let answer = self.send(request(&format!("POST {path}"), body.as_bytes()), false);
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with("HTTP/1.1 201"), "{path}: {answer}");
        }
    }

    /// Sends bytes and gives back what is answered; `ends` says whether the client then closes its side.
    fn send(&self, bytes: Vec<u8>, ends: bool) -> Vec<u8> {
        self.runtime.block_on(async {
            let mut stream = UnixStream::connect(&self.socket)
                .await
                .expect("the scope listens");
            let mut answer = Vec::new();
            let exchange = async {
                // The scope may close while it is still being written to.
                let _ = stream.write_all(&bytes).await;
                if ends {
                    // Else a body that is shorter than its length is waited for.
                    let _ = stream.shutdown().await;
                }
                while answer.len() < ANSWER && !is_whole(&answer) {
                    match stream.read_buf(&mut answer).await {
                        Ok(0) | Err(_) => return,
                        Ok(_) => {}
                    }
                }
            };
            let ended = timeout(PATIENCE, exchange).await;
            assert!(
                ended.is_ok(),
                "no answer: {}",
                String::from_utf8_lossy(&bytes)
            );
            answer
        })
    }
}

/// A request as a client writes it: a method and a target, headers if the line has some after it, a body.
fn request(line: &str, body: &[u8]) -> Vec<u8> {
    let line = line.trim().replace(['\r', '\n'], "");
    let head = format!(
        "{line} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Whether an answer's end was read, as far as it is awaited: events and logs that follow never end.
fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    match length {
        Some(length) => answer.len() >= head + 4 + length,
        None => true,
    }
}

/// One request to a scope. The first line is a method and a target, the rest is the body; after a first line `RAW`, the rest
/// is what is sent, as it is.
pub(crate) fn run(bytes: &[u8]) {
    let stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let first = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(first);
    let rest = rest.get(1..).unwrap_or_default();
    let answer = match line {
        b"RAW" => stage.send(rest.to_vec(), true),
        line => stage.send(request(&String::from_utf8_lossy(line), rest), false),
    };
    let wrong = stage.engine.wrong();
    assert!(wrong.is_empty(), "{wrong:?}");
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.contains("\r\n\r\nthread '"), "{answer}");
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1."),
        "{answer}"
    );
}
