//! The catalogue: `exercises/images.yaml`, which is part of the binary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TEXT: &str = include_str!("../../../exercises/images.yaml");

/// One image of the catalogue. The file itself says what each field means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Our own name for it.
    pub name: String,
    /// What a learner writes.
    pub reference: Option<String>,
    /// Further spellings of the reference.
    #[serde(default)]
    pub also: Vec<String>,
    /// The real image.
    pub pull: Option<String>,
    /// The digest that pins the real image.
    pub digest: Option<String>,
    /// The recipe's folder.
    pub recipe: String,
    /// The entry that it stands on.
    pub base: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
}

/// One line for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// The JSON Schema of `images.yaml`.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Vec<Entry>)
}

impl Entry {
    /// Every spelling that a learner may use.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.reference.iter().chain(&self.also).map(String::as_str)
    }

    /// What to ask a registry for.
    pub(super) fn pull_reference(&self) -> Option<String> {
        let pull = self.pull.as_deref()?;
        Some(match &self.digest {
            // With a digest the tag says nothing, and engines differ in whether they take both.
            Some(digest) => format!(
                "{}@{digest}",
                pull.rsplit_once(':').map_or(pull, |(name, _)| name)
            ),
            None => pull.to_owned(),
        })
    }
}

/// The catalogue that this binary was made with.
pub fn embedded() -> Vec<Entry> {
    // The file is part of the binary, and a test reads it: it cannot fail to parse here.
    serde_yaml::from_str(TEXT).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_catalogue_is_sound() {
        let entries: Vec<Entry> = serde_yaml::from_str(TEXT).unwrap();
        let mut names = HashSet::new();
        let mut references = HashSet::new();
        for entry in &entries {
            assert!(
                entry.base.as_ref().is_none_or(|base| names.contains(base)),
                "{}'s base comes later",
                entry.name
            );
            assert!(
                names.insert(entry.name.clone()),
                "{} stands twice",
                entry.name
            );
            for reference in entry.references() {
                assert!(
                    references.insert(reference.to_owned()),
                    "{reference} stands twice"
                );
                assert!(reference.contains(':'), "{reference} names no tag");
            }
            assert!(
                entry
                    .pull
                    .as_ref()
                    .is_none_or(|pull| pull.contains('/') && pull.contains(':'))
            );
            assert!(
                super::super::recipe::file(&entry.recipe, "Dockerfile").is_some(),
                "{} has no recipe",
                entry.name
            );
            assert!(!entry.purpose.en.is_empty() && !entry.purpose.ko.is_empty());
        }
        assert!(names.contains("workbench"));
        assert!(references.contains("python:3.11-slim"));
    }

    #[test]
    fn no_recipe_lies_about_unused() {
        let used: HashSet<String> = embedded().into_iter().map(|entry| entry.recipe).collect();
        assert_eq!(super::super::recipe::folders(), used);
    }

    #[test]
    fn a_digest_takes_the_place_of_the_tag() {
        let mut entry = embedded()
            .into_iter()
            .find(|entry| entry.name == "python")
            .unwrap();
        assert_eq!(
            entry.pull_reference().unwrap(),
            "docker.io/library/python:3.11-slim"
        );
        entry.digest = Some("sha256:00".to_owned());
        assert_eq!(
            entry.pull_reference().unwrap(),
            "docker.io/library/python@sha256:00"
        );
    }
}
