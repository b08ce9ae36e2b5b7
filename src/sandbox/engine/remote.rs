//! An engine on another machine: a socket of ours whose connections Docker's own command line carries there.
//!
//! `docker system dial-stdio` connects to an engine and copies between it and its standard input and output. It knows
//! `tcp://` with TLS (`DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`), `ssh://`, and contexts with their certificates. Everything
//! else speaks to the socket and need not know.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::process::Command;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Problem, find_program};

/// How folders with such a socket are named, before the id of their process.
const PREFIX: &str = "docktutor-remote-";

/// So much of what the command line complains about is kept.
const COMPLAINT: u64 = 2000;

/// A remote engine, as Docker's command line is told about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remote {
    /// An address such as `tcp://10.0.0.5:2376` or `ssh://me@there`.
    Host(String),
    /// The name of a context.
    Context(String),
}

impl std::fmt::Display for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::Context(name) => write!(f, "Docker context {name}"),
        }
    }
}

impl Remote {
    /// The remote engine of an address; nothing where it is of no kind that is known.
    pub(super) fn of_host(host: &str) -> Option<Self> {
        let known = ["tcp://", "ssh://"].iter().any(|scheme| {
            host.strip_prefix(scheme)
                .is_some_and(|rest| !rest.is_empty())
        });
        known.then(|| Self::Host(host.to_owned()))
    }

    /// The option that names it on Docker's command line.
    pub(super) fn option(&self) -> String {
        self.arguments().join(" ")
    }

    fn arguments(&self) -> [&str; 2] {
        match self {
            Self::Host(host) => ["-H", host],
            Self::Context(name) => ["--context", name],
        }
    }
}

/// The socket before a remote engine; it is there until this is dropped.
#[derive(Debug)]
pub struct Forwarder {
    folder: tempfile::TempDir,
    complaint: Arc<Mutex<String>>,
    _stop: DropGuard,
}

impl Forwarder {
    /// Makes the socket. The engine is not asked yet.
    pub(super) fn new(remote: &Remote) -> Result<Self, Problem> {
        let Some(docker) = find_program("docker") else {
            return Err(Problem::new(
                format!(
                    "The engine is remote ({remote}), and there is no docker command to reach it with."
                ),
                "Install Docker's command line: sudo apt-get install docker-cli.",
            ));
        };
        let no_socket = |error: std::io::Error| {
            Problem::new(
                format!("No socket can be made before the remote engine {remote}: {error}."),
                "Look at the rights and the room of the folder for temporary files ($TMPDIR).",
            )
        };
        sweep(&std::env::temp_dir());
        // Only this user can enter the folder.
        let folder = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir()
            .map_err(no_socket)?;
        let listener = UnixListener::bind(socket(folder.path())).map_err(no_socket)?;
        let (complaint, stop) = (Arc::default(), CancellationToken::new());
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept(
            listener,
            docker,
            remote.clone(),
            Arc::clone(&complaint),
            stop.clone(),
        )));
        Ok(Self {
            folder,
            complaint,
            _stop: stop.drop_guard(),
        })
    }

    /// Where the engine seems to listen.
    pub(super) fn socket(&self) -> PathBuf {
        socket(self.folder.path())
    }

    /// What the command line said when it last could not connect; empty where it said nothing.
    pub(super) fn complaint(&self) -> String {
        self.complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Takes away folders whose process was killed.
fn sweep(place: &Path) {
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        let gone = pid
            .and_then(Pid::from_raw)
            .is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH));
        if gone {
            // Another user's stays where it is.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("engine.sock")
}

async fn accept(
    listener: UnixListener,
    docker: PathBuf,
    remote: Remote,
    complaint: Arc<Mutex<String>>,
    stop: CancellationToken,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (docker, remote, complaint) = (docker.clone(), remote.clone(), complaint.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            let said = carry(stream, &docker, &remote)
                .await
                .unwrap_or_else(|error| format!("{}: {error}", docker.display()));
            if !said.is_empty() {
                tracing::debug!(%remote, said, "a connection to the remote engine ended");
                *complaint.lock().unwrap_or_else(PoisonError::into_inner) = said;
            }
        }));
    }
}

/// Carries one connection until the engine ends it, or the client is gone. Gives what was said on standard error.
async fn carry(stream: UnixStream, docker: &Path, remote: &Remote) -> std::io::Result<String> {
    // A process group of its own: Ctrl+C is for us, and we still have containers to stop through this.
    let mut child = Command::new(docker)
        .args(remote.arguments())
        .args(["system", "dial-stdio"])
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_HOST")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let (Some(mut stdin), Some(mut stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Ok(String::new());
    };
    let (mut from_client, mut to_client) = stream.into_split();
    let up = async {
        // Whichever side breaks off, the other one sees it by its own end.
        let _ = tokio::io::copy(&mut from_client, &mut stdin).await;
        drop(stdin);
        std::future::pending::<()>().await;
    };
    let down = async {
        let _ = tokio::io::copy(&mut stdout, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    let complaint = async {
        let mut said = Vec::new();
        let mut stderr = stderr;
        let _ = (&mut stderr).take(COMPLAINT).read_to_end(&mut said).await;
        let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        String::from_utf8_lossy(&said).trim().to_owned()
    };
    tokio::select! {
        () = up => Ok(String::new()),
        ((), said) = async { tokio::join!(down, complaint) } => {
            child.wait().await?;
            Ok(said)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_taken_away() {
        let place = tempfile::tempdir().unwrap();
        let mut gone = std::process::Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        let names = [
            format!("{PREFIX}{}-a", gone.id()),
            format!("{PREFIX}{}-b", std::process::id()),
            "other".to_owned(),
        ];
        for name in &names {
            std::fs::create_dir(place.path().join(name)).unwrap();
        }
        sweep(place.path());
        let left = names.map(|name| place.path().join(name).exists());
        assert_eq!(left, [false, true, true]);
    }

    #[test]
    fn addresses_of_other_machines_are_known_by_their_scheme() {
        for host in ["tcp://10.0.0.1:2376", "ssh://me@there"] {
            assert_eq!(Remote::of_host(host), Some(Remote::Host(host.to_owned())));
        }
        for host in [
            "unix://relative",
            "npipe:////./pipe/docker",
            "tcp://",
            "me@there",
        ] {
            assert_eq!(Remote::of_host(host), None, "{host}");
        }
    }
}
