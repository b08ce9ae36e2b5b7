//! Pages, API and terminals over HTTP.

pub mod protocol;
