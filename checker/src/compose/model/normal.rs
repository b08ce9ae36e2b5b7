//! What Compose adds to and takes from the merged files: the default network, full names, the dependencies that links
//! and shared namespaces bring along; services of other profiles and what nobody uses go.

use std::collections::{HashMap, HashSet};

use dockerfile::Span;

use crate::compose::node::{Entry, Node, Value};
use crate::compose::project::IssueKind;

const RESOURCES: [&str; 4] = ["networks", "volumes", "secrets", "configs"];

/// A folder's name as Compose makes a project's name of it.
pub(in crate::compose) fn project_name(folder: &str) -> Option<String> {
    let name: String = folder
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(*c))
        .collect();
    let name = name.trim_start_matches(['_', '-']).to_owned();
    (!name.is_empty()).then_some(name)
}

/// Normalises a merged tree; what the profiles leave open is returned with its place.
pub(in crate::compose) fn normalise(
    tree: &mut Node,
    name: &str,
    profiles: &[String],
) -> Vec<(Span, IssueKind)> {
    let mut found = Vec::new();
    tree.take("version");
    let span = tree.span;
    let at = tree
        .get("name")
        .map_or(Span::new(span.start, span.start), |name| name.span);
    tree.set("name", Node::string(at, name));
    if let Some(Value::Map(services)) = tree.get_mut("services").map(|node| &mut node.value) {
        services.retain(|entry| !entry.key.starts_with("x-"));
        for service in services.iter_mut() {
            normalise_service(&mut service.value);
        }
        choose(services, profiles, &mut found);
    }
    for section in RESOURCES {
        normalise_section(tree, section, name);
    }
    found
}

/// Takes out what does not run in the active profiles.
fn choose(services: &mut Vec<Entry>, profiles: &[String], found: &mut Vec<(Span, IssueKind)>) {
    let all = profiles.iter().any(|name| name == "*");
    let own = |entry: &Entry| -> Vec<String> {
        let list = entry.value.get("profiles").map_or(&[][..], Node::items);
        list.iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect()
    };
    let runs =
        |own: &[String]| all || own.is_empty() || own.iter().any(|name| profiles.contains(name));
    let (on, off): (Vec<Entry>, Vec<Entry>) = std::mem::take(services)
        .into_iter()
        .partition(|entry| runs(&own(entry)));
    let off: HashMap<String, Vec<String>> = off
        .iter()
        .map(|entry| (entry.key.clone(), own(entry)))
        .collect();
    *services = on;
    for service in services {
        let Some(Value::Map(needs)) = service.value.get_mut("depends_on").map(|n| &mut n.value)
        else {
            continue;
        };
        for need in needs {
            let Some(profiles) = off.get(&need.key) else {
                continue;
            };
            if need.value.get("required").and_then(Node::text) != Some("false") {
                let kind = IssueKind::Inactive {
                    service: service.key.clone(),
                    needs: need.key.clone(),
                    profiles: profiles.clone(),
                };
                found.push((need.span, kind));
            }
        }
    }
}

fn normalise_service(service: &mut Node) {
    let span = service.span;
    if !matches!(service.value, Value::Map(_)) {
        return;
    }
    for key in ["command", "entrypoint", "profiles"] {
        let empty =
            |node: &Node| node.value == Value::Null || key == "profiles" && node.items().is_empty();
        if service.get(key).is_some_and(empty) {
            service.take(key);
        }
    }
    if service.get("pull_policy").and_then(Node::text) == Some("if_not_present") {
        let at = service.get("pull_policy").map_or(span, |node| node.span);
        service.set("pull_policy", Node::string(at, "missing"));
    }
    let networks = service
        .get("networks")
        .is_some_and(|node| !node.entries().is_empty());
    let alone = service
        .get("network_mode")
        .is_some_and(|node| node.text().is_some());
    if !networks && !alone && service.get("provider").is_none() {
        let start = Span::new(span.start, span.start);
        let entry = Entry::new("default", Node::null(start));
        service.set("networks", Node::map(start, vec![entry]));
    }
    if let Some(build) = service.get_mut("build") {
        let span = build.span;
        build.set_default("context", || Node::string(span, "."));
        if build.get("dockerfile_inline").is_none() {
            build.set_default("dockerfile", || Node::string(span, "Dockerfile"));
        }
    }
    add_dependencies(service);
}

