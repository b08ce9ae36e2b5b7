//! The engine below Docktutor, asked directly: what is really there, whatever Docktutor says.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The socket of the engine that the tests may use. `scripts/test.sh` starts it.
pub(crate) fn socket() -> PathBuf {
    std::env::var_os("DOCKTUTOR_TEST_ENGINE")
        .map(PathBuf::from)
        .expect("DOCKTUTOR_TEST_ENGINE names no engine socket: run scripts/test.sh, which starts an engine for the tests")
}

/// `GET path` on the raw engine.
pub(crate) fn get(path: &str) -> Value {
    let (status, body) = request(&socket(), "GET", path, "");
    assert_eq!(status, 200, "GET {path}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("GET {path}: {error}: {body}"))
}

/// Any request on an engine's socket, with a JSON body or none. HTTP/1.0, so that the answer ends with the connection.
pub(crate) fn request(socket: &Path, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream =
        UnixStream::connect(socket).unwrap_or_else(|error| panic!("{}: {error}", socket.display()));
    stream
        .set_read_timeout(Some(super::PATIENCE))
        .expect("a timeout can be set");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (
        status.unwrap_or_else(|| panic!("{method} {path}: no status in {head:?}")),
        body.to_owned(),
    )
}

/// Containers (running or not) that carry this instance's label.
pub(crate) fn containers(instance: &str) -> Vec<Value> {
    array(&get(&format!(
        "/containers/json?all=1&filters={}",
        label(instance)
    )))
}

/// Those of them that are a learner's own: everything but workbenches and what a check has made.
pub(crate) fn learners_containers(instance: &str) -> Vec<Value> {
    containers(instance)
        .into_iter()
        .filter(|container| container["Labels"]["docktutor.kind"].is_null())
        .collect()
}

/// Every container, volume, network and image with this instance's label, in words.
pub(crate) fn all_of(instance: &str) -> Vec<String> {
    let filter = label(instance);
    let mut all = Vec::new();
    for container in containers(instance) {
        all.push(format!(
            "container {} {}",
            container["Names"], container["Labels"]
        ));
    }
    for volume in array(&get(&format!("/volumes?filters={filter}"))["Volumes"]) {
        all.push(format!("volume {}", volume["Name"]));
    }
    for network in array(&get(&format!("/networks?filters={filter}"))) {
        all.push(format!("network {}", network["Name"]));
    }
    for image in array(&get(&format!("/images/json?filters={filter}"))) {
        all.push(format!("image {} {}", image["Id"], image["RepoTags"]));
    }
    all
}

/// Ids of all images of the engine.
pub(crate) fn image_ids() -> Vec<String> {
    let mut ids: Vec<String> = array(&get("/images/json?all=1"))
        .iter()
        .filter_map(|image| image["Id"].as_str().map(str::to_owned))
        .collect();
    ids.sort();
    ids
}

fn label(instance: &str) -> String {
    let filter =
        serde_json::json!({ "label": [format!("docktutor.instance={instance}")] }).to_string();
    percent_encoding::utf8_percent_encode(&filter, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
