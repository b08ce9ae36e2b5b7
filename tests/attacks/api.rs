//! Past the clients: odd JSON, odd paths, odd versions, on the learner's own socket.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use serde_json::Value;

use crate::attacker::{assert_harmless, begin, names};
use crate::common::home::Home;
use crate::common::{PATIENCE, engine};

#[tokio::test]
async fn create_bodies_that_mean_something_else_to_the_engine() {
    let home = Home::new();
    let (_server, attacker) = begin(&home).await;
    for body in [
        r#"{"Image":"busybox","HostConfig":{"Privileged":true}}"#,
        r#"{"Image":"busybox","HostConfig":{"privileged":true}}"#,
        r#"{"Image":"busybox","hostconfig":{"Privileged":true}}"#,
        r#"{"Image":"busybox","HostConfig":{"Privileged":false,"Privileged":true}}"#,
        r#"{"Image":"busybox","HostConfig":{"Privileged":false},"HostConfig":{"Privileged":true}}"#,
        r#"{"Image":"busybox","HostConfig":{"\u0050rivileged":true}}"#,
        r#"{"Image":"busybox","HostConfig":{"Binds":["/:/host"]}}"#,
        r#"{"Image":"busybox","HostConfig":{"bindſ":["/:/host"]}}"#,
        r#"{"Image":"busybox","HostConfig":{"Bindſ":["/:/host"]}}"#,
        r#"{"Image":"busybox","Binds":["/:/host"],"Privileged":true}"#,
        r#"{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"bind","Source":"/","Target":"/host"}]}}"#,
        r#"{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"volume","Target":"/host","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/"}}}}]}}"#,
        r#"{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"npipe","Source":"/","Target":"/host"}]}}"#,
        r#"{"Image":"busybox","HostConfig":{"NetworkMode":"host"}}"#,
        r#"{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"host":{}}}}"#,
        r#"{"Image":"busybox","HostConfig":{"PidMode":"host","IpcMode":"host","UTSMode":"host"}}"#,
        r#"{"Image":"busybox","HostConfig":{"CapAdd":["ALL"],"SecurityOpt":["seccomp=unconfined"]}}"#,
        r#"{"Image":"busybox","HostConfig":{"MaskedPaths":[],"ReadonlyPaths":[]}}"#,
        r#"{"Image":"busybox","HostConfig":{"Memory":-1,"PidsLimit":-1,"NanoCpus":-1}}"#,
        r#"{"Image":"busybox","HostConfig":{"Runtime":"runsc","CgroupParent":"/","Isolation":"process"}}"#,
        r#"{"Image":"busybox","Labels":{"docktutor.scope":"other","docktutor.instance":"x","docktutor.kind":"workbench"}}"#,
        r#"{"Image":"busybox","HostConfig":{"Links":["other:x"],"VolumesFrom":["other"]}}"#,
        r#"{"Image":"busybox","HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8088"}]}}}"#,
        r#"{"Image":"busybox","NoSuchField":1}"#,
        r#"{"Image":"busybox"} {"HostConfig":{"Privileged":true}}"#,
        "[]",
        "",
        "{",
    ] {
        let (status, said) = attacker.request("POST", "/v1.41/containers/create", body);
        assert!(matches!(status, 201 | 400..=499), "{body}: {status} {said}");
        if status == 201 {
            let id = serde_json::from_str::<Value>(&said).expect("JSON")["Id"]
                .as_str()
                .expect("an id")
                .to_owned();
            attacker.request("POST", &format!("/v1.41/containers/{id}/start"), "");
        }
        assert_harmless(&home);
    }
    // What a body says about labels does not make it invisible to its owner, nor somebody else's.
    let own = engine::learners_containers(&home.instance());
    assert!(
        own.iter()
            .all(|one| one["Labels"]["docktutor.scope"] == attacker.scope.as_str()),
        "{own:#?}"
    );
}

