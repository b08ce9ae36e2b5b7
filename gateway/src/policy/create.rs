//! `POST /containers/create`: the body is read field by field and written anew; nothing is copied unread.

use super::body::{Config, HostConfig, Words};
use super::limits::{self, Abilities, Resources};
use super::mounts::{self, Mount};
use super::network::{self, Mode};
use super::{json, ports, refused};
use crate::error::Fault;
use crate::gateway::Limits;
use crate::ledger::{Asked, Bind, Publish, State};
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

mod host;

use host::host_fields;

/// Labels that begin so are the gateway's.
pub(crate) const RESERVED: &str = "docktutor.";

/// What a decision about a new container depends on.
pub(crate) struct Context<'a> {
    pub(crate) state: &'a State,
    pub(crate) limits: &'a Limits,
    /// The path by which clients name the workspace; nothing where no path of it can be bound.
    pub(crate) workspace: Option<&'a str>,
    pub(crate) abilities: Abilities,
    /// The image's configuration: `Config` of its inspection.
    pub(crate) image: &'a Value,
    pub(crate) image_id: &'a str,
    /// Labels that say whose the container is.
    pub(crate) labels: &'a BTreeMap<String, String>,
    /// The control group of the whole scope, if it has one.
    pub(crate) cgroup: Option<&'a str>,
    /// The runtime, unless it is the engine's default.
    pub(crate) runtime: Option<&'a str>,
}

/// A container as the engine shall make it.
#[derive(Debug)]
pub(crate) struct Plan {
    body: Value,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) asked: Asked,
    pub(crate) publish: Vec<Publish>,
    labels: Value,
    mode: Mode,
    aliases: Vec<String>,
    /// What the container gets less of than was asked for.
    pub(crate) warnings: Vec<String>,
}

/// The image that a body names; the rest of the decision needs to know it.
pub(crate) fn image_of(body: &Map<String, Value>) -> Result<&str, Fault> {
    match body.get("Image") {
        Some(Value::String(image)) if !image.is_empty() => Ok(image),
        _ => Err(Fault::bad("no image specified")),
    }
}

