//! The page in a real Chromium, as a learner uses it. Screenshots go to `target/screenshots` for people to look at.

#[path = "../common/mod.rs"]
mod common;

mod driver;
mod page;

mod journey;
mod looks;
mod quiz;
mod typing;
mod walk;
