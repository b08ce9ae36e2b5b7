//! The engine's own types made into ours. The only place that knows both.

use std::collections::{BTreeMap, HashMap};

use bollard::models;

use super::{Attachment, Container, Image, Limits, Mount, Network, Port, Volume};

/// A container's details.
pub(super) fn container(found: models::ContainerInspectResponse) -> Container {
    let state = found.state.unwrap_or_default();
    let config = found.config.unwrap_or_default();
    let host = found.host_config.unwrap_or_default();
    let settings = found.network_settings.unwrap_or_default();
    let health = state.health.unwrap_or_default();
    let cpus = match (host.nano_cpus.unwrap_or(0), host.cpu_quota.unwrap_or(0)) {
        (0, quota) if quota > 0 => {
            let period = host.cpu_period.filter(|p| *p > 0).unwrap_or(100_000);
            quota.saturating_mul(1_000_000_000) / period
        }
        (nano, _) => nano,
    };
    Container {
        id: found.id.unwrap_or_default(),
        name: bare(&found.name.unwrap_or_default()),
        image: config.image.unwrap_or_default(),
        image_id: found.image.unwrap_or_default(),
        state: word(state.status),
        health: Some(word(health.status)).filter(|word| !matches!(word.as_str(), "" | "none")),
        health_output: health
            .log
            .unwrap_or_default()
            .last()
            .and_then(|last| last.output.clone())
            .unwrap_or_default(),
        exit_code: state.exit_code.unwrap_or(0),
        out_of_memory: state.oom_killed == Some(true),
        error: state.error.unwrap_or_default(),
        restart_policy: restart_policy(host.restart_policy.unwrap_or_default()),
        restart_count: found.restart_count.unwrap_or(0),
        created_at: found
            .created
            .map(|time| time.to_string())
            .unwrap_or_default(),
        started_at: state.started_at.unwrap_or_default(),
        finished_at: state.finished_at.unwrap_or_default(),
        command: config.cmd.unwrap_or_default(),
        entrypoint: config.entrypoint.unwrap_or_default(),
        env: config
            .env
            .unwrap_or_default()
            .iter()
            .map(|pair| pair_of(pair))
            .collect(),
        user: config.user.unwrap_or_default(),
        workdir: config.working_dir.unwrap_or_default(),
        labels: sorted(config.labels),
        ports: ports(
            settings.ports.unwrap_or_default(),
            host.port_bindings.unwrap_or_default(),
        ),
        mounts: mounts(
            found.mounts.unwrap_or_default(),
            host.tmpfs.unwrap_or_default(),
        ),
        networks: settings
            .networks
            .unwrap_or_default()
            .into_iter()
            .map(|(name, end)| {
                let attachment = Attachment {
                    aliases: end.aliases.unwrap_or_default(),
                    ip: end.ip_address.unwrap_or_default(),
                };
                (name, attachment)
            })
            .collect(),
        network_mode: host.network_mode.unwrap_or_default(),
        limits: Limits {
            memory: host.memory.unwrap_or(0),
            nano_cpus: cpus,
            pids: host.pids_limit.unwrap_or(0).max(0),
        },
        seen: super::Seen::default(),
    }
}

/// What a list says of a container that nobody asked more about.
pub(super) fn summary(found: &models::ContainerSummary) -> Container {
    let networks = found.network_settings.clone().unwrap_or_default().networks;
    Container {
        id: found.id.clone().unwrap_or_default(),
        name: bare(found.names.iter().flatten().next().map_or("", |name| name)),
        image: found.image.clone().unwrap_or_default(),
        image_id: found.image_id.clone().unwrap_or_default(),
        state: word(found.state),
        labels: sorted(found.labels.clone()),
        mounts: mounts(found.mounts.clone().unwrap_or_default(), HashMap::new()),
        networks: networks
            .unwrap_or_default()
            .into_keys()
            .map(|name| (name, Attachment::default()))
            .collect(),
        ..Container::default()
    }
}

pub(super) fn image(found: models::ImageSummary) -> Image {
    let real = |name: &String| !name.contains("<none>");
    let mut tags: Vec<String> = found.repo_tags.into_iter().filter(real).collect();
    tags.sort();
    Image {
        id: found.id,
        tags,
        digests: found.repo_digests.into_iter().filter(real).collect(),
        labels: found.labels.into_iter().collect(),
        size: found.size,
    }
}

pub(super) fn volume(found: models::Volume, containers: &[Container]) -> Volume {
    let mounts = |c: &&Container| {
        c.mounts
            .iter()
            .any(|m| m.kind == "volume" && m.source == found.name)
    };
    Volume {
        used_by: containers
            .iter()
            .filter(mounts)
            .map(|c| c.name.clone())
            .collect(),
        name: found.name,
        driver: found.driver,
        labels: found.labels.into_iter().collect(),
        files: Vec::new(),
    }
}

pub(super) fn network(found: models::Network, containers: &[Container]) -> Network {
    let name = found.name.unwrap_or_default();
    let joined = |c: &&Container| c.networks.contains_key(&name);
    Network {
        id: found.id.unwrap_or_default(),
        driver: found.driver.unwrap_or_default(),
        internal: found.internal == Some(true),
        labels: sorted(found.labels),
        containers: containers
            .iter()
            .filter(joined)
            .map(|c| c.name.clone())
            .collect(),
        name,
    }
}

