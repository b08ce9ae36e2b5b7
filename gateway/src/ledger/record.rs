//! What the ledger knows of one scope, and the changes that it is made of.

use crate::names;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A container. Until the engine has answered, it has no `id`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Container {
    /// The engine's name for it.
    pub(crate) real: String,
    pub(crate) id: Option<String>,
    /// The learner's name for it.
    pub(crate) name: String,
    pub(crate) image_id: String,
    pub(crate) asked: Asked,
    pub(crate) publish: Vec<Publish>,
    /// Ports that are taken while it runs.
    #[serde(default)]
    pub(crate) bound: Vec<Bound>,
    /// Its anonymous volumes.
    #[serde(default)]
    pub(crate) anonymous: Vec<String>,
    /// Paths of the workspace that it has bound.
    #[serde(default)]
    pub(crate) binds: Vec<Bind>,
}

/// What the learner asked for where the engine was asked for something else; `inspect` shows this.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) image: String,
    pub(crate) binds: Value,
    pub(crate) mounts: Value,
    #[serde(default)]
    pub(crate) tmpfs: Value,
    pub(crate) volumes: Value,
    pub(crate) port_bindings: Value,
    pub(crate) publish_all: bool,
    pub(crate) network_mode: String,
    /// Aliases on the network that it was made with.
    pub(crate) aliases: Vec<String>,
}

/// A path of the workspace in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bind {
    /// The last part of the anchor's name; nobody can guess it.
    pub(crate) anchor: String,
    /// Below the workspace; empty for the workspace itself.
    pub(crate) path: String,
    /// As the learner wrote it.
    pub(crate) asked: String,
    /// Whether a missing folder is made.
    pub(crate) create: bool,
}

/// A port that a container wants to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publish {
    pub(crate) port: u16,
    pub(crate) protocol: String,
    pub(crate) host_ip: String,
    /// First and last port that will do; `None` leaves the choice to the gateway.
    pub(crate) host: Option<(u16, u16)>,
}

/// A port that a running container has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bound {
    pub(crate) port: u16,
    pub(crate) protocol: String,
    pub(crate) host_ip: String,
    pub(crate) host_port: u16,
}

/// A network. The scope's own default network is one too, by the name `bridge`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Network {
    pub(crate) real: String,
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    /// The name of its interface on the host.
    #[serde(default)]
    pub(crate) bridge: String,
}

/// A volume. Anonymous ones have the engine's name on both sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Volume {
    pub(crate) real: String,
    pub(crate) name: String,
}

/// An image that the scope made or tagged; `keep` is the real tag that holds it on the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    pub(crate) keep: String,
    /// Empty while a build runs.
    pub(crate) id: String,
}

/// One line of the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// The scope exists.
    Open,
    /// Whether its containers may go to the internet.
    Internet(bool),
    /// The scope is gone with all that it had.
    Gone,
    Container(Box<Container>),
    Network(Network),
    Volume(Volume),
    Image(Image),
    Tag {
        reference: String,
        id: String,
    },
    /// What an image is called by the digest of its manifest on a registry, `repository@sha256:…`.
    Digest {
        reference: String,
        id: String,
    },
    /// A catalogue image that the learner removed is not shown until it is pulled again.
    Hide(String),
    Show(String),
    /// Intermediate images of builds that ended without an image.
    Layers(Vec<String>),
    DropContainer(String),
    DropNetwork(String),
    DropVolume(String),
    DropImage(String),
    DropTag(String),
}

/// All that one scope owns.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) containers: BTreeMap<String, Container>,
    pub(crate) networks: BTreeMap<String, Network>,
    pub(crate) volumes: BTreeMap<String, Volume>,
    pub(crate) images: BTreeMap<String, Image>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Images by the digests under which they were pushed or pulled.
    pub(crate) digests: BTreeMap<String, String>,
    pub(crate) hidden: BTreeSet<String>,
    pub(crate) layers: Vec<String>,
    /// Whether the internet is closed to its containers.
    pub(crate) closed: bool,
}

