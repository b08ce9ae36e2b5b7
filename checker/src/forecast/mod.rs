//! The cache forecast: after an edit, which build steps will be reused, which will be rebuilt, and why.
//!
//! Nothing is built. Each step gets a key out of everything that the builder looks at; a step is reused where the build
//! before the edit had a step of the same key on the same parent. The two builders look at different things:
//!
//! - The classic builder keeps a result for every instruction, also for `LABEL` or `ENV`, and builds every stage up to
//!   the target. A copied file counts with its path in the context.
//! - BuildKit keeps results of what changes files only; a setting counts where a later `RUN` sees it. It builds only
//!   the stages that the target needs. A copied file counts with its content and its last name.

mod key;
mod plan;
mod reason;
mod sources;
mod state;
mod walk;
mod wording;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use dockerfile::Dockerfile;
use serde::Serialize;

pub use reason::Reason;
pub use sources::{Entry, Files};

/// Whose rules are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// The builder of the engine itself, as used by `DOCKER_BUILDKIT=0`.
    Classic,
    /// BuildKit.
    Buildkit,
}

/// What is built: a Dockerfile, the files beside it, and what the command line adds.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// The Dockerfile.
    pub dockerfile: &'a Dockerfile,
    /// The files of the build context that a build sees.
    pub files: &'a Files,
    /// `--build-arg`.
    pub args: &'a BTreeMap<String, String>,
    /// `--target`: a stage's name or number; without it the last stage.
    pub target: Option<&'a str>,
}

/// What will become of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Its result is taken from the cache.
    Reused,
    /// It is carried out again.
    Rebuilt,
    /// It is reused if the files that it copies from a rebuilt stage come out the same, else rebuilt.
    Depends,
    /// It only sets something in the image's configuration; the builder has nothing to keep for it.
    Setting,
    /// The builder does not come to it.
    NotBuilt,
    /// It cannot work.
    Fails,
    /// It depends on something that is not in the project.
    Unknown,
}

/// One step and its fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The builder's number of the step, from 1: the instructions are counted in order.
    pub number: usize,
    /// The stage, from 0; none before the first `FROM`.
    pub stage: Option<usize>,
    /// The stage's name, where it has one.
    pub stage_name: Option<String>,
    /// The instruction, on one line.
    pub text: String,
    /// The instruction's first line in the Dockerfile, from 1.
    pub line: usize,
    /// What will become of it.
    pub fate: Fate,
    /// Why.
    pub reason: Reason,
}

/// All steps of the Dockerfile after the edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Whose rules were followed.
    pub builder: Builder,
    /// One for each instruction, in the order of the file.
    pub steps: Vec<Step>,
}

impl Forecast {
    /// How many steps are surely reused. `FROM` only names what is there and is not counted.
    pub fn reused(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| step.fate == Fate::Reused && !is_from(&step.text))
            .count()
    }
}

fn is_from(text: &str) -> bool {
    let keyword = text.split_whitespace().next().unwrap_or_default();
    keyword.eq_ignore_ascii_case("from")
}

/// Says what a build of `after` reuses of a build of `before` that has just ended well.
pub fn forecast(before: &Project<'_>, after: &Project<'_>, builder: Builder) -> Forecast {
    walk::walk(before, after, builder)
}
