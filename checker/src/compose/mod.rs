//! Compose files: text in, a typed view with places and everything that the specification does not know out.
//!
//! Reading never fails and is bounded. What is broken is missing from the view; [`Compose::whole`] says whether one can
//! conclude anything from what is not there.

pub mod dotenv;
pub mod interpolate;
pub mod model;
pub mod node;
pub mod ports;
pub mod project;
pub mod schema;
pub mod values;
pub mod yaml;

use std::collections::HashSet;

use dockerfile::{Source, Span};

pub use node::{Entry, Node, Value};
pub use ports::Port;

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, its variables not put in.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// A Compose file.
#[derive(Debug)]
pub struct Compose {
    /// The text.
    pub source: Source,
    /// The tree of the file, if there is one.
    pub root: Option<Node>,
    /// What is wrong with it as YAML.
    pub problems: Vec<yaml::Problem>,
    /// What the specification does not know.
    pub misfits: Vec<schema::Misfit>,
    /// The services, in the order of the file.
    pub services: Vec<Service>,
    /// The networks that the file declares.
    pub networks: Vec<Text>,
    /// The volumes that it declares.
    pub volumes: Vec<Text>,
    /// The secrets that it declares.
    pub secrets: Vec<Text>,
    /// The configs that it declares.
    pub configs: Vec<Text>,
    /// Whether this is all: no syntax error cut it, and it includes no other file.
    pub whole: bool,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: Text,
    /// Everything that stands in it.
    pub node: Node,
    /// The image.
    pub image: Option<Text>,
    /// Whether it is built.
    pub built: bool,
    /// Whether it takes more from another service.
    pub extends: bool,
    /// The services that it waits for.
    pub depends_on: Vec<Dependency>,
    /// The services that it names elsewhere: `links`, `volumes_from`, `network_mode`, `ipc`, `pid`.
    pub others: Vec<Text>,
    /// Its networks.
    pub networks: Vec<Text>,
    /// Its mounts.
    pub mounts: Vec<Mount>,
    /// Its secrets.
    pub secrets: Vec<Text>,
    /// Its configs.
    pub configs: Vec<Text>,
    /// Its ports, as far as they can be read.
    pub ports: Vec<(Span, Result<Port, ports::PortError>)>,
    /// The profiles in which it runs; in all where there is none.
    pub profiles: Vec<Text>,
}

/// What a service waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The other service.
    pub service: Text,
    /// What it waits for; only for the start where nothing is said.
    pub condition: Option<Text>,
}

/// A mount of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// A volume's name, or a path of the host.
    pub source: Option<Text>,
    /// Whether the source is a volume's name.
    pub named: bool,
    /// The path in the container.
    pub target: Text,
}

impl Compose {
    /// Reads a file.
    pub fn parse(bytes: &[u8]) -> Compose {
        // One byte more than is read tells that there are more.
        let source = Source::new(&bytes[..bytes.len().min(yaml::MAX_SIZE + 1)]);
        let read = yaml::read(&source);
        let root = read.root.as_ref();
        let declared = |key: &str| -> Vec<Text> {
            let entries = root.and_then(|root| root.get(key)).map(Node::entries);
            entries.unwrap_or(&[]).iter().filter_map(named).collect()
        };
        let services: Vec<Service> = root
            .and_then(|root| root.get("services"))
            .map_or(&[][..], Node::entries)
            .iter()
            .filter(|entry| !entry.key.starts_with("x-"))
            .map(service)
            .collect();
        let whole =
            !read.cut && !read.more && root.is_none_or(|root| root.get("include").is_none());
        Compose {
            misfits: root.map(schema::misfits).unwrap_or_default(),
            services,
            networks: declared("networks"),
            volumes: declared("volumes"),
            secrets: declared("secrets"),
            configs: declared("configs"),
            whole,
            problems: read.problems,
            root: read.root,
            source,
        }
    }

    /// The service of a name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.name.text == name)
    }

    /// The names of all services.
    pub fn service_names(&self) -> HashSet<&str> {
        self.services
            .iter()
            .map(|service| service.name.text.as_str())
            .collect()
    }
}

fn named(entry: &Entry) -> Option<Text> {
    (!entry.key.starts_with("x-")).then(|| Text {
        text: entry.key.clone(),
        span: entry.span,
    })
}

fn text(node: &Node) -> Option<Text> {
    node.text().map(|text| Text {
        text: text.to_owned(),
        span: node.span,
    })
}

