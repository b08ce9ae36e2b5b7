//! What only the host can do: listeners in another network namespace, mounts, control groups, firewall rules, the engine's files. Nothing else of the crate touches the host.

pub(crate) mod anchors;
pub(crate) mod cgroups;
pub(crate) mod disk;
pub(crate) mod firewall;
pub(crate) mod layers;
mod netns;
pub(crate) mod ports;
pub(crate) mod relay;
pub(crate) mod subnets;