impl State {
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Open => {}
            Change::Internet(open) => self.closed = !open,
            Change::Gone => *self = Self::default(),
            Change::Container(c) => drop(self.containers.insert(c.real.clone(), *c)),
            Change::Network(n) => drop(self.networks.insert(n.real.clone(), n)),
            Change::Volume(v) => drop(self.volumes.insert(v.real.clone(), v)),
            Change::Image(i) => drop(self.images.insert(i.keep.clone(), i)),
            Change::Tag { reference, id } => drop(self.tags.insert(reference, id)),
            Change::Digest { reference, id } => drop(self.digests.insert(reference, id)),
            Change::Hide(reference) => drop(self.hidden.insert(reference)),
            Change::Show(reference) => drop(self.hidden.remove(&reference)),
            Change::Layers(layers) => self.layers = layers,
            Change::DropContainer(real) => drop(self.containers.remove(&real)),
            Change::DropNetwork(real) => drop(self.networks.remove(&real)),
            Change::DropVolume(real) => drop(self.volumes.remove(&real)),
            Change::DropImage(keep) => {
                if let Some(gone) = self.images.remove(&keep)
                    && !self.images.values().any(|image| image.id == gone.id)
                {
                    self.digests.retain(|_, id| *id != gone.id);
                }
            }
            Change::DropTag(reference) => drop(self.tags.remove(&reference)),
        }
    }

    /// The changes that make this state out of nothing.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let mut all = vec![Change::Open];
        if self.closed {
            all.push(Change::Internet(false));
        }
        all.extend(
            self.containers
                .values()
                .cloned()
                .map(|c| Change::Container(Box::new(c))),
        );
        all.extend(self.networks.values().cloned().map(Change::Network));
        all.extend(self.volumes.values().cloned().map(Change::Volume));
        all.extend(self.images.values().cloned().map(Change::Image));
        all.extend(self.tags.iter().map(|(r, id)| Change::Tag {
            reference: r.clone(),
            id: id.clone(),
        }));
        all.extend(self.digests.iter().map(|(r, id)| Change::Digest {
            reference: r.clone(),
            id: id.clone(),
        }));
        all.extend(self.hidden.iter().cloned().map(Change::Hide));
        if !self.layers.is_empty() {
            all.push(Change::Layers(self.layers.clone()));
        }
        all
    }

    /// Finds a container by full id, name or the beginning of an id, as the engine does. `Err` is "more than one".
    pub(crate) fn container(&self, text: &str) -> Result<Option<&Container>, ()> {
        let name = text.strip_prefix('/').unwrap_or(text);
        if let Some(found) = self.container_by_id(text) {
            return Ok(Some(found));
        }
        if let Some(found) = self
            .containers
            .values()
            .find(|c| c.name == name && c.id.is_some())
        {
            return Ok(Some(found));
        }
        if !names::is_hex(text) {
            return Ok(None);
        }
        one(self
            .containers
            .values()
            .filter(|c| c.id.as_deref().is_some_and(|id| id.starts_with(text))))
    }

    pub(crate) fn container_by_id(&self, id: &str) -> Option<&Container> {
        self.containers
            .values()
            .find(|c| c.id.as_deref() == Some(id))
    }

    /// Finds a network by id, name or the beginning of an id.
    pub(crate) fn network(&self, text: &str) -> Result<Option<&Network>, ()> {
        let text = if text == "default" { "bridge" } else { text };
        let ready = || self.networks.values().filter(|n| n.id.is_some());
        if let Some(found) = ready()
            .find(|n| n.id.as_deref() == Some(text))
            .or_else(|| ready().find(|n| n.name == text))
        {
            return Ok(Some(found));
        }
        if !names::is_hex(text) {
            return Ok(None);
        }
        one(ready().filter(|n| n.id.as_deref().is_some_and(|id| id.starts_with(text))))
    }

    pub(crate) fn volume(&self, name: &str) -> Option<&Volume> {
        self.volumes.values().find(|v| v.name == name)
    }

    /// The scope's own stand-in for the engine's default bridge.
    pub(crate) fn bridge(&self) -> Option<&Network> {
        self.networks.values().find(|n| n.name == "bridge")
    }

    /// Puts the learner's names in place of the engine's, in any text.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let pairs = (self.containers.values().map(|c| (&c.real, &c.name)))
            .chain(self.networks.values().map(|n| (&n.real, &n.name)))
            .chain(self.volumes.values().map(|v| (&v.real, &v.name)));
        for (real, name) in pairs {
            if real != name && text.contains(real.as_str()) {
                text = text.replace(real.as_str(), name);
            }
        }
        text
    }
}

fn one<T>(mut found: impl Iterator<Item = T>) -> Result<Option<T>, ()> {
    let first = found.next();
    if found.next().is_some() {
        Err(())
    } else {
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, id: &str) -> Change {
        Change::Container(Box::new(Container {
            real: format!("{name}.x"),
            id: Some(id.repeat(64 / id.len())),
            name: name.to_owned(),
            image_id: String::new(),
            asked: Asked::default(),
            publish: Vec::new(),
            bound: Vec::new(),
            anonymous: Vec::new(),
            binds: Vec::new(),
        }))
    }

    #[test]
    fn an_object_is_found_by_name_id_and_prefix() {
        let mut state = State::default();
        state.apply(container("web", "ab"));
        state.apply(container("ac", "ac"));
        state.apply(container("third", "ad"));
        let name = |text: &str| state.container(text).map(|c| c.map(|c| c.name.clone()));
        assert_eq!(name("web"), Ok(Some("web".into())));
        assert_eq!(name("/web"), Ok(Some("web".into())));
        assert_eq!(name("abab"), Ok(Some("web".into())));
        assert_eq!(
            name("ac"),
            Ok(Some("ac".into())),
            "a name goes before a prefix"
        );
        assert_eq!(name("a"), Err(()));
        assert_eq!(
            name("web.x"),
            Ok(None),
            "the real name is nobody's business"
        );
    }

    #[test]
    fn a_state_is_the_sum_of_its_changes() {
        let mut state = State::default();
        state.apply(container("web", "ab"));
        state.apply(Change::Tag {
            reference: "app:1".into(),
            id: "sha256:1".into(),
        });
        state.apply(Change::Digest {
            reference: "r.test/app@sha256:2".into(),
            id: "sha256:1".into(),
        });
        state.apply(Change::Internet(false));
        state.apply(Change::Hide("python:3".into()));
        state.apply(Change::Layers(vec!["x".into()]));
        let mut again = State::default();
        for change in state.changes() {
            again.apply(change);
        }
        assert_eq!(format!("{state:?}"), format!("{again:?}"));
        again.apply(Change::Gone);
        assert!(again.containers.is_empty() && again.tags.is_empty());
    }

    #[test]
    fn texts_show_the_learners_names() {
        let mut state = State::default();
        state.apply(container("web", "ab"));
        assert_eq!(state.scrub("endpoint web.x failed"), "endpoint web failed");
    }
}
