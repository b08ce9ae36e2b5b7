//! Exercises, rules and reports: says what is right, what is wrong, where, and why.

mod report;

pub use report::*;
