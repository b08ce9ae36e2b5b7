//! An image's configuration: what of it is the gateway's own business, and is taken out before a learner reads it.

use super::create::RESERVED;
use super::json;
use crate::error::Fault;
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

/// Fields of an image's configuration that the engine knows and that are harmless.
const IMAGE: [&str; 16] = [
    "architecture",
    "author",
    "comment",
    "config",
    "container",
    "container_config",
    "created",
    "docker_version",
    "history",
    "id",
    "os",
    "os.features",
    "os.version",
    "parent",
    "rootfs",
    "variant",
];
/// Fields of what its containers get.
const CONTAINER: [&str; 20] = [
    "ArgsEscaped",
    "AttachStderr",
    "AttachStdin",
    "AttachStdout",
    "Cmd",
    "Domainname",
    "Entrypoint",
    "Env",
    "ExposedPorts",
    "Healthcheck",
    "Hostname",
    "Image",
    "Labels",
    "OpenStdin",
    "Shell",
    "StdinOnce",
    "StopSignal",
    "StopTimeout",
    "Tty",
    "User",
];
const STEP: [&str; 5] = ["author", "comment", "created", "created_by", "empty_layer"];

/// An image's configuration that came from outside, fit for the engine.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The text; as it came if nothing had to be taken out, so that the image keeps its id.
    pub(crate) text: Vec<u8>,
    /// The hashes of its layers, without `sha256:`.
    pub(crate) layers: Vec<String>,
}

/// Judges a configuration that came from outside. What is not known, and what is reserved, is taken out.
pub(crate) fn judge(text: &[u8]) -> Result<Judged, Fault> {
    let mut image = json::object(text)?;
    let before = image.clone();
    image.retain(|key, _| IMAGE.contains(&key.as_str()));
    for part in ["config", "container_config"] {
        if let Some(Value::Object(config)) = image.get_mut(part) {
            if config
                .get("OnBuild")
                .is_some_and(|triggers| !json::is_empty(triggers))
            {
                return Err(Fault::refused(
                    "an image with ONBUILD: what it would do in later builds cannot be checked; build it here",
                ));
            }
            let known = |key: &str| {
                CONTAINER.contains(&key) || matches!(key, "WorkingDir" | "Volumes" | "OnBuild")
            };
            config.retain(|key, value| known(key) || json::is_empty(value) && is_word(key));
        }
    }
    if image
        .get("os")
        .and_then(Value::as_str)
        .is_some_and(|os| os != "linux")
    {
        return Err(Fault::refused("an image for another system than Linux"));
    }
    for step in image
        .get_mut("history")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(step) = step.as_object_mut() {
            step.retain(|key, _| STEP.contains(&key.as_str()));
        }
    }
    let mut value = Value::Object(image);
    let layers = layers(&value)?;
    let stripped = strip(&mut value);
    let same = !stripped && value.as_object() == Some(&before);
    let text = if same {
        text.to_vec()
    } else {
        value.to_string().into_bytes()
    };
    Ok(Judged { text, layers })
}

/// Letters that no folding of cases takes for others.
fn is_word(key: &str) -> bool {
    !CONTAINER
        .iter()
        .any(|known| known.eq_ignore_ascii_case(key))
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn layers(image: &Value) -> Result<Vec<String>, Fault> {
    let root = image["rootfs"].as_object().filter(|root| {
        root.get("type").is_some_and(|kind| kind == "layers")
            && root
                .keys()
                .all(|key| matches!(key.as_str(), "type" | "diff_ids"))
    });
    let ids = root
        .and_then(|root| root.get("diff_ids"))
        .and_then(Value::as_array);
    let hex = |id: &Value| {
        let hex = id.as_str()?.strip_prefix("sha256:")?;
        crate::names::is_full_id(hex).then(|| hex.to_owned())
    };
    let layers = ids.and_then(|ids| ids.iter().map(hex).collect::<Option<Vec<_>>>());
    let layers = layers.filter(|layers| !layers.is_empty() && layers.len() <= 127);
    let layers = layers.ok_or_else(|| Fault::bad("the image's rootfs is not a list of layers"))?;
    let steps = image["history"].as_array().into_iter().flatten();
    if steps.filter(|step| step["empty_layer"] != true).count() > layers.len() {
        return Err(Fault::bad("the image's history has more steps than layers"));
    }
    Ok(layers)
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

    fn image() -> Value {
        json!({
            "architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z",
            "config": { "Env": ["A=1"], "Cmd": ["sh"], "Labels": { "mine": "1" }, "WorkingDir": "/app", "Volumes": null },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", "ab".repeat(32))] },
            "history": [{ "created_by": "ADD x" }, { "created_by": "CMD sh", "empty_layer": true }],
        })
    }

    #[test]
    fn an_ordinary_image_stays_what_it_is() {
        let text = serde_json::to_vec_pretty(&image()).expect("JSON");
        let judged = judge(&text).expect("fine");
        assert_eq!(judged.text, text);
        assert_eq!(judged.layers, ["ab".repeat(32)]);
    }

    #[test]
    fn what_is_reserved_or_unknown_does_not_come_in() {
        let mut odd = image();
        odd["config"]["Labels"]["docktutor.scope"] = json!("other");
        odd["config"]["MacAddress"] = json!("02:00:00:00:00:01");
        odd["config"]["onbuild"] = json!(["COPY --from=victim / /"]);
        odd["CONFIG"] = json!({ "OnBuild": ["RUN id"] });
        odd["new"] = json!(1);
        let judged = judge(odd.to_string().as_bytes()).expect("fine");
        let text: Value = serde_json::from_slice(&judged.text).expect("JSON");
        assert_eq!(text, {
            let mut clean = image();
            clean["config"]
                .as_object_mut()
                .expect("fields")
                .remove("Volumes");
            clean["config"]["Volumes"] = Value::Null;
            clean
        });
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        let with = |change: fn(&mut Value)| {
            let mut image = image();
            change(&mut image);
            judge(image.to_string().as_bytes()).is_err()
        };
        assert!(with(|image| image["config"]["OnBuild"] = json!(["RUN id"])));
        assert!(with(|image| image["os"] = json!("windows")));
        assert!(with(|image| image["rootfs"] = json!({})));
        assert!(with(
            |image| image["rootfs"]["diff_ids"] = json!(["sha256:../../x"])
        ));
        assert!(with(|image| image["rootfs"]["DIFF_IDS"] = json!([])));
        assert!(with(|image| image["history"] = json!([{}, {}])));
        assert!(judge(br#"{"config":{},"config":{"OnBuild":["RUN id"]}}"#).is_err());
    }
}
