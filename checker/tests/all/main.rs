//! The checker against a real engine, and against engines that misbehave.

mod bad_engine;
mod compose;
mod ground;
mod real_engine;
mod text;
