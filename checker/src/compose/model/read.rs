//! The typed model out of the tree. What has another kind than it should have is left out; a rule tells that.

use std::collections::BTreeMap;

use super::{
    Attachment, Build, Dependency, Healthcheck, Limits, Mount, Port, Project, Resource, Service,
};
use crate::compose::node::{Node, Value};

impl Project {
    /// Reads the normalised tree.
    pub(in crate::compose) fn of(tree: &Node) -> Project {
        Project {
            name: text(tree, "name").unwrap_or_default(),
            services: map(tree, "services", service),
            networks: map(tree, "networks", resource),
            volumes: map(tree, "volumes", resource),
            secrets: map(tree, "secrets", resource),
            configs: map(tree, "configs", resource),
        }
    }
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

fn yes(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::text) == Some("true")
}

fn map<T>(node: &Node, key: &str, read: impl Fn(&Node) -> T) -> BTreeMap<String, T> {
    let entries = node.get(key).map_or(&[][..], Node::entries);
    let entries = entries.iter().filter(|entry| !entry.key.starts_with("x-"));
    entries
        .map(|entry| (entry.key.clone(), read(&entry.value)))
        .collect()
}

fn texts(node: &Node, key: &str) -> Vec<String> {
    let items = node.get(key).map_or(&[][..], Node::items);
    items
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}

fn items<T>(node: &Node, key: &str, read: impl Fn(&Node) -> Option<T>) -> Vec<T> {
    let items = node.get(key).map_or(&[][..], Node::items);
    items.iter().filter_map(read).collect()
}

fn values(node: &Node, key: &str) -> BTreeMap<String, Option<String>> {
    map(node, key, |value| value.text().map(str::to_owned))
}

fn command(node: &Node, key: &str) -> Option<Vec<String>> {
    let node = node.get(key)?;
    matches!(node.value, Value::List(_)).then(|| {
        node.items()
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect()
    })
}

fn resource(node: &Node) -> Resource {
    Resource {
        name: text(node, "name").unwrap_or_default(),
        external: yes(node, "external"),
        internal: yes(node, "internal"),
        driver: text(node, "driver"),
        file: text(node, "file"),
    }
}

fn service(node: &Node) -> Service {
    let build = node.get("build").filter(|build| build.value != Value::Null);
    let limits = node
        .get("deploy")
        .and_then(|deploy| deploy.get("resources"))
        .and_then(|resources| resources.get("limits"));
    let limit = |own: &str, key: &str| {
        text(node, own).or_else(|| limits.and_then(|limits| text(limits, key)))
    };
    let replicas = node
        .get("deploy")
        .and_then(|deploy| text(deploy, "replicas"));
    Service {
        image: text(node, "image"),
        build: build.map(|build| Build {
            context: text(build, "context").unwrap_or_default(),
            dockerfile: text(build, "dockerfile"),
            target: text(build, "target"),
            args: values(build, "args"),
        }),
        command: command(node, "command"),
        entrypoint: command(node, "entrypoint"),
        container_name: text(node, "container_name"),
        user: text(node, "user"),
        restart: text(node, "restart"),
        environment: values(node, "environment"),
        ports: items(node, "ports", |port| {
            Some(Port {
                host_ip: text(port, "host_ip"),
                published: text(port, "published"),
                target: text(port, "target")?.parse().ok()?,
                protocol: text(port, "protocol").unwrap_or_default(),
            })
        }),
        volumes: items(node, "volumes", |mount| {
            Some(Mount {
                kind: text(mount, "type")?,
                source: text(mount, "source"),
                target: text(mount, "target")?,
                read_only: yes(mount, "read_only"),
            })
        }),
        networks: map(node, "networks", |network| Attachment {
            aliases: texts(network, "aliases"),
            ipv4_address: text(network, "ipv4_address"),
        }),
        network_mode: text(node, "network_mode"),
        depends_on: map(node, "depends_on", |dependency| Dependency {
            condition: text(dependency, "condition").unwrap_or_default(),
            required: text(dependency, "required").as_deref() != Some("false"),
        }),
        links: texts(node, "links"),
        healthcheck: node.get("healthcheck").map(|check| Healthcheck {
            test: texts(check, "test"),
            interval: text(check, "interval"),
            disable: yes(check, "disable"),
        }),
        limits: Limits {
            cpus: limit("cpus", "cpus").and_then(|cpus| cpus.parse().ok()),
            memory: limit("mem_limit", "memory").and_then(|bytes| bytes.parse().ok()),
            pids: limit("pids_limit", "pids").and_then(|pids| pids.parse().ok()),
        },
        replicas: replicas
            .or_else(|| text(node, "scale"))
            .and_then(|number| number.parse().ok()),
        profiles: texts(node, "profiles"),
        secrets: items(node, "secrets", |grant| text(grant, "source")),
        configs: items(node, "configs", |grant| text(grant, "source")),
        labels: map(node, "labels", |value| {
            value.text().unwrap_or("").to_owned()
        }),
    }
}
