//! The images of a scope: its own and the catalogue's, by the references that it sees.

use super::strip_labels;
use crate::gateway::Catalogue;
use crate::ledger::State;
use crate::policy::image_config::sets_reserved;
use crate::policy::reference::Reference;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// All images of a scope: reference → id, and own images without a reference.
pub(crate) struct Images {
    pub(crate) references: BTreeMap<String, String>,
    /// Images that can be started by their reference, and are not there for anything else.
    unlisted: BTreeMap<String, String>,
    pub(crate) ids: BTreeSet<String>,
    /// What images are called by their digests on registries.
    digests: BTreeMap<String, String>,
}

/// What a reference leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    One {
        id: String,
        reference: Option<String>,
    },
    Nothing,
    Ambiguous,
}

impl Images {
    pub(crate) fn of(state: &State, catalogue: &Catalogue) -> Self {
        let mut references: BTreeMap<String, String> = catalogue
            .0
            .iter()
            .filter(|(reference, image)| image.listed && !state.hidden.contains(*reference))
            .map(|(reference, image)| (reference.clone(), image.id.clone()))
            .collect();
        references.extend(state.tags.clone());
        let mut ids: BTreeSet<String> = references.values().cloned().collect();
        ids.extend(
            state
                .images
                .values()
                .map(|image| image.id.clone())
                .filter(|id| !id.is_empty()),
        );
        let unlisted = catalogue
            .0
            .iter()
            .filter(|(_, image)| !image.listed)
            .map(|(reference, image)| (reference.clone(), image.id.clone()))
            .collect();
        let digests = state.digests.iter().filter(|(_, id)| ids.contains(*id));
        let digests = digests
            .map(|(reference, id)| (reference.clone(), id.clone()))
            .collect();
        Self {
            references,
            unlisted,
            ids,
            digests,
        }
    }

    /// Finds an image to start: one that is listed, or else an unlisted one by its reference.
    pub(crate) fn find_to_run(&self, text: &str) -> Found {
        match self.find(text) {
            Found::Nothing => {}
            found => return found,
        }
        let reference = Reference::parse(text).map(|reference| reference.familiar());
        match reference.and_then(|reference| self.unlisted.get_key_value(&reference)) {
            Some((reference, id)) => Found::One {
                id: id.clone(),
                reference: Some(reference.clone()),
            },
            None => Found::Nothing,
        }
    }

    /// Finds an image as the engine does: by full id, by name, by the beginning of an id.
    pub(crate) fn find(&self, text: &str) -> Found {
        let Some(reference) = Reference::parse(text) else {
            return Found::Nothing;
        };
        let familiar = reference.familiar();
        if let Reference::Named { .. } = reference
            && let Some(id) = self.references.get(&familiar)
        {
            return Found::One {
                id: id.clone(),
                reference: Some(familiar),
            };
        }
        if let Reference::Digest { .. } = reference
            && let Some(id) = self.digests.get(&familiar)
        {
            return Found::One {
                id: id.clone(),
                reference: None,
            };
        }
        let start = text.strip_prefix("sha256:").unwrap_or(text);
        if !crate::names::is_hex(start) {
            return Found::Nothing;
        }
        let mut found = self.ids.iter().filter(|id| {
            id.strip_prefix("sha256:")
                .is_some_and(|hex| hex.starts_with(start))
        });
        match (found.next(), found.next()) {
            (Some(id), None) => Found::One {
                id: id.clone(),
                reference: None,
            },
            (Some(_), Some(_)) => Found::Ambiguous,
            (None, _) => Found::Nothing,
        }
    }

    /// What an image is called by its digests.
    fn digests_of(&self, id: &str) -> Vec<&str> {
        let all = self.digests.iter().filter(|(_, one)| *one == id);
        all.map(|(reference, _)| reference.as_str()).collect()
    }

    /// All references of an image.
    pub(crate) fn references_of(&self, id: &str) -> Vec<&str> {
        self.references
            .iter()
            .filter(|(_, one)| *one == id)
            .map(|(reference, _)| reference.as_str())
            .collect()
    }
}

