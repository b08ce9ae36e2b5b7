//! The checker against a real engine, and against engines that misbehave.

mod agreement;
mod bad_engine;
mod compose;
mod fix;
mod forecast;
mod ground;
mod image;
mod real_engine;
mod repeat;
mod state;
mod text;
