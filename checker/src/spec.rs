//! The exercise format: `exercise.yaml` as types. Unknown fields are errors with a place and, where possible, a guess.

mod error;
mod places;
mod validate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use error::SpecError;
use places::Places;

pub use crate::assert::Assertion;
pub use crate::text::Text;
use crate::{Lang, Stage};

/// One exercise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// `topic/name`, the same as its folder.
    #[schemars(regex(
        pattern = r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$"
    ))]
    pub id: String,
    /// Title.
    pub title: Text,
    /// The lesson that it belongs to.
    pub lesson: String,
    /// Ids of what it practises.
    #[serde(default)]
    pub covers: Vec<String>,
    /// What the learner does in it.
    pub kind: Kind,
    /// From 1 (imitate) to 4 (design).
    #[schemars(range(min = 1, max = 4))]
    pub difficulty: u8,
    /// How long it takes.
    #[schemars(range(min = 1))]
    pub minutes: u32,
    /// Images that it needs, as a learner writes them.
    #[serde(default)]
    pub images: Vec<String>,
    /// Files that the learner edits, relative to the exercise's folder.
    #[serde(default)]
    pub files: Vec<String>,
    /// What is looked at.
    #[schemars(length(min = 1))]
    pub checks: Vec<Check>,
    /// Help in steps, from where to look to nearly the answer.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// Id of an exercise that asked the same questions earlier; the page shows what has changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// What the learner does in an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Writes or mends files.
    Files,
    /// Brings a sandbox into a state.
    Sandbox,
    /// Types a command line.
    Command,
    /// Answers questions.
    Quiz,
    /// Says what will happen.
    Predict,
}

impl Kind {
    /// As it is written in `exercise.yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Files => "files",
            Kind::Sandbox => "sandbox",
            Kind::Command => "command",
            Kind::Quiz => "quiz",
            Kind::Predict => "predict",
        }
    }
}

/// One thing that is looked at, with its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Kebab-case, unique in its exercise.
    #[schemars(regex(pattern = r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$"))]
    pub id: String,
    /// Title.
    pub title: Text,
    /// Points for a pass.
    #[schemars(range(min = 1))]
    pub points: u32,
    /// What a learner reads when it fails: what was seen, why it matters, a next step that is not the answer.
    pub failure: Text,
    /// What must be so.
    #[serde(rename = "assert", with = "serde_yaml::with::singleton_map")]
    #[schemars(with = "Assertion")]
    pub assertion: Assertion,
}

impl Check {
    /// The stage in which it is run.
    pub fn stage(&self) -> Stage {
        self.assertion.stage()
    }
}

/// One step of help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
    /// Shown only while this holds: an assertion on text, or on containers, volumes and networks.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "serde_yaml::with::singleton_map_recursive"
    )]
    #[schemars(with = "Option<Assertion>")]
    pub when: Option<Assertion>,
}

impl Hint {
    /// The hint in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.ko, &self.en)
    }
}

impl Exercise {
    /// Reads `exercise.yaml`; the first thing that is wrong is the error.
    pub fn parse(yaml: &str) -> Result<Exercise, SpecError> {
        Exercise::parse_all(yaml).map_err(|mut errors| errors.swap_remove(0))
    }

    /// Reads `exercise.yaml`; what the types do not say is looked at as a whole, so that all of it is told at once.
    /// The list of errors is never empty.
    pub fn parse_all(yaml: &str) -> Result<Exercise, Vec<SpecError>> {
        // The reader of types takes the mark for a blank, and the first key for indented.
        let yaml = yaml.strip_prefix('\u{feff}').unwrap_or(yaml);
        let places = Places::read(yaml);
        let broken = places.errors();
        if !broken.is_empty() {
            return Err(broken);
        }
        let exercise: Exercise = serde_yaml::from_str(yaml)
            .map_err(|error| vec![SpecError::from_yaml(&places, &error)])?;
        let errors = validate::problems(&places, &exercise);
        if errors.is_empty() {
            Ok(exercise)
        } else {
            Err(errors)
        }
    }

    /// Points that can be reached.
    pub fn max_points(&self) -> u32 {
        self.checks.iter().map(|check| check.points).sum()
    }

    /// Every file whose text is looked at: those that the learner edits and those that a check names.
    pub fn text_files(&self) -> Vec<String> {
        let named = self
            .checks
            .iter()
            .filter_map(|check| check.assertion.file());
        let mut files: Vec<String> = self.files.iter().cloned().chain(named).collect();
        files.sort();
        files.dedup();
        files
    }
}

#[cfg(test)]
mod mistakes;
#[cfg(test)]
pub(crate) mod tests;