/// The names in a list or a mapping, or the only name where a list is missing around it.
fn names(node: Option<&Node>) -> Vec<Text> {
    match node.map(|node| (node, &node.value)) {
        Some((_, Value::List(items))) => items.iter().filter_map(text).collect(),
        Some((_, Value::Map(entries))) => entries.iter().filter_map(named).collect(),
        Some((node, Value::Scalar(..))) => text(node).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The secrets or configs of a service, short or long.
fn sources(node: Option<&Node>) -> Vec<Text> {
    let items = node.map_or(&[][..], Node::items);
    items
        .iter()
        .filter_map(|item| text(item.get("source").unwrap_or(item)))
        .collect()
}

fn service(entry: &Entry) -> Service {
    let node = &entry.value;
    let depends_on = match node.get("depends_on") {
        Some(list) if !list.entries().is_empty() => list
            .entries()
            .iter()
            .filter_map(|entry| {
                Some(Dependency {
                    service: named(entry)?,
                    condition: entry.value.get("condition").and_then(text),
                })
            })
            .collect(),
        other => names(other)
            .into_iter()
            .map(|service| Dependency {
                service,
                condition: None,
            })
            .collect(),
    };
    let ports = node
        .get("ports")
        .map_or(&[][..], |ports| match ports.value {
            Value::Scalar(..) => std::slice::from_ref(ports),
            _ => ports.items(),
        });
    let volumes = node
        .get("volumes")
        .map_or(&[][..], |volumes| match volumes.value {
            Value::Scalar(..) => std::slice::from_ref(volumes),
            _ => volumes.items(),
        });
    Service {
        name: Text {
            text: entry.key.clone(),
            span: entry.span,
        },
        image: node.get("image").and_then(text),
        built: node.get("build").is_some(),
        extends: node.get("extends").is_some(),
        depends_on,
        others: others(node),
        networks: names(node.get("networks")),
        mounts: volumes.iter().filter_map(mount).collect(),
        secrets: sources(node.get("secrets")),
        configs: sources(node.get("configs")),
        ports: ports
            .iter()
            .filter_map(|port| Some((port.span, ports::read(port)?)))
            .collect(),
        profiles: names(node.get("profiles")),
        node: node.clone(),
    }
}

/// The services that a service names outside of `depends_on`.
fn others(node: &Node) -> Vec<Text> {
    let mut found = Vec::new();
    for (key, list) in [
        ("links", node.get("links")),
        ("volumes_from", node.get("volumes_from")),
    ] {
        for mut name in names(list) {
            let own = name.text.split(':').next().unwrap_or("").to_owned();
            if key == "volumes_from" && own == "container" {
                continue;
            }
            name.text = own;
            found.push(name);
        }
    }
    for key in ["network_mode", "ipc", "pid"] {
        let mode = node.get(key).and_then(text);
        if let Some(mut mode) = mode
            && let Some(name) = mode.text.strip_prefix("service:")
        {
            mode.text = name.to_owned();
            found.push(mode);
        }
    }
    found
}

fn mount(node: &Node) -> Option<Mount> {
    if !node.entries().is_empty() {
        let kind = node.get("type").and_then(Node::text);
        return Some(Mount {
            source: node.get("source").and_then(text),
            named: kind.is_none_or(|kind| kind == "volume"),
            target: text(node.get("target")?)?,
        });
    }
    let whole = text(node)?;
    let at = |part: &str| Text {
        text: part.to_owned(),
        span: whole.span,
    };
    // The colon of `C:\data` parts nothing.
    let drive = whole
        .text
        .get(1..3)
        .is_some_and(|next| next == ":\\" || next == ":/")
        && whole.text.starts_with(|c: char| c.is_ascii_alphabetic());
    let from = if drive { 2 } else { 0 };
    let Some(colon) = whole.text.get(from..)?.find(':') else {
        return Some(Mount {
            source: None,
            named: false,
            target: at(&whole.text),
        });
    };
    let (source, rest) = (&whole.text[..from + colon], &whole.text[from + colon + 1..]);
    let target = rest.split(':').next().unwrap_or(rest);
    let path = drive || source.starts_with(['.', '/', '~', '\\', '$']);
    Some(Mount {
        named: !path && !source.is_empty(),
        source: (!source.is_empty()).then(|| at(source)),
        target: at(target),
    })
}
