//! An image's configuration: what of it is the gateway's own business, and is taken out before a learner reads it.

use super::create::RESERVED;
use serde_json::Value;

/// Takes reserved labels, and the lines of history that set them, out of a configuration as it stands in a saved image.
/// Gives back whether anything was taken out; where nothing was, the text must go on as it is, because an image's id is
/// the hash of it.
pub(crate) fn strip(config: &mut Value) -> bool {
    let mut changed = strip_labels(&mut config["config"]);
    if config["container_config"].is_object() {
        let mentions = strip_labels(&mut config["container_config"])
            || mentions(&config["container_config"]["Cmd"]);
        // What the builder noted of its last step only matters to itself.
        if (mentions || changed)
            && let Some(fields) = config.as_object_mut()
        {
            fields.remove("container_config");
            changed = true;
        }
    }
    if let Some(steps) = config["history"].as_array_mut() {
        let before = steps.len();
        steps.retain(|step| step["empty_layer"] != true || !sets_reserved(&step["created_by"]));
        changed |= steps.len() != before;
    }
    if let Some(fields) = config.as_object_mut() {
        // Looking for a field puts an empty one there.
        fields.retain(|_, value| !value.is_null());
    }
    changed
}

/// Whether a step of an image's history only sets reserved labels.
pub(crate) fn sets_reserved(created_by: &Value) -> bool {
    created_by
        .as_str()
        .is_some_and(|text| text.contains(&format!("LABEL {RESERVED}")))
}

fn mentions(words: &Value) -> bool {
    words.as_array().into_iter().flatten().any(sets_reserved)
}

fn strip_labels(config: &mut Value) -> bool {
    let Some(labels) = config.get_mut("Labels").and_then(Value::as_object_mut) else {
        return false;
    };
    let before = labels.len();
    labels.retain(|key, _| !key.starts_with(RESERVED));
    labels.len() != before
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reserved_labels_and_their_step_are_taken_out() {
        let mut config = json!({
            "config": { "Labels": { "docktutor.scope": "s", "mine": "1" }, "Env": ["A=1"] },
            "container_config": { "Labels": null, "Cmd": ["/bin/sh", "-c", "#(nop) ", "LABEL docktutor.scope=s"] },
            "history": [
                { "created_by": "ADD x" },
                { "created_by": "/bin/sh -c #(nop)  LABEL docktutor.scope=s", "empty_layer": true },
                { "created_by": "LABEL mine=1", "empty_layer": true },
            ],
        });
        assert!(strip(&mut config));
        assert_eq!(
            config,
            json!({
                "config": { "Labels": { "mine": "1" }, "Env": ["A=1"] },
                "history": [{ "created_by": "ADD x" }, { "created_by": "LABEL mine=1", "empty_layer": true }],
            })
        );
        assert!(!strip(&mut config));
    }
}
