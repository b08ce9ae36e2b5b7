//! Containers, in `inspect` and in lists.

use super::images::{Found, Images};
use super::{strip_labels, volume_path};
use crate::ledger::{Container, State};
use crate::policy::pattern;
use serde_json::{Map, Value, json};

/// Fields of `HostConfig` that the command line always sends, empty.
const LISTS: [&str; 9] = [
    "BlkioWeightDevice",
    "BlkioDeviceReadBps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteIOps",
    "Devices",
    "Dns",
    "DnsOptions",
    "DnsSearch",
];

/// Rewrites one inspected container.
pub(crate) fn inspect(
    mut value: Value,
    container: &Container,
    state: &State,
    running: bool,
) -> Value {
    value["Name"] = json!(format!("/{}", container.name));
    for path in ["ResolvConfPath", "HostnamePath", "HostsPath", "LogPath"] {
        value[path] = json!("");
    }
    value["GraphDriver"]["Data"] = Value::Null;
    value["Config"]["Image"] = json!(container.asked.image);
    strip_labels(&mut value["Config"]["Labels"]);
    // The engine gets volumes as mounts; those of the image are there already.
    for target in container
        .asked
        .volumes
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
    {
        value["Config"]["Volumes"][target] = json!({});
    }
    let host = &mut value["HostConfig"];
    host["Binds"] = container.asked.binds.clone();
    if let Some(host) = host.as_object_mut() {
        if container
            .asked
            .tmpfs
            .as_object()
            .is_some_and(|all| !all.is_empty())
        {
            host.insert("Tmpfs".to_owned(), container.asked.tmpfs.clone());
        }
        if container
            .asked
            .mounts
            .as_array()
            .is_some_and(|mounts| !mounts.is_empty())
        {
            host.insert("Mounts".to_owned(), container.asked.mounts.clone());
        } else {
            host.remove("Mounts");
        }
    }
    // The gateway names each field; an ordinary client leaves these out, or sends an empty list.
    for key in ["CapDrop", "GroupAdd", "ExtraHosts"] {
        if host[key].as_array().is_some_and(Vec::is_empty) {
            host[key] = Value::Null;
        }
    }
    for key in LISTS {
        if host[key].is_null() {
            host[key] = json!([]);
        }
    }
    host["CgroupParent"] = json!("");
    host["PortBindings"] = match &container.asked.port_bindings {
        Value::Null => json!({}),
        bindings => bindings.clone(),
    };
    host["PublishAllPorts"] = json!(container.asked.publish_all);
    let mode = host["NetworkMode"].as_str().unwrap_or_default().to_owned();
    host["NetworkMode"] = json!(shown_mode(&mode, container, state));
    if let Some(mounts) = value["Mounts"].as_array_mut() {
        mounts
            .iter_mut()
            .for_each(|mount| show_mount(mount, container, state));
    }
    let settings = &mut value["NetworkSettings"];
    settings["SandboxKey"] = json!("");
    settings["Bridge"] = json!("");
    let exposed = value["Config"]["ExposedPorts"].clone();
    let settings = &mut value["NetworkSettings"];
    settings["Ports"] = if running {
        ports(container, &exposed)
    } else {
        json!({})
    };
    show_networks(&mut settings["Networks"], Some(container), state);
    // An ordinary engine repeats the address on the default network here.
    if let Some(bridge) = settings["Networks"].get("bridge").cloned() {
        for key in [
            "IPAddress",
            "IPPrefixLen",
            "Gateway",
            "MacAddress",
            "EndpointID",
        ] {
            settings[key] = bridge[key].clone();
        }
    }
    value
}

