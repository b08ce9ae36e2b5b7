//! The rules, a family in a file.

pub(crate) mod apt;
pub(crate) mod arguments;
pub(crate) mod base;
pub(crate) mod base_platform;
pub(crate) mod cache;
pub(crate) mod casing;
pub(crate) mod copy;
pub(crate) mod copy_from;
pub(crate) mod distribution;
pub(crate) mod expose;
pub(crate) mod file;
pub(crate) mod flags;
pub(crate) mod forms;
pub(crate) mod from;
pub(crate) mod lines;
pub(crate) mod metadata;
pub(crate) mod once;
pub(crate) mod packages;
pub(crate) mod parse;
pub(crate) mod platform;
pub(crate) mod requirements;
pub(crate) mod run;
pub(crate) mod server;
pub(crate) mod values;
pub(crate) mod variables;
pub(crate) mod volume;
