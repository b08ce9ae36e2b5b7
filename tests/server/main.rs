//! The server where no engine can be had: it starts, teaches, checks texts, keeps strangers out, and says what is wrong.

#[path = "../common/mod.rs"]
mod common;

mod access;
mod database;
mod files;
mod start;