/// Rewrites one line of a list.
pub(crate) fn summary(
    mut value: Value,
    container: &Container,
    state: &State,
    images: &Images,
) -> Value {
    value["Names"] = json!([format!("/{}", container.name)]);
    value["Image"] = json!(shown_image(container, images));
    strip_labels(&mut value["Labels"]);
    let mode = value["HostConfig"]["NetworkMode"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    value["HostConfig"]["NetworkMode"] = json!(shown_mode(&mode, container, state));
    if let Some(mounts) = value["Mounts"].as_array_mut() {
        mounts
            .iter_mut()
            .for_each(|mount| show_mount(mount, container, state));
    }
    show_networks(&mut value["NetworkSettings"]["Networks"], None, state);
    let mut ports: Vec<Value> = value["Ports"].as_array().cloned().unwrap_or_default();
    if value["State"] == "running" || value["State"] == "paused" {
        ports.retain(|port| {
            !container
                .bound
                .iter()
                .any(|b| port["PrivatePort"] == b.port && port["Type"] == b.protocol.as_str())
        });
        ports.extend(container.bound.iter().map(|b| {
            json!({ "IP": b.host_ip, "PrivatePort": b.port, "PublicPort": b.host_port, "Type": b.protocol })
        }));
    }
    value["Ports"] = Value::Array(ports);
    value
}

/// The image's name while it still is that image's, else its id, as an ordinary engine shows it.
fn shown_image(container: &Container, images: &Images) -> String {
    match images.find_to_run(&container.asked.image) {
        Found::One { id, .. } if id == container.image_id => container.asked.image.clone(),
        _ => container.image_id.clone(),
    }
}

/// `NetworkSettings.Ports`: what is published with its host ports, what is only exposed with `null`.
fn ports(container: &Container, exposed: &Value) -> Value {
    let mut ports = Map::new();
    for key in exposed.as_object().into_iter().flat_map(Map::keys) {
        ports.insert(key.clone(), Value::Null);
    }
    for bound in &container.bound {
        let binding = json!({ "HostIp": bound.host_ip, "HostPort": bound.host_port.to_string() });
        let entry = ports
            .entry(format!("{}/{}", bound.port, bound.protocol))
            .or_insert(Value::Null);
        match entry.as_array_mut() {
            Some(all) => all.push(binding),
            None => *entry = json!([binding]),
        }
    }
    Value::Object(ports)
}

fn shown_mode(real: &str, container: &Container, state: &State) -> String {
    if let Some(network) = state.networks.get(real) {
        return if network.name == "bridge" && container.asked.network_mode.is_empty() {
            "default".to_owned()
        } else if network.name == "bridge" {
            container.asked.network_mode.clone()
        } else {
            network.name.clone()
        };
    }
    real.to_owned()
}

fn show_mount(mount: &mut Value, container: &Container, state: &State) {
    if mount["Type"] == "bind" {
        // An anchor is shown as the path that the learner wrote.
        let source = mount["Source"].as_str().unwrap_or_default().to_owned();
        let bind = container
            .binds
            .iter()
            .find(|bind| source.ends_with(&format!("-{}", bind.anchor)));
        mount["Source"] = json!(bind.map_or("", |bind| bind.asked.as_str()));
        return;
    }
    let Some(real) = mount["Name"].as_str() else {
        return;
    };
    let name = state
        .volumes
        .get(real)
        .map_or(real, |volume| &volume.name)
        .to_owned();
    mount["Source"] = json!(if mount["Source"] == "" {
        String::new()
    } else {
        volume_path(&name)
    });
    mount["Mode"] = json!(if container.anonymous.contains(&name) {
        ""
    } else {
        "z"
    });
    mount["Name"] = json!(name);
}

fn show_networks(networks: &mut Value, container: Option<&Container>, state: &State) {
    let Some(real) = networks.as_object_mut().map(std::mem::take) else {
        return;
    };
    let shown = real.into_iter().filter_map(|(name, mut endpoint)| {
        let name = match state.networks.get(&name) {
            Some(network) => network.name.clone(),
            // What is not in the books is not shown, but for the network that is none.
            None if name == "none" => name,
            None => return None,
        };
        if let (Some(container), Some(aliases)) = (container, endpoint["Aliases"].as_array_mut()) {
            let asked = |alias: &Value| {
                container
                    .asked
                    .aliases
                    .iter()
                    .any(|asked| alias == asked.as_str())
            };
            aliases.retain(|alias| {
                asked(alias) || (name != "bridge" && *alias != container.name.as_str())
            });
            if aliases.is_empty() {
                endpoint["Aliases"] = Value::Null;
            }
        }
        Some((name, endpoint))
    });
    *networks = Value::Object(shown.collect());
}

/// Whether a listed container satisfies the filters that only the gateway can judge.
pub(crate) fn matches(value: &Value, key: &str, wanted: &[String]) -> bool {
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    wanted.iter().any(|want| match key {
        "id" => pattern::matches(want, text("Id")),
        "name" => value["Names"].as_array().is_some_and(|names| {
            names.iter().filter_map(Value::as_str).any(|name| {
                pattern::matches(want, name) || pattern::matches(want, name.trim_start_matches('/'))
            })
        }),
        "network" => value["NetworkSettings"]["Networks"]
            .as_object()
            .is_some_and(|networks| {
                networks.iter().any(|(name, network)| {
                    name == want
                        || network["NetworkID"]
                            .as_str()
                            .is_some_and(|id| want.len() >= 4 && id.starts_with(want.as_str()))
                })
            }),
        "volume" => value["Mounts"].as_array().is_some_and(|mounts| {
            mounts.iter().any(|mount| {
                mount["Name"] == want.as_str() || mount["Destination"] == want.as_str()
            })
        }),
        "publish" | "expose" => {
            let (port, protocol) = want.split_once('/').unwrap_or((want, "tcp"));
            let (first, last) = port.split_once('-').unwrap_or((port, port));
            let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else {
                return false;
            };
            let field = if key == "publish" {
                "PublicPort"
            } else {
                "PrivatePort"
            };
            value["Ports"].as_array().is_some_and(|ports| {
                ports.iter().any(|one| {
                    one["Type"] == protocol
                        && one[field]
                            .as_u64()
                            .is_some_and(|number| (first..=last).contains(&number))
                })
            })
        }
        _ => false,
    })
}
