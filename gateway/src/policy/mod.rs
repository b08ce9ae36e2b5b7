//! What a scope may ask for. Everything here is pure: a request goes in, a decision or a rebuilt request comes out.

pub(crate) mod body;
pub(crate) mod changes;
pub(crate) mod context;
pub(crate) mod create;
pub(crate) mod dockerfile;
pub(crate) mod image_config;
pub(crate) mod json;
pub(crate) mod limits;
pub(crate) mod loaded;
pub(crate) mod moment;
pub(crate) mod mounts;
pub(crate) mod network;
pub(crate) mod path;
pub(crate) mod pattern;
pub(crate) mod ports;
pub(crate) mod query;
pub(crate) mod reference;
mod refused;
pub(crate) mod saved;
pub(crate) mod tarball;

#[cfg(test)]
mod properties;
