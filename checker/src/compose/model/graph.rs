//! The graph of a project: who waits for whom, who shares a network or a volume, and who reaches whom by which name.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile::Span;
use serde::Serialize;

use super::{Project, Service};
use crate::compose::node::Node;

/// A tie between two services.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The one that waits, or the first by name.
    pub from: String,
    /// The other one.
    pub to: String,
    /// What ties them.
    #[serde(flatten)]
    pub kind: EdgeKind,
}

/// What ties two services.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EdgeKind {
    /// `from` starts after `to`.
    DependsOn {
        /// What must be so before.
        condition: String,
    },
    /// Both are in a network.
    Network {
        /// Its name in the file.
        name: String,
    },
    /// Both mount a volume.
    Volume {
        /// Its name in the file.
        name: String,
    },
}

impl Project {
    /// All ties, sorted. Services of one network are tied in pairs, at most 10,000 of them.
    pub fn edges(&self) -> Vec<Edge> {
        const MOST: usize = 10_000;
        let mut edges = Vec::new();
        for (name, service) in &self.services {
            for (other, dependency) in &service.depends_on {
                let condition = dependency.condition.clone();
                edges.push(Edge {
                    from: name.clone(),
                    to: other.clone(),
                    kind: EdgeKind::DependsOn { condition },
                });
            }
        }
        let mut networks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut volumes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, service) in &self.services {
            for network in service.networks.keys() {
                networks.entry(network).or_default().push(name);
            }
            for mount in service
                .volumes
                .iter()
                .filter(|mount| mount.kind == "volume")
            {
                if let Some(source) = &mount.source {
                    volumes.entry(source).or_default().insert(name);
                }
            }
        }
        let mut pairs = |members: &[&str], kind: EdgeKind| {
            for (at, from) in members.iter().enumerate() {
                for to in &members[at + 1..] {
                    if edges.len() >= MOST {
                        return;
                    }
                    edges.push(Edge {
                        from: (*from).to_owned(),
                        to: (*to).to_owned(),
                        kind: kind.clone(),
                    });
                }
            }
        };
        for (name, members) in networks {
            let name = name.to_owned();
            pairs(&members, EdgeKind::Network { name });
        }
        for (name, members) in volumes {
            let members: Vec<&str> = members.into_iter().collect();
            let name = name.to_owned();
            pairs(&members, EdgeKind::Volume { name });
        }
        edges.sort();
        edges
    }

    /// The services in the order in which they start: those of one step start together. What waits in a circle is in
    /// none.
    pub fn start_order(&self) -> Vec<Vec<&str>> {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, service) in &self.services {
            let needs = service
                .depends_on
                .keys()
                .filter(|other| self.services.contains_key(*other));
            let mut count = 0;
            for other in needs {
                waiting.entry(other).or_default().push(name);
                count += 1;
            }
            left.insert(name, count);
        }
        let mut steps = Vec::new();
        let mut step: Vec<&str> = left
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| *name)
            .collect();
        while !step.is_empty() {
            let mut next = Vec::new();
            for name in &step {
                for other in waiting.get(name).into_iter().flatten() {
                    if let Some(count) = left.get_mut(other) {
                        *count -= 1;
                        if *count == 0 {
                            next.push(*other);
                        }
                    }
                }
            }
            next.sort_unstable();
            steps.push(std::mem::replace(&mut step, next));
        }
        steps
    }

    /// The names by which one service reaches another, sorted; none where they share no network.
    pub fn names_for(&self, from: &str, to: &str) -> Vec<String> {
        let (Some(source), Some(target)) = (self.networked(from), self.networked(to)) else {
            return Vec::new();
        };
        let mut names = BTreeSet::new();
        for (network, attachment) in &target.networks {
            if source.networks.contains_key(network) {
                names.insert(to.to_owned());
                names.extend(attachment.aliases.iter().cloned());
                names.extend(
                    self.services
                        .get(to)
                        .and_then(|own| own.container_name.clone()),
                );
            }
        }
        if !names.is_empty() {
            for link in &source.links {
                if let Some((service, alias)) = link.split_once(':')
                    && service == to
                {
                    names.insert(alias.to_owned());
                }
            }
        }
        names.into_iter().collect()
    }

    /// The service whose networks a service is in: another one's where it shares that one's.
    fn networked<'a>(&'a self, name: &'a str) -> Option<&'a Service> {
        let mut service = self.services.get(name)?;
        for _ in 0..16 {
            let mode = service.network_mode.as_deref();
            match mode.and_then(|mode| mode.strip_prefix("service:")) {
                Some(other) => service = self.services.get(other)?,
                None => return Some(service),
            }
        }
        None
    }

    /// Circles in which services wait for each other: the place of one tie, and the names on the way, the first again at
    /// the end.
    pub(in crate::compose) fn circles(&self, tree: &Node) -> Vec<(Span, Vec<String>)> {
        let ordered: BTreeSet<&str> = self.start_order().into_iter().flatten().collect();
        let mut left: BTreeSet<&str> = self
            .services
            .keys()
            .map(String::as_str)
            .filter(|name| !ordered.contains(name))
            .collect();
        let mut found = Vec::new();
        while let Some(first) = left.first().copied() {
            let (mut path, mut at) = (vec![first], first);
            loop {
                let service = &self.services[at];
                let next = service
                    .depends_on
                    .keys()
                    .find(|other| left.contains(other.as_str()));
                let Some(next) = next else { break };
                if let Some(start) = path.iter().position(|name| *name == next.as_str()) {
                    let mut circle: Vec<String> = path[start..]
                        .iter()
                        .map(|name| (*name).to_owned())
                        .collect();
                    circle.push(next.clone());
                    let tie = tree
                        .get("services")
                        .and_then(|services| services.get(at))
                        .and_then(|service| service.get("depends_on"))
                        .and_then(|needs| needs.entry(next));
                    found.extend(tie.map(|tie| (tie.span, circle)));
                    break;
                }
                path.push(next);
                at = next;
            }
            for name in path {
                left.remove(name);
            }
        }
        found
    }
}