fn bare(name: &str) -> String {
    name.trim_start_matches('/').to_owned()
}

fn word(value: Option<impl std::fmt::Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn sorted(map: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    map.unwrap_or_default().into_iter().collect()
}

fn pair_of(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (name.to_owned(), value.to_owned())
}

fn restart_policy(policy: models::RestartPolicy) -> String {
    let name = word(policy.name);
    match (name.as_str(), policy.maximum_retry_count.unwrap_or(0)) {
        ("", _) => "no".to_owned(),
        ("on-failure", count) if count > 0 => format!("on-failure:{count}"),
        _ => name,
    }
}

/// What is published; of a container that does not run, what it will publish.
fn ports(now: models::PortMap, asked: models::PortMap) -> Vec<Port> {
    let read = |map: models::PortMap| -> Vec<Port> {
        let mut ports: Vec<Port> = map
            .into_iter()
            .flat_map(|(inside, bindings)| {
                let (number, protocol) = match inside.split_once('/') {
                    Some((number, protocol)) => (number.parse().unwrap_or(0), protocol.to_owned()),
                    None => (inside.parse().unwrap_or(0), "tcp".to_owned()),
                };
                bindings
                    .unwrap_or_default()
                    .into_iter()
                    .map(move |binding| Port {
                        host_ip: binding
                            .host_ip
                            .filter(|ip| !ip.is_empty())
                            .unwrap_or_else(|| "0.0.0.0".to_owned()),
                        host: binding
                            .host_port
                            .and_then(|port| port.parse().ok())
                            .unwrap_or(0),
                        container: number,
                        protocol: protocol.clone(),
                    })
            })
            // The same for IPv6 says nothing new.
            .filter(|port| port.host_ip != "::")
            .collect();
        ports.sort();
        ports.dedup();
        ports
    };
    let now = read(now);
    if now.is_empty() { read(asked) } else { now }
}

fn mounts(found: Vec<models::MountPoint>, tmpfs: HashMap<String, String>) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = found
        .into_iter()
        .map(|mount| {
            let kind = word(mount.typ);
            let source = if kind == "volume" {
                mount.name
            } else {
                mount.source
            };
            Mount {
                kind,
                source: source.unwrap_or_default(),
                target: mount.destination.unwrap_or_default(),
                read_only: mount.rw == Some(false),
            }
        })
        .chain(tmpfs.into_iter().map(|(target, options)| Mount {
            kind: "tmpfs".to_owned(),
            source: String::new(),
            target,
            read_only: options.split(',').any(|option| option == "ro"),
        }))
        .collect();
    mounts.sort();
    mounts.dedup_by(|a, b| a.kind == b.kind && a.target == b.target);
    mounts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engines_answer_becomes_plain_data() {
        let json = serde_json::json!({
            "Id": "abc", "Name": "/web", "Image": "sha256:1", "RestartCount": 2,
            "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true, "StartedAt": "2026-01-01T00:00:00Z",
                      "Health": {"Status": "unhealthy", "Log": [{"Output": "no"}]}},
            "Config": {"Image": "board", "Cmd": ["a", "b"], "Env": ["A=1=2", "B"], "WorkingDir": "/app"},
            "HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}, "Memory": 1024,
                           "CpuQuota": 50000, "PidsLimit": -1, "Tmpfs": {"/run": "ro,size=1m"},
                           "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}},
            "Mounts": [{"Type": "volume", "Name": "data", "Source": "/var/lib/x", "Destination": "/data", "RW": false}],
            "NetworkSettings": {"Ports": {}, "Networks": {"front": {"IPAddress": "", "Aliases": ["web"]}}},
        });
        let web = container(serde_json::from_value(json).unwrap());
        assert_eq!(
            (web.name.as_str(), web.state.as_str(), web.exit_code),
            ("web", "exited", 137)
        );
        assert_eq!(web.health.as_deref(), Some("unhealthy"));
        assert_eq!(web.restart_policy, "on-failure:3");
        assert_eq!(
            web.limits,
            Limits {
                memory: 1024,
                nano_cpus: 500_000_000,
                pids: 0
            }
        );
        assert_eq!(web.env["A"], "1=2");
        assert_eq!(
            (
                web.ports[0].host,
                web.ports[0].container,
                web.ports[0].host_ip.as_str()
            ),
            (8080, 80, "0.0.0.0")
        );
        let targets: Vec<_> = web
            .mounts
            .iter()
            .map(|m| (m.kind.as_str(), m.target.as_str(), m.read_only))
            .collect();
        assert_eq!(
            targets,
            [("tmpfs", "/run", true), ("volume", "/data", true)]
        );
        assert_eq!(web.mounts[1].source, "data");
        assert_eq!(web.networks["front"].aliases, ["web"]);
        assert!(web.out_of_memory);
    }

    #[test]
    fn an_empty_answer_is_an_empty_container() {
        let nothing = container(models::ContainerInspectResponse::default());
        assert_eq!(nothing.restart_policy, "no");
        assert_eq!(nothing.health, None);
    }
}
