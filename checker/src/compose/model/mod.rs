//! The effective model: what Compose would start, after all files, variables, short forms and profiles.
//!
//! The tree that [`normalise`] and [`cast`] leave has the shape of `docker compose config --format json`; [`Project`] is
//! the typed part of it that the graph, the live picture and the assertions look at.

mod cast;
mod graph;
mod json;
mod normal;
mod read;
mod units;

use std::collections::BTreeMap;

use serde::Serialize;

pub(super) use cast::cast;
pub use graph::{Edge, EdgeKind};
pub use json::to_json;
pub(super) use normal::{normalise, project_name};

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Project {
    /// Its name; the names of networks and volumes begin with it.
    pub name: String,
    /// The services that run in the active profiles.
    pub services: BTreeMap<String, Service>,
    /// The networks that they use.
    pub networks: BTreeMap<String, Resource>,
    /// The named volumes that they use.
    pub volumes: BTreeMap<String, Resource>,
    /// The secrets that they use.
    pub secrets: BTreeMap<String, Resource>,
    /// The configs that they use.
    pub configs: BTreeMap<String, Resource>,
}

/// A network, volume, secret or config.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Its name for the engine: `project_data`.
    pub name: String,
    /// Whether it must be there already.
    pub external: bool,
    /// Whether a network leads nowhere else.
    #[serde(skip_serializing_if = "is_false")]
    pub internal: bool,
    /// The driver, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The file of a secret or config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Service {
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// How the image is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// Instead of the image's command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Instead of the image's entrypoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// The container's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `always`, `unless-stopped` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<String>,
    /// Variables; without a value where nothing gives one.
    pub environment: BTreeMap<String, Option<String>>,
    /// Published ports, ranges as single ports.
    pub ports: Vec<Port>,
    /// Mounts.
    pub volumes: Vec<Mount>,
    /// Networks with the other names there.
    pub networks: BTreeMap<String, Attachment>,
    /// `host`, `none`, `service:x`; without networks then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_mode: Option<String>,
    /// What must be so before it starts.
    pub depends_on: BTreeMap<String, Dependency>,
    /// `service:name` or `service` of `links`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// How its health is found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Limits.
    #[serde(skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// How many containers, where more or less than one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u64>,
    /// The profiles in which it runs; in all where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// Names of its secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Names of its configs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<String>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// How an image is built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Build {
    /// The folder.
    pub context: String,
    /// The Dockerfile in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// The stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Build arguments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Option<String>>,
}

/// A published port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Port {
    /// The address of the host, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_ip: Option<String>,
    /// The port of the host; `8000-8010` where one of them is taken, nothing where any is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// The port of the container.
    pub target: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A mount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs` and others.
    #[serde(rename = "type")]
    pub kind: String,
    /// A volume's name, or a path of the host from the project's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The path in the container.
    pub target: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// How a service is in a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its other names there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its address, where one is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4_address: Option<String>,
}

/// What a service waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// `service_started`, `service_healthy`, `service_completed_successfully`.
    pub condition: String,
    /// Whether it cannot start without.
    pub required: bool,
}

/// How health is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Healthcheck {
    /// `["CMD-SHELL", "…"]`; empty where the image's own is used.
    pub test: Vec<String>,
    /// As Go writes durations: `1m30s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Whether the image's own is switched off.
    pub disable: bool,
}

/// What a container may take.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Limits {
    /// Processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Bytes of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids: Option<i64>,
}

impl Limits {
    fn is_empty(&self) -> bool {
        *self == Limits::default()
    }
}