/// Links, shared namespaces and `volumes_from` need the other service, too.
fn add_dependencies(service: &mut Node) {
    let mut more: Vec<(String, Span, bool)> = Vec::new();
    for link in service.get("links").map_or(&[][..], Node::items) {
        let name = link.text().and_then(|text| text.split(':').next());
        more.extend(name.map(|name| (name.to_owned(), link.span, true)));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let node = service.get(key);
        let name = node
            .and_then(Node::text)
            .and_then(|text| text.strip_prefix("service:"));
        let span = node.map_or(service.span, |node| node.span);
        more.extend(name.map(|name| (name.to_owned(), span, true)));
    }
    for from in service.get("volumes_from").map_or(&[][..], Node::items) {
        let text = from.text().filter(|text| !text.starts_with("container:"));
        let name = text.and_then(|text| text.split(':').next());
        more.extend(name.map(|name| (name.to_owned(), from.span, false)));
    }
    if more.is_empty() {
        return;
    }
    let span = service.span;
    service.set_default("depends_on", || Node::map(span, Vec::new()));
    let Some(depends_on) = service.get_mut("depends_on") else {
        return;
    };
    for (name, span, restart) in more {
        depends_on.set_default(&name, || {
            let mut entries = vec![Entry::new(
                "condition",
                Node::string(span, "service_started"),
            )];
            if restart {
                entries.push(Entry::new("restart", Node::bare(span, "true")));
            }
            entries.push(Entry::new("required", Node::bare(span, "true")));
            Node::map(span, entries)
        });
    }
}

/// Names what is used in full, and takes out the rest.
fn normalise_section(tree: &mut Node, section: &'static str, project: &str) {
    let mut used: HashSet<String> = HashSet::new();
    let services = tree.get("services").map_or(&[][..], Node::entries);
    for service in services {
        let node = service.value.get(section);
        match section {
            "networks" => {
                let entries = node.map_or(&[][..], Node::entries);
                used.extend(entries.iter().map(|entry| entry.key.clone()));
            }
            "volumes" => {
                for mount in node.map_or(&[][..], Node::items) {
                    if mount.get("type").and_then(Node::text) == Some("volume") {
                        used.extend(mount.get("source").and_then(Node::text).map(str::to_owned));
                    }
                }
            }
            _ => {
                let build = service
                    .value
                    .get("build")
                    .and_then(|build| build.get(section));
                for grant in [node, build].into_iter().flatten().flat_map(Node::items) {
                    used.extend(grant.get("source").and_then(Node::text).map(str::to_owned));
                }
            }
        }
    }
    let span = tree.span;
    if section == "networks" && used.contains("default") {
        let start = Span::new(span.start, span.start);
        tree.set_default("networks", || Node::map(start, Vec::new()));
        if let Some(networks) = tree.get_mut("networks") {
            if networks.value == Value::Null {
                networks.value = Value::Map(Vec::new());
            }
            networks.set_default("default", || Node::null(start));
        }
    }
    let Some(Value::Map(entries)) = tree.get_mut(section).map(|node| &mut node.value) else {
        return;
    };
    entries.retain(|entry| used.contains(&entry.key));
    for entry in entries {
        if entry.value.value == Value::Null {
            entry.value = Node::map(entry.span, Vec::new());
        }
        let span = entry.span;
        // `external: {name: x}` is the old way to write it.
        if let Some(name) = entry
            .value
            .get("external")
            .and_then(|node| node.get("name"))
        {
            let name = name.clone();
            entry.value.set("name", name);
            entry.value.set("external", Node::bare(span, "true"));
        }
        let external = entry.value.get("external").and_then(Node::text) == Some("true");
        let full = if external {
            entry.key.clone()
        } else {
            format!("{project}_{}", entry.key)
        };
        entry.value.set_default("name", || Node::string(span, full));
    }
    if tree
        .get(section)
        .is_some_and(|node| node.entries().is_empty())
    {
        tree.take(section);
    }
}
