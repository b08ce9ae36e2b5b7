//! Networks.

use super::strip_labels;
use crate::ledger::{Network, State};
use serde_json::{Value, json};

/// Rewrites one network; containers that are not the scope's, such as the workbench, are not shown.
pub(crate) fn show(mut value: Value, network: &Network, state: &State) -> Value {
    value["Name"] = json!(network.name);
    strip_labels(&mut value["Labels"]);
    // Only the gateway sets options: the name of the bridge.
    value["Options"] = json!({});
    if let Some(containers) = value["Containers"].as_object_mut() {
        containers.retain(|id, _| state.container_by_id(id).is_some());
        for (id, endpoint) in containers.iter_mut() {
            if let Some(container) = state.container_by_id(id) {
                endpoint["Name"] = json!(container.name);
            }
        }
    }
    value
}

/// The engine's own `host` and `none`, which everybody expects to see.
pub(crate) fn predefined(mut value: Value) -> Value {
    value["Containers"] = json!({});
    value["Labels"] = json!({});
    value
}
