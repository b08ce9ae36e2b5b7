//! That an image can be built from the submission.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size::Size;
use crate::submission::inside;

/// Builds an image as `docker build` does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// The build context, relative to the submission's folder.
    #[serde(default = "here")]
    pub context: String,
    /// The Dockerfile, relative to the context.
    #[serde(default = "dockerfile")]
    pub dockerfile: String,
    /// The built image's name; without one it is named after the exercise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The most layers that the Dockerfile may add to its base image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_layers: Option<usize>,
    /// The largest size of the image, as `docker images` shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_size: Option<Size>,
    /// The stage that is built; without it the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Build arguments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

fn here() -> String {
    ".".to_owned()
}

fn dockerfile() -> String {
    "Dockerfile".to_owned()
}

impl Build {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for path in [&self.context, &self.dockerfile] {
            if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                problems.push(format!("`{path}` leads out of the exercise's folder"));
            }
        }
        if self.tag.as_deref().is_some_and(str::is_empty) {
            problems.push("the tag is empty".to_owned());
        }
        if self.target.as_deref().is_some_and(str::is_empty) {
            problems.push("the target is empty".to_owned());
        }
        problems
    }

    /// The Dockerfile relative to the submission's folder.
    pub fn dockerfile_path(&self) -> String {
        inside(&self.context, &self.dockerfile)
    }
}
