//! The rules, a family in a file.

pub(crate) mod file;
pub(crate) mod forms;
pub(crate) mod from;
pub(crate) mod parse;
pub(crate) mod variables;
