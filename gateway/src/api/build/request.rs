//! The parameters of a build call: which are taken over, which are forced, which are refused.

use crate::error::Fault;
use crate::policy::json;
use crate::policy::limits::{Abilities, Resources};
use crate::policy::network::{self, Mode};
use crate::policy::query::{Params, Query};
use crate::policy::reference::Reference;
use crate::scope::Inner;
use serde_json::json;
use std::collections::BTreeMap;

/// The parameters that clients send.
pub(super) const KNOWN: [&str; 33] = [
    "buildargs",
    "cachefrom",
    "cgroupparent",
    "cpuperiod",
    "cpuquota",
    "cpusetcpus",
    "cpusetmems",
    "cpushares",
    "dockerfile",
    "extrahosts",
    "forcerm",
    "isolation",
    "labels",
    "memory",
    "memswap",
    "networkmode",
    "nocache",
    "outputs",
    "platform",
    "pull",
    "q",
    "remote",
    "rm",
    "securityopt",
    "session",
    "buildid",
    "shmsize",
    "squash",
    "t*",
    "target",
    "ulimits",
    "version",
    "compress",
];

/// What a build call asks for.
pub(super) struct Wanted {
    pub(super) tags: Vec<String>,
    pub(super) quiet: bool,
    pub(super) dockerfile: String,
    pub(super) arguments: BTreeMap<String, Option<String>>,
    pub(super) query: Query,
}

/// Decides about a build call.
pub(super) fn read(scope: &Inner, params: &Params) -> Result<Wanted, Fault> {
    if !matches!(params.get("version"), None | Some("" | "1")) {
        return Err(Fault::refused(
            "BuildKit would go round the sandbox's checks. Set DOCKER_BUILDKIT=0, then builds use the classic builder",
        ));
    }
    for (key, why) in [
        (
            "remote",
            "the builder does not fetch from other hosts; send the folder",
        ),
        ("outputs", "outputs need BuildKit"),
        ("session", "sessions need BuildKit"),
        ("cgroupparent", "the sandbox chooses the control group"),
        ("securityopt", "protections stay on"),
        ("cpusetmems", "memory nodes are not chosen from here"),
    ] {
        if params
            .text(key)
            .is_some_and(|value| !matches!(value, "[]" | "null" | "{}"))
        {
            return Err(Fault::refused(format!("build with {key}: {why}")));
        }
    }
    if params.flag("squash") || !matches!(params.get("isolation"), None | Some("" | "default")) {
        return Err(Fault::refused("build with squash or isolation"));
    }
    scope.check_platform(params.text("platform"))?;
    let tags = params
        .all("t")
        .map(|tag| match Reference::parse(tag) {
            Some(reference @ Reference::Named { .. }) => Ok(reference.familiar()),
            _ => Err(Fault::bad("invalid reference format")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let arguments: Option<BTreeMap<String, Option<String>>> = map(params, "buildargs")?;
    let labels: Option<BTreeMap<String, String>> = map(params, "labels")?;
    let mut labels = labels.unwrap_or_default();
    labels.retain(|key, _| !key.starts_with(crate::policy::create::RESERVED));
    let arguments = arguments.unwrap_or_default();

    let mut query = limits(scope, params)?
        .with("version", "1")
        .with("rm", "1")
        .with("forcerm", "1")
        .with("networkmode", network_of(scope, params)?)
        .with("buildargs", json!(arguments).to_string())
        .with("labels", json!(labels).to_string())
        .flag(params, "nocache");
    query = query.text(params, "target", 128, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
    })?;
    let hosts = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | ':' | '-' | '_' | ',' | '[' | ']' | '"' | ' ')
    };
    query = query.text(params, "extrahosts", 4096, hosts)?;
    Ok(Wanted {
        tags,
        quiet: params.flag("q"),
        dockerfile: params.text("dockerfile").unwrap_or("Dockerfile").to_owned(),
        arguments,
        query,
    })
}

fn map<T: serde::de::DeserializeOwned>(params: &Params, key: &str) -> Result<Option<T>, Fault> {
    // `null` is what clients send for an empty map.
    params
        .text(key)
        .filter(|text| *text != "null")
        .map(|text| json::typed(key, json::parse(text.as_bytes())?))
        .transpose()
}

/// The scope's limits hold for every container of a build.
fn limits(scope: &Inner, params: &Params) -> Result<Query, Fault> {
    let number = |key: &str| params.number(key, -1..=i64::MAX);
    let resources = Resources {
        memory: number("memory")?,
        cpu_quota: number("cpuquota")?,
        cpu_period: number("cpuperiod")?,
        ..Resources::default()
    };
    let (limits, can) = (scope.limits(), Abilities::of(&scope.shared.info));
    let memory = resources.bounded_memory(&limits);
    let mut query = Query::new();
    if let Some(group) = scope.cgroup() {
        query = query.with("cgroupparent", group);
    }
    if can.memory {
        query = query.with("memory", memory.to_string());
    }
    if can.swap {
        query = query.with("memswap", memory.to_string());
    }
    if can.cpu {
        let quota = resources.bounded_cpus(&limits) / 10_000;
        query = query
            .with("cpuperiod", "100000")
            .with("cpuquota", quota.to_string());
    }
    let shm = number("shmsize")?
        .filter(|size| *size > 0)
        .unwrap_or(64 << 20)
        .min(memory);
    Ok(query.with("shmsize", shm.to_string()))
}

/// Builds run in the scope's own network, never in the engine's default one.
fn network_of(scope: &Inner, params: &Params) -> Result<String, Fault> {
    match network::mode(
        params.get("networkmode").unwrap_or_default(),
        &scope.state(),
    )? {
        Mode::Bridge { real } | Mode::Own { real } => Ok(real),
        Mode::None => Ok("none".to_owned()),
        Mode::Container { .. } => Err(Fault::refused("building in another container's network")),
    }
}
