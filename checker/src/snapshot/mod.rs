//! The state of an engine at one moment, as plain data. Assertions read it; [`collect`] is what fills it.
//!
//! Nothing here knows the library that speaks to the engine, so that a rule can be tested with a snapshot written by
//! hand, and a snapshot can be kept as JSON.

mod clock;
pub(crate) mod collect;
mod files;
mod find;
mod from_engine;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use clock::seconds_of;
pub(crate) use wanted::{ExecAsk, Wanted};

/// What an engine holds, as far as it was asked for. Lists are sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EngineSnapshot {
    /// Seconds since 1970 at which it was taken.
    pub taken_at: i64,
    /// Containers, also those that do not run.
    pub containers: Vec<Container>,
    /// Images.
    pub images: Vec<Image>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// Networks.
    pub networks: Vec<Network>,
}

/// One container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the engine's leading slash.
    pub name: String,
    /// The image as it was named at the creation.
    pub image: String,
    /// Id of the image.
    pub image_id: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub state: String,
    /// `starting`, `healthy` or `unhealthy`; `None` without a health check.
    pub health: Option<String>,
    /// What the last health check printed.
    pub health_output: String,
    /// Of the last run.
    pub exit_code: i64,
    /// The kernel ended it, because its memory was used up.
    pub out_of_memory: bool,
    /// Why the engine could not start it; empty where it could.
    pub error: String,
    /// `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:3`.
    pub restart_policy: String,
    /// How often the engine has restarted it by its policy.
    pub restart_count: i64,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; the year 1 where it never was.
    pub started_at: String,
    /// RFC 3339; the year 1 where it never was.
    pub finished_at: String,
    /// Word by word.
    pub command: Vec<String>,
    /// Word by word.
    pub entrypoint: Vec<String>,
    /// By name.
    pub env: BTreeMap<String, String>,
    /// Empty for the default, root.
    pub user: String,
    /// Empty for `/`.
    pub workdir: String,
    /// By name.
    pub labels: BTreeMap<String, String>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Volumes, folders and file systems in memory.
    pub mounts: Vec<Mount>,
    /// By the network's name.
    pub networks: BTreeMap<String, Attachment>,
    /// `bridge`, `none`, `host`, a network's name or `container:ID`.
    pub network_mode: String,
    /// Limits.
    pub limits: Limits,
    /// What was asked for beyond its details.
    pub seen: Seen,
}

/// A published port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Port {
    /// Address of the host; `0.0.0.0` for all.
    pub host_ip: String,
    /// Port of the host.
    pub host: u16,
    /// Port in the container.
    pub container: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// Something mounted into a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mount {
    /// `volume`, `bind` or `tmpfs`.
    pub kind: String,
    /// The volume's name, or the folder of the host.
    pub source: String,
    /// Where it is in the container.
    pub target: String,
    /// Nothing can be written through it.
    pub read_only: bool,
}

/// A container's place on one network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Further names by which others on the network find it.
    pub aliases: Vec<String>,
    /// Its address; empty while it does not run.
    pub ip: String,
}

/// A container's limits; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes.
    pub memory: i64,
    /// Thousand-millionths of a processor.
    pub nano_cpus: i64,
    /// Processes.
    pub pids: i64,
}

/// What only some checks ask for, because it costs calls of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// Both streams as readable text.
    pub logs: Option<String>,
    /// The command lines of its processes; `None` where it does not run.
    pub processes: Option<Vec<String>>,
    /// Files of it that were looked at.
    pub files: Vec<FileSeen>,
    /// Commands that were run in it.
    pub execs: Vec<ExecSeen>,
    /// Names that were looked up from it.
    pub lookups: Vec<Lookup>,
}

/// A file of a container or a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeen {
    /// The path that was asked for.
    pub path: String,
    /// What is there.
    pub what: FileKind,
}

/// What lies at a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Nothing.
    #[default]
    Missing,
    /// A file with its first MiB as text.
    File {
        /// Bytes that are no UTF-8 are replaced.
        text: String,
    },
    /// A folder with the names in it, sorted; at most 200.
    Folder {
        /// Names of its direct children.
        names: Vec<String>,
    },
    /// Something else, as a device.
    Other,
}

/// A command that was run in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecSeen {
    /// Word by word.
    pub command: Vec<String>,
    /// The user; empty for the container's own.
    pub user: String,
    /// `None` where it did not run, because the container does not.
    pub exit_code: Option<i64>,
    /// Both streams as readable text.
    pub output: String,
}

/// A name that was looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The name.
    pub name: String,
    /// Its addresses; none where nobody knows it.
    pub addresses: Vec<String>,
}

/// One image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// `sha256:…`.
    pub id: String,
    /// `name:tag`.
    pub tags: Vec<String>,
    /// `name@sha256:…`, one for each place that it was pulled from or pushed to.
    pub digests: Vec<String>,
    /// By name.
    pub labels: BTreeMap<String, String>,
    /// Bytes.
    pub size: i64,
}

/// One volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Volume {
    /// Name; 64 hexadecimal digits for an anonymous one.
    pub name: String,
    /// `local` for the usual one.
    pub driver: String,
    /// By name.
    pub labels: BTreeMap<String, String>,
    /// Names of the containers that mount it, also of those that do not run.
    pub used_by: BTreeSet<String>,
    /// Files of it that were looked at.
    pub files: Vec<FileSeen>,
}

/// One network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// `bridge`, `host`, `none`, …
    pub driver: String,
    /// It has no way out.
    pub internal: bool,
    /// By name.
    pub labels: BTreeMap<String, String>,
    /// Names of the containers that are connected, also of those that do not run.
    pub containers: BTreeSet<String>,
}
