//! What only the host can do: listeners in another network namespace, mounts. Nothing else of the crate touches the host.

pub(crate) mod anchors;
mod netns;
pub(crate) mod ports;
mod relay;
pub(crate) mod subnets;
