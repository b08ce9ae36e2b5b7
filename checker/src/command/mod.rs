//! Commands that a learner types: `docker …` and `docker compose …`.
//!
//! A text is read as a shell reads it, each command then by the CLI's own grammar. Two texts are compared by what they
//! mean: order, long or short names, joined letters, default values and quotes make no difference. What cannot be judged
//! without running it says so.

mod about;
mod around;
mod compare;
mod demand;
mod explain;
mod grammar;
mod remark;
mod script;
mod sequence;
mod slip;
mod steps;
mod table;
mod value;

use serde::Serialize;

pub use explain::{Explanation, Part, explain};
pub use steps::{compare, mistakes};

pub(crate) use about::satisfies;
pub(crate) use demand::{Facts, Flags, command_problem, facts_problem, flags_problem};
pub(crate) use steps::mistakes_about;

/// One thing that is said about a command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What kind of thing.
    pub kind: FactKind,
    /// The id of the study notes' mistake that this is, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mistake: Option<&'static str>,
    /// Where it starts, in bytes of the typed text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What was seen, for the learner.
    pub message: String,
}

/// What a fact says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// It does not work, or means something else than was meant.
    Mistake,
    /// It means something else than the reference.
    Different,
    /// It works, and is hardly what was meant.
    Note,
    /// It cannot be judged without running it.
    Unjudged,
}

#[cfg(test)]
pub(crate) mod tests;
