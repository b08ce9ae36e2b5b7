//! An engine that is none, behind a gateway: it says what engines say, takes nothing on once the scope is furnished, and
//! judges whatever reaches it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::UnixListener;

/// The image of the catalogue.
pub(crate) const IMAGE: &str =
    "sha256:5d41402abc4b2a76b9719d911017c592ae5e3f1d2b4c6a8097f0e1d2c3b4a596";

/// The only fields of a create body's `HostConfig`; nothing that leads to the host is among them.
const HOST_CONFIG: &str = "Memory MemorySwap MemoryReservation NanoCpus PidsLimit CpuShares CpusetCpus RestartPolicy \
    AutoRemove ReadonlyRootfs CapDrop GroupAdd ExtraHosts Ulimits ShmSize IpcMode CgroupnsMode SecurityOpt LogConfig \
    Init ConsoleSize CgroupParent Mounts NetworkMode";

/// The only query parameters that any call may carry.
const QUERY: &str = "all size filters name force v link t signal follow stdout stderr since until timestamps tail \
    details ps_args stream one-shot condition path noOverwriteDirNonDir copyUIDGID logs stdin h w detachKeys repo tag \
    comment author pause changes container dockerfile q nocache cachefrom rm forcerm memory memswap cpuperiod cpuquota \
    cpushares cpusetcpus shmsize labels buildargs networkmode target platform cgroupparent extrahosts squash version \
    noprune names quiet fromSrc message digests type verbose scope dangling pull ulimits securityopt";

/// What there is, and what was wrong.
#[derive(Default)]
pub(crate) struct Engine(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    closed: bool,
    containers: Vec<Value>,
    networks: Vec<Value>,
    volumes: Vec<Value>,
    wrong: Vec<String>,
}

impl Engine {
    /// Listens until the runtime ends.
    pub(crate) fn listen(self: &Arc<Self>, socket: &Path) {
        let listener = UnixListener::bind(socket).expect("a socket");
        let me = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let me = Arc::clone(&me);
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let me = Arc::clone(&me);
                        async move { Ok::<_, Infallible>(me.answer(request).await) }
                    });
                    // A gateway that hangs up is no fault of the engine's.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
    }

    /// From now on nothing is made any more, and everything is judged.
    pub(crate) fn close(&self) {
        self.inside().closed = true;
    }

    /// What should not have come here, since the last question.
    pub(crate) fn wrong(&self) -> Vec<String> {
        std::mem::take(&mut self.inside().wrong)
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<BoxBody<Bytes, Infallible>> {
        let (parts, body) = request.into_parts();
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or(""));
        if path.ends_with("/events") && !query.contains("until=") {
            return Response::new(StreamBody::new(futures_util::stream::pending()).boxed());
        }
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes);
        let body = body.unwrap_or_default();
        let mut inside = self.inside();
        let words: Vec<&str> = path.split('/').skip(2).collect();
        if inside.closed {
            let known = inside.known();
            if let Err(why) = judge(&parts.method, &path, &words, query, &body, &known) {
                let body = String::from_utf8_lossy(&body);
                inside
                    .wrong
                    .push(format!("{why}: {} {path}?{query} {body}", parts.method));
            }
        }
        let (status, value) = inside.reply(&parts.method, &words, query, &body);
        let mut response = Response::new(Full::from(value.to_string()).boxed());
        *response.status_mut() = status;
        response
    }
}

