//! The engine as a whole: its version, its state, its disk, made from what the scope may see.

use super::{Answer, Ask, images, ok};
use crate::error::Fault;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::{Body, Call, full};
use crate::view;
use hyper::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn ping() -> Response<Body> {
    let mut response = Response::new(full("OK"));
    let headers = response.headers_mut();
    let text = hyper::header::HeaderValue::from_static;
    headers.insert(
        hyper::header::CONTENT_TYPE,
        text("text/plain; charset=utf-8"),
    );
    headers.insert(
        hyper::header::CACHE_CONTROL,
        text("no-cache, no-store, must-revalidate"),
    );
    // The classic builder is the only one that this engine has for its clients.
    headers.insert("Builder-Version", text("1"));
    headers.insert("Swarm", text("inactive"));
    response
}

pub(crate) fn version(scope: &Inner) -> Response<Body> {
    let api = format!("1.{}", scope.shared.upstream.minor());
    let mut version = scope.shared.version.clone();
    version["ApiVersion"] = json!(api);
    version["MinAPIVersion"] = json!("1.24");
    version["Platform"] = json!({ "Name": "Docktutor sandbox" });
    for component in version["Components"].as_array_mut().into_iter().flatten() {
        if component["Name"] == "Engine" {
            component["Details"]["ApiVersion"] = json!(api);
            component["Details"]["MinAPIVersion"] = json!("1.24");
        }
    }
    super::json_response(hyper::StatusCode::OK, &version)
}

pub(crate) async fn info(scope: &Inner) -> Answer {
    let engine = &scope.shared.info;
    let (all, states) = {
        let listed = own_containers(scope, false).await?;
        let count = |state: &str| listed.iter().filter(|one| one["State"] == state).count();
        (listed.len(), [count("running"), count("paused")])
    };
    let mut info = json!({
        "ID": crate::names::hash(&format!("{}/{}", scope.shared.instance, scope.name), 32),
        "Name": "docktutor",
        "Containers": all, "ContainersRunning": states[0], "ContainersPaused": states[1],
        "ContainersStopped": all - states[0] - states[1],
        "Images": images::view_of(scope).ids.len(),
        "Plugins": { "Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": null, "Log": ["json-file"] },
        "LoggingDriver": "json-file", "DockerRootDir": "/var/lib/docker", "IndexServerAddress": "https://index.docker.io/v1/",
        "Swarm": { "NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false, "Error": "",
                   "RemoteManagers": null },
        "RegistryConfig": { "InsecureRegistryCIDRs": [], "IndexConfigs": {}, "Mirrors": [] },
        "Runtimes": { "runc": { "path": "runc" } }, "DefaultRuntime": "runc",
        "LiveRestoreEnabled": false, "Isolation": "", "Debug": false, "ExperimentalBuild": false,
        "HttpProxy": "", "HttpsProxy": "", "NoProxy": "", "Labels": [], "Warnings": null, "DriverStatus": [],
    });
    for key in [
        "Driver",
        "MemoryLimit",
        "SwapLimit",
        "CpuCfsPeriod",
        "CpuCfsQuota",
        "CPUShares",
        "CPUSet",
        "PidsLimit",
        "IPv4Forwarding",
        "BridgeNfIptables",
        "BridgeNfIp6tables",
        "OomKillDisable",
        "CgroupDriver",
        "CgroupVersion",
        "KernelVersion",
        "OperatingSystem",
        "OSVersion",
        "OSType",
        "Architecture",
        "NCPU",
        "MemTotal",
        "ServerVersion",
        "SecurityOptions",
        "InitBinary",
        "ContainerdCommit",
        "RuncCommit",
        "InitCommit",
    ] {
        info[key] = engine[key].clone();
    }
    ok(&info)
}

/// The engine's list of the scope's containers, by the books.
async fn own_containers(scope: &Inner, sizes: bool) -> Result<Vec<Value>, Fault> {
    let filters = json!({ "label": scope.label_filters() }).to_string();
    let mut query = Query::new().with("all", "1").with("filters", filters);
    if sizes {
        query = query.with("size", "1");
    }
    let listed = scope
        .shared
        .upstream
        .json(Call::get("/containers/json").query(query))
        .await?;
    let images = images::view_of(scope);
    let state = scope.state();
    let Value::Array(listed) = listed else {
        return Err(Fault::internal("the engine's list is no list"));
    };
    Ok(listed
        .into_iter()
        .filter_map(|value| {
            let container = state.container_by_id(value["Id"].as_str()?)?;
            Some(view::container::summary(value, container, &state, &images))
        })
        .collect())
}

/// What the scope uses of what it may have; no call of Docker's.
pub(crate) async fn usage(scope: &Arc<Inner>, ask: &Ask) -> Answer {
    ask.params(&[])?;
    crate::disk::current(scope).await;
    ok(&json!(crate::usage::of(scope)))
}

pub(crate) async fn disk_usage(scope: &Arc<Inner>, ask: &Ask) -> Answer {
    ask.params(&["type*"])?;
    crate::disk::current(scope).await;
    let containers = own_containers(scope, true).await?;
    let mut images = images::listed(scope).await?;
    for image in &mut images {
        let id = image["Id"].clone();
        image["Containers"] = json!(
            containers
                .iter()
                .filter(|container| container["ImageID"] == id)
                .count()
        );
        image["SharedSize"] = json!(0);
    }
    let filters = json!({ "label": scope.label_filters() }).to_string();
    let listed = scope
        .shared
        .upstream
        .json(Call::get("/volumes").query(Query::new().with("filters", filters)))
        .await?;
    let state = scope.state();
    let volumes: Vec<Value> = listed["Volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| {
            let volume = state.volumes.get(value["Name"].as_str()?)?;
            let size = scope
                .disk
                .of_volume(&volume.real)
                .map_or(json!(-1), |size| json!(size));
            let mut shown = view::volume::show(value.clone(), volume);
            let users = containers.iter().filter(|container| {
                container["Mounts"]
                    .as_array()
                    .is_some_and(|mounts| mounts.iter().any(|m| m["Name"] == shown["Name"]))
            });
            shown["UsageData"] = json!({ "RefCount": users.count(), "Size": size });
            Some(shown)
        })
        .collect();
    // Layers of several images are counted once each by the engine; the sum is an upper bound.
    let layers: i64 = images
        .iter()
        .filter_map(|image| image["Size"].as_i64())
        .sum();
    ok(&json!({
        "LayersSize": layers, "Images": images, "Containers": containers, "Volumes": volumes, "BuildCache": [],
        "BuilderSize": 0,
    }))
}

/// The classic builder keeps no cache but its images; those are pruned as images.
pub(crate) async fn prune_builds(ask: Ask) -> Answer {
    ask.params(&["filters", "all", "keep-storage"])?;
    ask.no_body().await?;
    ok(&json!({ "CachesDeleted": [], "SpaceReclaimed": 0 }))
}
