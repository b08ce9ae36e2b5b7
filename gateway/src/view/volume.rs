//! Volumes.

use super::{strip_labels, volume_path};
use crate::ledger::Volume;
use serde_json::{Map, Value, json};

/// Rewrites one volume.
pub(crate) fn show(mut value: Value, volume: &Volume) -> Value {
    value["Name"] = json!(volume.name);
    value["Mountpoint"] = json!(volume_path(&volume.name));
    strip_labels(&mut value["Labels"]);
    // An ordinary engine has nothing where nothing was asked for.
    for key in ["Labels", "Options"] {
        if value[key].as_object().is_some_and(Map::is_empty) {
            value[key] = Value::Null;
        }
    }
    value
}
