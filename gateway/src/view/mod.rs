//! The engine's answers as the learner sees them: own names, own ports, no labels of ours, no paths of the host.

pub(crate) mod container;
pub(crate) mod images;
pub(crate) mod network;
pub(crate) mod volume;

use crate::policy::create::RESERVED;
use serde_json::Value;

/// Takes the gateway's labels out of a map of labels.
pub(crate) fn strip_labels(labels: &mut Value) {
    if let Some(labels) = labels.as_object_mut() {
        labels.retain(|key, _| !key.starts_with(RESERVED));
    }
}

/// The path that a volume has on an ordinary engine; the real one is nobody's business.
pub(crate) fn volume_path(name: &str) -> String {
    format!("/var/lib/docker/volumes/{name}/_data")
}