impl Inside {
    /// Ids and names of what there is.
    fn known(&self) -> BTreeSet<String> {
        let all = self
            .containers
            .iter()
            .chain(&self.networks)
            .chain(&self.volumes);
        all.flat_map(|one| [&one["Id"], &one["Name"]])
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn reply(
        &mut self,
        method: &Method,
        words: &[&str],
        query: &str,
        body: &[u8],
    ) -> (StatusCode, Value) {
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = |nth: usize| format!("{:0>64}", format!("ab{nth:x}"));
        let found = |list: &[Value], key: &str, text: &str| {
            let one = list.iter().find(|one| one[key] == text);
            one.cloned().map_or(
                (StatusCode::NOT_FOUND, json!({ "message": "no such thing" })),
                |one| (StatusCode::OK, one),
            )
        };
        match (method.as_str(), words) {
            ("GET", ["version"]) => (
                StatusCode::OK,
                json!({ "ApiVersion": "1.41", "MinAPIVersion": "1.12" }),
            ),
            ("GET", ["info"]) => (
                StatusCode::OK,
                json!({ "MemoryLimit": true, "PidsLimit": true, "CpuCfsQuota": true, "NCPU": 4, "MemTotal": 1u64 << 34 }),
            ),
            ("GET", ["containers", "json"]) => (StatusCode::OK, json!(self.containers)),
            ("GET", ["networks"]) => (StatusCode::OK, json!(self.networks)),
            ("GET", ["volumes"]) => (StatusCode::OK, json!({ "Volumes": self.volumes })),
            ("GET", ["images", "json"]) => (
                StatusCode::OK,
                json!([{ "Id": IMAGE, "RepoTags": ["busybox:1"] }]),
            ),
            ("GET", ["images", .., "json"]) => (
                StatusCode::OK,
                json!({ "Id": IMAGE, "Config": { "Cmd": ["sh"], "Volumes": { "/data": {} }, "ExposedPorts": { "80/tcp": {} } } }),
            ),
            ("GET", ["images", .., "history"]) => (
                StatusCode::OK,
                json!([{ "Id": IMAGE, "Tags": ["busybox:1"] }]),
            ),
            ("GET", ["containers", id, "json"]) => found(&self.containers, "Id", id),
            ("GET", ["networks", id]) => found(&self.networks, "Id", id),
            ("GET", ["volumes", name]) => found(&self.volumes, "Name", name),
            ("POST", [kind @ ("containers" | "networks" | "volumes"), "create"])
                if !self.closed =>
            {
                let name = query.strip_prefix("name=").or(sent["Name"].as_str());
                let name = name.unwrap_or("unnamed");
                let config = &sent["HostConfig"];
                let list = match *kind {
                    "containers" => &mut self.containers,
                    "networks" => &mut self.networks,
                    _ => &mut self.volumes,
                };
                let id = id(list.len() + kind.len() * 256);
                list.push(json!({
                    "Id": id, "Name": name, "Names": [format!("/{name}")], "Labels": sent["Labels"], "Driver": "local",
                    "State": { "Running": true, "Pid": 1 }, "Image": IMAGE, "Mounts": [], "HostConfig": config,
                    "Config": sent, "NetworkSettings": { "Networks": {} }, "Options": sent["Options"], "Containers": {},
                    "Mountpoint": "/var/lib/docker/volumes/x/_data", "Scope": "local", "IPAM": {},
                }));
                (
                    StatusCode::CREATED,
                    json!({ "Id": id, "Name": name, "Warnings": [] }),
                )
            }
            ("POST", ["images", .., "tag"]) if !self.closed => (StatusCode::CREATED, Value::Null),
            ("POST", ["networks", _, _]) if !self.closed => (StatusCode::OK, Value::Null),
            _ => (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "message": "not today" }),
            ),
        }
    }
}

