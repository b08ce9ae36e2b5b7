//! The library behind the `docktutor` binary; tests and the book use it too.

pub mod book;
pub mod cli;
pub mod course;
pub mod data;
pub mod sandbox;
pub mod store;
pub mod web;
