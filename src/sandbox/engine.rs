//! Finding a Docker Engine, or starting a private one.
//!
//! An engine that somebody else runs is used as it is: never restarted, never configured, and nothing on it that does
//! not carry our label is touched. Only where no engine answers and `dockerd` is installed does Docktutor start one of
//! its own, and stops it again.

mod belongings;
mod bridge;
mod candidates;
mod connect;
mod firewall;
mod launch;
mod private;
mod processes;
mod remote;
mod system;
mod traces;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use belongings::Belongings;
pub use candidates::Origin;
pub use firewall::remove_firewall_tables;
pub use private::PrivateEngine;
pub use remote::{Forwarder, Remote};
pub use system::{Distribution, find_program, is_root, program_path};
pub use traces::sweep_private;

/// The oldest engine interface that the sandboxes work with: Docker Engine 20.10.
pub const OLDEST_API: (u32, u32) = (1, 41);

/// Something that stands in the way, said to a person: what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} {next}")]
pub struct Problem {
    /// What is wrong, one sentence.
    pub message: String,
    /// What mends it.
    pub next: String,
}

impl Problem {
    /// A problem from its two halves.
    pub fn new(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            next: next.into(),
        }
    }
}

/// Where an engine listens.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A unix socket on this machine.
    Unix(PathBuf),
    /// Another machine, by way of a socket here.
    Remote {
        /// Where it is.
        remote: Remote,
        /// The way there, as long as somebody holds it.
        forwarder: Arc<Forwarder>,
        /// The socket here.
        socket: PathBuf,
    },
}

impl Endpoint {
    /// The socket's path.
    pub fn socket(&self) -> &Path {
        match self {
            Self::Unix(path) => path,
            Self::Remote { socket, .. } => socket,
        }
    }

    /// The other machine, where it is one.
    pub fn remote(&self) -> Option<&Remote> {
        match self {
            Self::Unix(_) => None,
            Self::Remote { remote, .. } => Some(remote),
        }
    }
}

/// A connection to an engine, and what is known about it. A clone is another handle on the same engine.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The connection; its interface version is already negotiated.
    pub docker: bollard::Docker,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// How it was found.
    pub origin: Origin,
    /// What it calls itself: `Docker Engine`, `Podman Engine`.
    pub name: String,
    /// Its version, such as `28.2.2`.
    pub version: String,
    /// The interface version that we speak with it, such as `1.41`.
    pub api: String,
    /// Its storage driver, such as `overlay2`.
    pub storage_driver: String,
    /// Its cgroup version, `1` or `2`; empty where it does not say.
    pub cgroup_version: String,
    /// Its cgroup driver, `cgroupfs` or `systemd`; empty where it does not say.
    pub cgroup_driver: String,
    /// Its processor architecture as it says it: `x86_64`, `aarch64`.
    pub architecture: String,
    /// The system that it runs on, such as `Debian GNU/Linux 12 (bookworm)` or `Docker Desktop`.
    pub operating_system: String,
    /// Its data root, a path on its own machine.
    pub root_dir: PathBuf,
    /// Whether it runs without root.
    pub rootless: bool,
    /// Its memory, in bytes.
    pub memory: u64,
    private: Option<Arc<PrivateEngine>>,
}

impl Engine {
    /// Whether this is an engine that Docktutor started for itself.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Whether the engine shares this machine's kernel and file system, and is run by root: only then can limits,
    /// bind anchors and firewall rules be made for it.
    pub fn is_local_root(&self) -> bool {
        !self.rootless
            && self.endpoint.remote().is_none()
            && cfg!(target_os = "linux")
            && self.operating_system != "Docker Desktop"
            && self.name != "Podman"
            && self.root_dir.exists()
    }

