//! Lessons and exercises, from a folder or from the binary.

pub mod markdown;
