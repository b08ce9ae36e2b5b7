//! The rules, a family in a file.

pub(crate) mod base;
pub(crate) mod copy;
pub(crate) mod file;
pub(crate) mod forms;
pub(crate) mod from;
pub(crate) mod metadata;
pub(crate) mod packages;
pub(crate) mod parse;
pub(crate) mod run;
pub(crate) mod variables;
