//! The whole product on a real engine: sandboxes, terminals, restarts, learners side by side, a graded exercise.
//!
//! `scripts/test.sh` starts the engine and prepares its images; these tests are not part of a plain `cargo test`.

#[path = "../common/mod.rs"]
mod common;

mod exercise;
mod gateway;
mod images;
mod learners;
mod remote;
mod restart;
mod sandbox;
mod terminal;