#[tokio::test]
async fn start_takes_no_new_configuration() {
    let home = Home::new();
    let (_server, mut attacker) = begin(&home).await;
    attacker
        .run("docker create --name late busybox sleep 1000")
        .await;
    for version in ["v1.12", "v1.18", "v1.23", "v1.24", "v1.41", "v9.99"] {
        let body = r#"{"Privileged":true,"Binds":["/:/host"],"NetworkMode":"host"}"#;
        let (status, said) =
            attacker.request("POST", &format!("/{version}/containers/late/start"), body);
        assert!(
            matches!(status, 204 | 304 | 400..=499),
            "{version}: {status} {said}"
        );
        assert_harmless(&home);
    }
}

#[tokio::test]
async fn paths_that_are_not_what_they_seem() {
    let home = Home::new();
    let (_server, attacker) = begin(&home).await;
    let raw_containers = engine::get("/containers/json?all=1")
        .as_array()
        .map_or(0, Vec::len);
    for path in [
        "/containers/../containers/json",
        "/v1.41/containers/x/../../containers/json?all=1",
        "/v1.41/containers/%2e%2e/json",
        "/v1.41%2fcontainers/json",
        "//v1.41/containers/json",
        "/v1.41//containers/json",
        "/v1.41/./containers/json",
        "/V1.41/containers/json",
        "/v1.41/v1.41/containers/json",
        "/v1/containers/json",
        "/containers/json%00",
        "/containers/json;x=1",
        "/containers/json/",
        "/CONTAINERS/json",
        "/grpc",
        "/session",
        "/swarm",
        "/nodes",
        "/secrets",
        "/configs",
        "/plugins",
        "/debug/pprof/goroutine",
        "/metrics",
        "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22docktutor.instance%22%5D%7D",
    ] {
        let (status, said) = attacker.request("GET", path, "");
        if status == 200 {
            let listed: Value = serde_json::from_str(&said).unwrap_or(Value::Null);
            assert_eq!(
                names(&listed),
                Vec::<String>::new(),
                "{path} shows what is not the learner's: {said}"
            );
        } else {
            assert!((400..=501).contains(&status), "{path}: {status} {said}");
            let words: Value = serde_json::from_str(&said)
                .unwrap_or_else(|error| panic!("{path}: {error}: {said}"));
            assert!(
                words["message"].as_str().is_some_and(|text| text.len() > 5),
                "{path}: {said}"
            );
        }
    }
    assert_eq!(
        engine::get("/containers/json?all=1")
            .as_array()
            .map_or(0, Vec::len),
        raw_containers
    );
}

/// Sends raw bytes and gives everything that comes back until the connection ends or rests.
fn exchange(socket: &std::path::Path, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket).expect("the socket");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    // A refusal may come while we still write.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn requests_inside_requests() {
    let home = Home::new();
    let (_server, attacker) = begin(&home).await;
    let hidden =
        "GET /v1.41/containers/json?all=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let body = r#"{"Image":"busybox"}"#;
    let length = body.len();
    for request in [
        // Two lengths, length and chunks, a length that lies, a header that is folded or odd.
        format!(
            "POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: {length}\r\n\r\n{body}{hidden}"
        ),
        format!(
            "POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n{hidden}"
        ),
        format!(
            "GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1.41/exec/none/start HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}{hidden}"
        ),
        format!(
            "POST /v1.41/containers/none/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{hidden}"
        ),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned() + hidden,
        format!("GET http://127.0.0.1/containers/json HTTP/1.1\r\nHost: x\r\n\r\n{hidden}"),
        "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
    ] {
        let answer = exchange(&attacker.socket, request.as_bytes());
        // A later request on the same connection may be answered, but by the gateway: the workbench is never listed.
        assert!(
            !answer.contains("docktutor.kind") && !answer.contains("workbench"),
            "{request}\n{answer}"
        );
        assert_harmless(&home);
    }
    let (status, _) = attacker.request("GET", "/_ping", "");
    assert_eq!(status, 200, "the socket still serves");
}