/// Decides about a new container.
pub(crate) fn plan(mut body: Map<String, Value>, context: &Context<'_>) -> Result<Plan, Fault> {
    json::take_refused(&mut body, "", &refused::CONFIG)?;
    if let Some(Value::Object(check)) = body.get_mut("Healthcheck") {
        // Newer engines only; this one would not know it.
        check.remove("StartInterval");
    }
    if let Some(Value::Object(networking)) = body.get_mut("NetworkingConfig") {
        // Docker's SDK for Python names the network here, with nothing.
        networking.retain(|key, value| key == "EndpointsConfig" || !value.is_null());
    }
    let config: Config = json::typed("the container's configuration", Value::Object(body))?;
    check_config(&config)?;
    let mut host = config.host_config.clone().unwrap_or_default();
    json::take_refused(&mut host, "HostConfig.", &refused::HOST)?;
    // `--cidfile`: the client has written it and only says so.
    if let Some(file) = host.remove("ContainerIDFile")
        && !file.is_string()
        && !file.is_null()
    {
        return Err(Fault::bad("HostConfig.ContainerIDFile is not a text"));
    }
    // Without swap there is nothing to weigh; clients send -1 for "not said".
    if let Some(value) = host.remove("MemorySwappiness")
        && !value.is_null()
        && !value.is_i64()
    {
        return Err(Fault::bad("HostConfig.MemorySwappiness is not a number"));
    }
    let resources: Map<String, Value> = limits::FIELDS
        .iter()
        .filter_map(|key| host.remove(*key).map(|value| ((*key).to_owned(), value)))
        .collect();
    let resources: Resources = json::typed("HostConfig", Value::Object(resources))?;
    resources.check(context.abilities)?;
    resources.agree(true)?;
    let raw = |host: &Map<String, Value>, key: &str| host.get(key).cloned().unwrap_or_default();
    let (binds_asked, mounts_asked, tmpfs_asked, ports_asked) = (
        raw(&host, "Binds"),
        raw(&host, "Mounts"),
        raw(&host, "Tmpfs"),
        raw(&host, "PortBindings"),
    );
    let host: HostConfig = json::typed("HostConfig", Value::Object(host))?;

    // Not as what is missing: the command line would take the image for that, and pull it.
    let mode = network::mode(host.network_mode.as_deref().unwrap_or(""), context.state).map_err(
        |fault| match fault.status {
            StatusCode::NOT_FOUND => Fault::bad(fault.message).by(fault.rule),
            _ => fault,
        },
    )?;
    let aliases = endpoint_aliases(&config, &mode, context.state)?;
    let publish_all = host.publish_all_ports.unwrap_or(false);
    let publish = ports::publish(host.port_bindings.as_ref().unwrap_or(&BTreeMap::new()))?;
    let memory = resources.bounded_memory(context.limits);

    let mut volumes: BTreeSet<String> = config
        .volumes
        .iter()
        .flatten()
        .map(|(target, _)| target.clone())
        .collect();
    volumes.extend(
        context.image["Volumes"]
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys().cloned()),
    );
    let mounts = mounts::collect(&mounts::Wishes {
        binds: host.binds.as_deref().unwrap_or(&[]),
        mounts: host.mounts.as_deref().unwrap_or(&[]),
        tmpfs: host.tmpfs.as_ref().unwrap_or(&BTreeMap::new()),
        volumes,
        tmpfs_size: memory,
        workspace: context.workspace,
    })?;

    let mut upstream = resources.for_create(context.limits, context.abilities);
    host_fields(&mut upstream, &host, memory)?;
    if let Some(group) = context.cgroup {
        upstream.insert("CgroupParent".into(), json!(group));
    }
    if let Some(runtime) = context.runtime {
        upstream.insert("Runtime".into(), json!(runtime));
    }
    let mut body =
        serde_json::to_value(&config).map_err(|error| Fault::internal(error.to_string()))?;
    body["Image"] = json!(context.image_id);
    body["Labels"] = labels(&config, context);
    body["HostConfig"] = Value::Object(upstream);
    let asked = Asked {
        image: config.image.clone().unwrap_or_default(),
        binds: binds_asked,
        mounts: mounts_asked,
        tmpfs: tmpfs_asked,
        volumes: serde_json::to_value(&config.volumes).unwrap_or_default(),
        port_bindings: ports_asked,
        publish_all,
        network_mode: host.network_mode.clone().unwrap_or_default(),
        aliases: aliases.clone(),
    };
    let labels = serde_json::to_value(context.labels).unwrap_or_default();
    let ports_possible = matches!(mode, Mode::Bridge { .. } | Mode::Own { .. });
    if matches!(mode, Mode::Container { .. }) && (!publish.is_empty() || publish_all) {
        return Err(Fault::bad(
            "conflicting options: port publishing and the container type network mode",
        ));
    }
    let publish = if ports_possible { publish } else { Vec::new() };
    check_command(&config, context.image)?;
    Ok(Plan {
        body,
        mounts,
        asked,
        publish,
        labels,
        mode,
        aliases,
        warnings: resources.cut(context.limits),
    })
}

impl Plan {
    /// Names of the volumes that must be there before the container is made.
    pub(crate) fn named_volumes(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().filter_map(|mount| match mount {
            Mount::Volume {
                name: Some(name), ..
            } => Some(name.as_str()),
            _ => None,
        })
    }

    /// How many volumes the engine will invent names for.
    pub(crate) fn anonymous_volumes(&self) -> usize {
        self.mounts
            .iter()
            .filter(|mount| matches!(mount, Mount::Volume { name: None, .. }))
            .count()
    }

    /// What the engine is asked for in another way than the learner wrote.
    pub(crate) fn rewritten(&self) -> impl Iterator<Item = &'static str> {
        [
            (!self.warnings.is_empty(), "limits"),
            (!self.binds().is_empty(), "binds"),
            (!self.publish.is_empty() || self.asked.publish_all, "ports"),
        ]
        .into_iter()
        .filter_map(|(is, what)| is.then_some(what))
    }

    /// The paths of the workspace that it binds.
    pub(crate) fn binds(&self) -> Vec<Bind> {
        let binds = self.mounts.iter().filter_map(|mount| match mount {
            Mount::Bind { bind, .. } => Some(bind.clone()),
            _ => None,
        });
        binds.collect()
    }

    /// The body for the engine, once the container has its name and the volumes are there.
    pub(crate) fn upstream(
        mut self,
        name: &str,
        real_volume: impl Fn(&str) -> Option<String>,
        anchor: impl Fn(&str) -> PathBuf,
    ) -> Result<Value, Fault> {
        let mounts: Vec<Value> = self
            .mounts
            .iter()
            .map(|mount| mount.upstream(&real_volume, &anchor, &self.labels))
            .collect::<Result<_, _>>()?;
        self.body["HostConfig"]["Mounts"] = Value::Array(mounts);
        if !self.binds().is_empty()
            && let Some(drop) = self.body["HostConfig"]["CapDrop"].as_array_mut()
        {
            // A device node in the workspace would be there for others to open, too.
            drop.push(json!("MKNOD"));
        }
        let (mode, endpoint) = match &self.mode {
            Mode::None => ("none".to_owned(), None),
            Mode::Container { id } => (format!("container:{id}"), None),
            // As on a real engine, names resolve only on networks that somebody made.
            Mode::Bridge { real } => (real.clone(), Some((real.clone(), json!({})))),
            Mode::Own { real } => {
                if !self.aliases.iter().any(|alias| alias == name) {
                    self.aliases.push(name.to_owned());
                }
                (
                    real.clone(),
                    Some((real.clone(), json!({ "Aliases": self.aliases }))),
                )
            }
        };
        self.body["HostConfig"]["NetworkMode"] = json!(mode);
        if let Some((network, settings)) = endpoint {
            self.body["NetworkingConfig"] = json!({ "EndpointsConfig": { network: settings } });
        }
        Ok(self.body)
    }
}

