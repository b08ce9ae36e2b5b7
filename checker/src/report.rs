//! What a check says: the events while it runs and the report at its end.
//!
//! A report is one JSON document (version 1). The browser, the command line and the graders read the same types. The
//! submodules write reports as other tools read them, one format each.

mod classroom;
mod csv;
mod detail;
mod exercism;
mod format;
mod junit;
mod sarif;
mod tap;

pub use classroom::classroom;
pub use csv::csv;
pub use exercism::exercism;
pub use format::{Format, SubmissionName, json};
pub use junit::junit;
pub use sarif::{sarif, sarif_of_findings};
pub use tap::tap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language of everything that a learner reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Korean.
    Ko,
    /// English.
    #[default]
    En,
}

/// How bad a finding is. Only errors make a text check fail.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste or habit.
    Info,
    /// It works, and it will hurt one day.
    Warning,
    /// It does not work, or does not do what was meant.
    Error,
}

/// A place in a text.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: usize,
    /// Column in UTF-16 code units, from 1, for editors.
    pub column_utf16: usize,
    /// Bytes from the start of the file.
    pub offset: usize,
}

/// A replacement of a range of bytes by a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// What the fix does, in one sentence.
    pub title: String,
    /// Where the replaced text starts.
    pub start: Position,
    /// Where the replaced text ends (exclusive).
    pub end: Position,
    /// The new text.
    pub text: String,
}

/// One thing that a rule has seen in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Kebab-case id of the rule.
    pub rule: String,
    /// The same rule's names elsewhere (BuildKit's check name, hadolint's code).
    pub aliases: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen, in one sentence.
    pub message: String,
    /// Why it matters and what to think about next; empty where the message says all.
    pub why: String,
    /// The id of the study notes' mistake that this is, if it is one (`from-space`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mistake: Option<String>,
    /// The file, relative to the submission's folder.
    pub file: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends (exclusive).
    pub end: Position,
    /// A safe change that mends it.
    pub fix: Option<Fix>,
}

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As expected.
    Pass,
    /// The submission is not right yet.
    Fail,
    /// The grader or its surroundings failed; never the learner's fault.
    Error,
    /// Not run, because an earlier check that it needs did not pass.
    Skipped,
}

/// The stages of a check, in the order in which they run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Files are read; nothing is run.
    Text,
    /// An image is built.
    Build,
    /// Something runs, and is looked at.
    Run,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The check's id in its exercise.
    pub id: String,
    /// Which stage it belongs to.
    pub stage: Stage,
    /// The check's title.
    pub title: String,
    /// How it ended.
    pub status: Status,
    /// Points reached.
    pub points: u32,
    /// Points that can be reached.
    pub max_points: u32,
    /// What happened and what to look at next; empty on a pass.
    pub message: String,
    /// What was expected, where that can be said in one line.
    pub expected: Option<String>,
    /// What was there instead.
    pub actual: Option<String>,
    /// Findings in the submission's files.
    pub findings: Vec<Finding>,
    /// Milliseconds.
    pub duration_ms: u64,
}

/// The whole result of checking one submission. The only part that varies between two runs is `duration_ms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always 1.
    pub version: u32,
    /// The exercise's id.
    pub exercise: String,
    /// The language of the texts.
    pub lang: Lang,
    /// Every check with points passed.
    pub passed: bool,
    /// Points reached.
    pub points: u32,
    /// Points that can be reached.
    pub max_points: u32,
    /// In the exercise's order.
    pub checks: Vec<CheckResult>,
    /// SHA-256 (hex) of the exercise, of the submission's files, and of the image ids used.
    pub exercise_hash: String,
    /// See `exercise_hash`.
    pub submission_hash: String,
    /// See `exercise_hash`; empty where no image was used.
    pub images_hash: String,
    /// The version of this crate.
    pub checker_version: String,
}

/// What comes while a check runs, in order; the last one is `Done`. Sent to the browser as one JSON object per line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// A stage begins.
    Stage {
        /// Which.
        stage: Stage,
    },
    /// The builder begins a step.
    BuildStep {
        /// From 1.
        step: u32,
        /// How many there are.
        of: u32,
        /// The instruction as written.
        text: String,
        /// Line of the instruction in the Dockerfile, from 1, where it is known.
        line: Option<usize>,
    },
    /// The current build step was taken from the cache.
    BuildCached {
        /// From 1.
        step: u32,
    },
    /// A line of output of the current build step.
    BuildOutput {
        /// Without the newline.
        line: String,
    },
    /// One check has ended.
    Check {
        /// Its result.
        result: Box<CheckResult>,
    },
    /// All is done.
    Done {
        /// The whole report.
        report: Box<Report>,
    },
}

#[cfg(test)]
mod tests;