/// Whether a request may reach an engine that others use too.
fn judge(
    method: &Method,
    path: &str,
    words: &[&str],
    query: &str,
    body: &[u8],
    known: &BTreeSet<String>,
) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@".contains(c);
    if !path.starts_with("/v1.41/") || !path.chars().all(plain) || path.contains("//") {
        return Err("a path that is not the gateway's own");
    }
    if words.iter().any(|word| matches!(*word, "." | "..")) {
        return Err("a path that leads up");
    }
    let query_words: BTreeSet<&str> = QUERY.split_whitespace().collect();
    let keys = query.split('&').filter(|pair| !pair.is_empty());
    if !keys
        .map(|pair| pair.split('=').next().unwrap_or(pair))
        .all(|key| query_words.contains(key))
    {
        return Err("a query parameter that is not the gateway's own");
    }
    if ["remote=", "fromImage=", "host&", "networkmode=host"]
        .iter()
        .any(|text| query.contains(text))
    {
        return Err("a query that leads to the host");
    }
    let is_own = |id: &str| known.contains(id);
    match (method.as_str(), words) {
        (
            _,
            ["containers" | "networks" | "volumes", "json" | "create"] | ["networks" | "volumes"],
        ) => {}
        (_, ["containers" | "networks" | "volumes", id, ..]) if !is_own(id) => {
            return Err("an object that is not the scope's");
        }
        (_, ["images", id, ..])
            if !(id.starts_with("sha256:")
                || id.starts_with("docktutor-")
                || matches!(*id, "json" | "get" | "load" | "create")) =>
        {
            return Err("an image by a name that is not the gateway's");
        }
        (
            _,
            [
                "containers" | "networks" | "volumes" | "images" | "exec",
                ..,
            ],
        )
        | (
            _,
            ["build" | "commit" | "events" | "info" | "version"]
            | ["system", "df"]
            | ["build", "prune"],
        ) => {}
        _ => return Err("a call that no scope makes"),
    }
    match (method.as_str(), words) {
        ("POST", ["containers", _, "start"]) if !body.is_empty() => Err("a start with a body"),
        ("POST", ["containers", "create"]) => judge_create(body),
        ("POST", ["volumes", "create"]) => {
            let sent: Value = serde_json::from_slice(body).map_err(|_| "a body that is no JSON")?;
            let options = &sent["DriverOpts"];
            let empty =
                options.is_null() || options.as_object().is_some_and(serde_json::Map::is_empty);
            let local = sent["Driver"].is_null() || sent["Driver"] == "local";
            (empty && local)
                .then_some(())
                .ok_or("a volume that leads to the host")
        }
        ("POST", ["containers", _, "exec"]) => {
            let sent: Value = serde_json::from_slice(body).map_err(|_| "a body that is no JSON")?;
            (sent["Privileged"] != true)
                .then_some(())
                .ok_or("a privileged exec")
        }
        _ => Ok(()),
    }
}

fn judge_create(body: &[u8]) -> Result<(), &'static str> {
    let sent: Value = serde_json::from_slice(body).map_err(|_| "a body that is no JSON")?;
    let allowed: BTreeSet<&str> = HOST_CONFIG.split_whitespace().collect();
    let host = sent["HostConfig"].as_object().ok_or("no HostConfig")?;
    if !host.keys().all(|key| allowed.contains(key.as_str())) {
        return Err("a field of HostConfig that is not allowed");
    }
    if sent["Labels"]["docktutor.scope"] != crate::targets::SCOPE {
        return Err("a container without its scope's label");
    }
    let mode = host
        .get("NetworkMode")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if mode == "host" || mode.starts_with("container:") || mode == "bridge" || mode == "default" {
        return Err("a network that is not the scope's");
    }
    let memory = host.get("Memory").and_then(Value::as_i64).unwrap_or(0);
    if memory <= 0 || memory > 1 << 30 {
        return Err("memory beyond the limit");
    }
    for mount in host
        .get("Mounts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if mount["Type"] == "bind" || !mount["VolumeOptions"]["DriverConfig"].is_null() {
            return Err("a mount of the host");
        }
    }
    let secure = host
        .get("SecurityOpt")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    if !secure.clone().any(|option| option == "no-new-privileges")
        || secure.clone().any(|option| {
            option
                .as_str()
                .is_some_and(|text| text.contains("unconfined"))
        })
    {
        return Err("security options that are not the gateway's");
    }
    Ok(())
}

/// How long an answer may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
