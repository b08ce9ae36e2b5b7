//! Volumes.

use super::{strip_labels, volume_path};
use crate::ledger::Volume;
use serde_json::{Value, json};

/// Rewrites one volume.
pub(crate) fn show(mut value: Value, volume: &Volume) -> Value {
    value["Name"] = json!(volume.name);
    value["Mountpoint"] = json!(volume_path(&volume.name));
    strip_labels(&mut value["Labels"]);
    value
}
