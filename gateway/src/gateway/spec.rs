//! What a gateway and a scope are opened with.

use crate::error::GatewayError;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the engine is, and where the gateway keeps its books.
#[derive(Debug, Clone)]
pub struct Config {
    /// The engine's unix socket.
    pub upstream: PathBuf,
    /// Whether the engine behind that socket may be root's on this host. For a remote one, or one in a virtual machine or a
    /// user's namespaces, nothing of this host is mounted, bound or counted: its process ids and addresses mean something else here.
    pub local: bool,
    /// Folder of the ledger; one gateway at a time uses it.
    pub folder: PathBuf,
    /// Value of the label `docktutor.instance` on everything that is made.
    pub instance: String,
    /// The runtime that containers of scopes run by, such as `crun`, `sysbox-runc` or `runsc`; the engine's default where
    /// none is named. Steps of builds run by the engine's default: the classic builder takes no other.
    pub runtime: Option<String>,
}

/// Who may use a scope's socket, as far as its folder lets him come there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The user that this process runs as.
    Owner,
    /// Everybody: in a workbench, programs run under other user ids.
    Everybody,
}

/// A folder and the path by which clients name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub(crate) folder: PathBuf,
    /// Absolute, with single slashes and none at the end.
    pub(crate) seen_as: String,
    /// Whether the folder is the scope's own, so that what is in it counts as its disk.
    pub(crate) own: bool,
}

impl Workspace {
    /// For clients in a workbench, where the folder is mounted at `/work`.
    pub fn in_workbench(folder: PathBuf) -> Self {
        Self {
            folder,
            seen_as: "/work".to_owned(),
            own: true,
        }
    }

    /// For clients beside this process, which name the folder by its own path. It is the user's, and its files are not
    /// counted. Nothing where that path is no text, or
    /// is the root of everything.
    pub fn beside(folder: &std::path::Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        let seen_as = folder.to_str().filter(|path| *path != "/")?.to_owned();
        Some(Self {
            folder,
            seen_as,
            own: false,
        })
    }
}

/// A scope to be opened.
#[derive(Debug, Clone)]
pub struct ScopeSpec {
    /// Four to sixteen lower-case letters and digits.
    pub name: String,
    /// Where the scope's socket shall be; the folder exists.
    pub socket: PathBuf,
    /// Who may use the socket.
    pub access: Access,
    /// The folder whose paths may be bound into containers, where this process is root and in the engine's mount
    /// namespace. Without it, no path may.
    pub workspace: Option<Workspace>,
    /// What the scope may use.
    pub limits: Limits,
}

/// What a scope may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Memory in bytes: of all containers and builds together where the scope has a control group of its own, and of each
    /// container in any case. So it is with CPU time and processes.
    pub memory: u64,
    /// CPU time, in billionths of a CPU.
    pub nano_cpus: i64,
    /// Processes.
    pub pids: i64,
    /// Containers, running or not.
    pub containers: u32,
    /// Networks besides the default one.
    pub networks: u32,
    /// Volumes, anonymous ones too.
    pub volumes: u32,
    /// Images that the scope made.
    pub images: u32,
    /// Bytes of one archive that comes in: a build context, `docker cp`, `docker load`, `docker import`; for images and
    /// contexts, also what it unpacks to.
    pub archive: u64,
    /// Whether containers may go to the internet. To other scopes, to the engine's host and to metadata addresses they
    /// never may, where the firewall's rules hold.
    pub internet: bool,
    /// Bytes on the engine's disk: what containers write into themselves, to volumes and to their logs, layers of own images,
    /// and a workspace in a workbench. Over it nothing more can be made; who goes on writing is stopped.
    pub disk: u64,
    /// Bytes in the scope's part of the course's registry.
    pub registry: u64,
    /// Builds, loads, imports, commits, pushes and pulls at the same time; others wait for their turn.
    pub builds: u32,
    /// Seconds that a build may take.
    pub build_seconds: u64,
    /// Commands at the same time in one container (`docker exec`), those that were made and not started among them.
    pub execs: u32,
    /// Requests per second in the long run; five times as many may come at once. Streams count once.
    pub requests_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            nano_cpus: 2_000_000_000,
            pids: 512,
            containers: 20,
            networks: 10,
            volumes: 20,
            images: 40,
            archive: 512 << 20,
            internet: true,
            disk: 4 << 30,
            registry: 1 << 30,
            builds: 2,
            build_seconds: 1200,
            execs: 32,
            requests_per_second: 100,
        }
    }
}

/// The images that every scope sees, by the reference that a learner writes (`python:3.11-slim`).
#[derive(Debug, Clone, Default)]
pub struct Catalogue(pub BTreeMap<String, CatalogueImage>);

/// One image of the catalogue.
#[derive(Debug, Clone)]
pub struct CatalogueImage {
    /// Full identifier, `sha256:…`.
    pub id: String,
    /// Whether it was built here in place of the real one.
    pub stand_in: bool,
    /// Whether learners see it. One that is not listed can be started by its reference and does not exist otherwise.
    pub listed: bool,
}
impl ScopeSpec {
    /// Whether a scope can be opened so; the engine is not asked.
    pub fn check(&self) -> Result<(), GatewayError> {
        check_name(&self.name)?;
        self.limits.check()
    }
}

impl Limits {
    /// Whether a scope can be opened with these.
    pub fn check(&self) -> Result<(), GatewayError> {
        if self.memory < 16 << 20
            || self.disk < 1 << 20
            || self.nano_cpus < 10_000_000
            || self.pids < 8
            || self.containers == 0
            || self.builds == 0
            || self.requests_per_second == 0
        {
            return Err(GatewayError::Spec(
                "a scope needs 16 MiB of memory, 1 MiB of disk, 0.01 CPU, 8 processes, a container, a build and a request per second at least"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// Whether a scope may have this name.
pub fn check_name(name: &str) -> Result<(), GatewayError> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if (4..=16).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    Err(GatewayError::Spec(format!(
        "a scope's name has 4 to 16 lower-case letters and digits, not {name:?}"
    )))
}