    /// Whether a learner's workbench can run on it: it mounts the scope's socket and the workspace, which are here.
    pub fn check_for_workbench(&self) -> Result<(), Problem> {
        match self.endpoint.remote() {
            None => Ok(()),
            Some(remote) => Err(Problem::new(
                format!(
                    "The engine is on another machine ({remote}), and a learner's terminal needs one on this machine."
                ),
                "Unset DOCKER_HOST and DOCKER_CONTEXT to use an engine here. `docktutor gateway` and `docktutor check` work \
                 with the remote one.",
            )),
        }
    }

    /// Stops the private engine, with the containers on it, and removes its bridge. Somebody else's engine is left
    /// alone, and so is a private one that another of our processes still uses.
    pub async fn stop(&self) {
        if let Some(private) = &self.private {
            private.stop(&self.docker).await;
        }
    }
}

/// The runtime that learners' containers shall run by, from `DOCKTUTOR_RUNTIME`; nothing means the engine's default.
pub fn runtime() -> Option<String> {
    std::env::var("DOCKTUTOR_RUNTIME")
        .ok()
        .filter(|name| !name.is_empty())
}

/// What a search for an engine found.
#[derive(Debug)]
pub enum Found {
    /// This one answers.
    Engine(Box<Engine>),
    /// None answers; the places where one was looked for, each with what was there.
    Nothing(Vec<String>),
}

/// Looks for an engine that answers, without starting one.
///
/// The order: `DOCKER_HOST`; a private engine of ours that still runs; the default socket; the current Docker context;
/// Docker's and Podman's sockets of this user.
pub async fn find(data: &Path, instance: &str) -> Result<Found, Problem> {
    let surroundings = candidates::Surroundings::from_process();
    let mut tried = Vec::new();
    let candidates = candidates::list(&surroundings)?;
    let chosen = candidates.iter().any(candidates::Candidate::is_wish);
    if !chosen && let Some(engine) = private::adopt(data, instance).await? {
        return Ok(Found::Engine(Box::new(engine)));
    }
    for candidate in candidates {
        let socket = match &candidate.place {
            candidates::Place::Socket(socket) => socket,
            candidates::Place::Remote(remote) => {
                return Ok(Found::Engine(Box::new(reach(remote).await?)));
            }
        };
        match connect::connect(socket, candidate.origin.clone()).await {
            Ok(engine) => return Ok(Found::Engine(Box::new(engine))),
            Err(connect::Failure::Unfit(problem)) => return Err(problem),
            Err(connect::Failure::Silent(problem)) if candidate.origin == Origin::DockerHost => {
                return Err(problem);
            }
            Err(connect::Failure::Denied(problem)) => return Err(problem),
            Err(connect::Failure::Silent(problem)) => tried.push(problem.message),
            Err(connect::Failure::Absent) if candidate.origin == Origin::DockerHost => {
                return Err(Problem::new(
                    format!(
                        "DOCKER_HOST names {}, and there is no such socket.",
                        socket.display()
                    ),
                    "Start that engine, or unset DOCKER_HOST to use the usual one.",
                ));
            }
            Err(connect::Failure::Absent) => {
                tried.push(format!("There is no socket at {}.", socket.display()));
            }
        }
    }
    Ok(Found::Nothing(tried))
}

/// Connects to an engine on another machine.
pub async fn reach(remote: &Remote) -> Result<Engine, Problem> {
    let origin = match remote {
        Remote::Host(_) => Origin::DockerHost,
        Remote::Context(name) => Origin::Context(name.clone()),
    };
    connect::reach(remote, origin).await
}

/// Finds an engine, or starts a private one where `dockerd` is installed and we are root.
pub async fn find_or_start(data: &Path, instance: &str) -> Result<Engine, Problem> {
    let tried = match find(data, instance).await? {
        Found::Engine(engine) => return Ok(*engine),
        Found::Nothing(tried) => tried,
    };
    tracing::debug!(?tried, "no engine answers");
    let Some(dockerd) = find_program("dockerd") else {
        return Err(system::no_engine(&Distribution::of_this_machine(), &tried));
    };
    if !is_root() {
        return Err(system::engine_sleeps(&dockerd));
    }
    private::start(&dockerd, data, instance).await
}
