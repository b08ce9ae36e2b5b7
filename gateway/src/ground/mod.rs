//! What only the host can do: listeners in another network namespace. Nothing else of the crate touches the host.

mod netns;
pub(crate) mod ports;
mod relay;
pub(crate) mod subnets;
