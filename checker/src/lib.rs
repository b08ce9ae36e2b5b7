//! Exercises, rules and reports: says what is right, what is wrong, where, and why.
//!
//! [`spec`] reads an exercise, [`check`] runs its checks on a submission, [`assert`] holds what a check can demand,
//! [`compose`] reads Compose files, and `lint` holds the rules for the files that learners write. Text in, findings out:
//! only [`check`] reads a folder and speaks to an engine.

pub mod assert;
pub mod check;
pub mod command;
pub mod compose;
mod engine;
pub mod forecast;
pub mod layers;
pub mod lint;
pub mod report;
pub mod schema;
pub mod snapshot;
pub mod spec;
mod submission;
mod text;

pub use report::*;

/// The version of this crate, as reports carry it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