/// The fields of a body that an image can have, for `commit`; those of a host have no place there.
pub(crate) fn image_fields(mut body: Map<String, Value>) -> Result<Value, Fault> {
    json::take_refused(&mut body, "", &refused::CONFIG)?;
    let config: Config = json::typed("the image's configuration", Value::Object(body))?;
    if config.host_config.is_some() || config.networking_config.is_some() {
        return Err(Fault::refused("an image with the configuration of a host"));
    }
    check_config(&config)?;
    let mut fields =
        serde_json::to_value(&config).map_err(|error| Fault::internal(error.to_string()))?;
    let mut labels = config.labels.unwrap_or_default();
    labels.retain(|key, _| !key.starts_with(RESERVED));
    fields["Labels"] = json!(labels);
    fields["Volumes"] = json!(config.volumes.unwrap_or_default());
    Ok(fields)
}

fn check_config(config: &Config) -> Result<(), Fault> {
    for port in config.exposed_ports.iter().flatten() {
        ports::container_port(port.0)?;
    }
    let second = 1_000_000_000;
    if let Some(interval) = config.healthcheck.as_ref().and_then(|check| check.interval)
        && interval != 0
        && interval < second
    {
        return Err(Fault::refused(
            "a health check more often than every second",
        ));
    }
    Ok(())
}

/// Refuses a container that would have nothing to run.
fn check_command(config: &Config, image: &Value) -> Result<(), Fault> {
    let said = |words: &Option<Words>| match words {
        None => false,
        Some(Words::One(word)) => !word.is_empty(),
        Some(Words::Many(words)) => !words.is_empty(),
    };
    let built = |key: &str| image[key].as_array().is_some_and(|words| !words.is_empty());
    if said(&config.cmd) || said(&config.entrypoint) || built("Cmd") || built("Entrypoint") {
        Ok(())
    } else {
        Err(Fault::bad("No command specified"))
    }
}

/// The learner's labels without the reserved ones, then the gateway's: an image's labels cannot come between.
fn labels(config: &Config, context: &Context<'_>) -> Value {
    let mut all: BTreeMap<String, String> = config.labels.clone().unwrap_or_default();
    all.retain(|key, _| !key.starts_with(RESERVED));
    // A reserved label of the image would show through; an empty one covers it.
    for key in context.image["Labels"]
        .as_object()
        .into_iter()
        .flat_map(|labels| labels.keys())
    {
        if key.starts_with(RESERVED) {
            all.insert(key.clone(), String::new());
        }
    }
    all.extend(context.labels.clone());
    json!(all)
}

fn endpoint_aliases(config: &Config, mode: &Mode, state: &State) -> Result<Vec<String>, Fault> {
    let endpoints = config
        .networking_config
        .as_ref()
        .and_then(|networking| networking.endpoints_config.clone());
    let endpoints = endpoints.unwrap_or_default();
    if endpoints.len() > 1 {
        let names: Vec<&str> = endpoints.keys().map(String::as_str).collect();
        return Err(Fault::bad(format!(
            "Container cannot be connected to network endpoints: {}",
            names.join(", ")
        )));
    }
    let Some((name, settings)) = endpoints.into_iter().next() else {
        return Ok(Vec::new());
    };
    let aliases = network::endpoint(settings)?;
    if network::mode(&name, state)? != *mode {
        return Err(Fault::bad(format!(
            "the network {name} of EndpointsConfig is not the container's NetworkMode"
        )));
    }
    match mode {
        Mode::Own { .. } => Ok(aliases),
        _ if aliases.is_empty() => Ok(aliases),
        _ => Err(Fault::bad(
            "network-scoped alias is supported only for containers in user defined networks",
        )),
    }
}