/// Rewrites one line of the engine's list.
pub(crate) fn summary(mut value: Value, images: &Images) -> Value {
    let id = value["Id"].as_str().unwrap_or_default().to_owned();
    let references = images.references_of(&id);
    value["RepoTags"] = if references.is_empty() {
        json!(["<none>:<none>"])
    } else {
        json!(references)
    };
    let digests = images.digests_of(&id);
    value["RepoDigests"] = match (digests.is_empty(), references.is_empty()) {
        (false, _) => json!(digests),
        (true, true) => json!(["<none>@<none>"]),
        (true, false) => Value::Null,
    };
    value["ParentId"] = json!("");
    strip_labels(&mut value["Labels"]);
    value
}

/// Rewrites one inspected image.
pub(crate) fn inspect(mut value: Value, images: &Images) -> Value {
    let id = value["Id"].as_str().unwrap_or_default().to_owned();
    value["RepoTags"] = json!(images.references_of(&id));
    value["RepoDigests"] = json!(images.digests_of(&id));
    value["Parent"] = json!("");
    value["GraphDriver"]["Data"] = Value::Null;
    for config in ["Config", "ContainerConfig"] {
        if value[config].is_object() {
            strip_labels(&mut value[config]["Labels"]);
        }
    }
    value
}

/// Rewrites an image's history.
pub(crate) fn history(mut value: Value, images: &Images) -> Value {
    if let Some(steps) = value.as_array_mut() {
        steps.retain(|step| step["Size"] != 0 || !sets_reserved(&step["CreatedBy"]));
    }
    for layer in value.as_array_mut().into_iter().flatten() {
        let id = layer["Id"].as_str().unwrap_or_default().to_owned();
        let references = images.references_of(&id);
        layer["Tags"] = if references.is_empty() {
            Value::Null
        } else {
            json!(references)
        };
        if !images.ids.contains(&id) {
            layer["Id"] = json!("<missing>");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::CatalogueImage;
    use crate::ledger::{Change, Image};

    fn id(letter: &str) -> String {
        format!("sha256:{}", letter.repeat(64))
    }

    fn images() -> Images {
        let image = |letter: &str| CatalogueImage {
            id: id(letter),
            stand_in: false,
            listed: letter != "e",
        };
        let catalogue = Catalogue(
            [
                ("python:3".to_owned(), image("a")),
                ("nginx:latest".to_owned(), image("b")),
                ("course/probe:latest".to_owned(), image("e")),
            ]
            .into(),
        );
        let mut state = State::default();
        state.apply(Change::Hide("nginx:latest".into()));
        state.apply(Change::Image(Image {
            keep: "k:1".into(),
            id: id("c"),
        }));
        state.apply(Change::Tag {
            reference: "app:1".into(),
            id: id("c"),
        });
        Images::of(&state, &catalogue)
    }

    #[test]
    fn own_and_catalogue_images_are_found_and_hidden_ones_not() {
        let images = images();
        let found = |text: &str| match images.find(text) {
            Found::One { id, .. } => Some(id),
            _ => None,
        };
        assert_eq!(found("python:3"), Some(id("a")));
        assert_eq!(found("docker.io/library/python:3"), Some(id("a")));
        assert_eq!(found("app:1"), Some(id("c")));
        assert_eq!(found("cccc"), Some(id("c")));
        assert_eq!(found(&id("c")), Some(id("c")));
        assert_eq!(found("nginx"), None);
        assert_eq!(found("bbbb"), None);
        assert_eq!(found(&id("d")), None);
    }

    #[test]
    fn an_unlisted_image_can_only_be_started_by_its_reference() {
        let images = images();
        let by_name = Found::One {
            id: id("e"),
            reference: Some("course/probe:latest".to_owned()),
        };
        assert_eq!(images.find_to_run("course/probe"), by_name);
        assert_eq!(images.find("course/probe"), Found::Nothing);
        assert_eq!(images.find_to_run("eeee"), Found::Nothing);
        assert_eq!(images.find_to_run(&id("e")), Found::Nothing);
        assert!(images.references_of(&id("e")).is_empty() && !images.ids.contains(&id("e")));
        assert_eq!(images.find_to_run("python:3"), images.find("python:3"));
    }
}
