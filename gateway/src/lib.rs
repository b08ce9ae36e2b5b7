//! The scoped engine: one shared Docker Engine, seen by each learner as a private one.
//!
//! Whoever comes in by a scope's socket sees, names and touches only that scope's containers, images, volumes and
//! networks. `policy` decides and rebuilds, and does nothing else; `api` carries out; `view` turns the engine's
//! answers into the learner's; `ledger` remembers who owns what; `ground` does what only the host can do.

mod api;
mod audit;
mod disk;
mod error;
mod gateway;
mod ground;
mod ledger;
mod names;
mod policy;
mod rate;
mod reconcile;
mod registry;
mod scope;
mod server;
mod upstream;
mod usage;
mod view;
mod watch;

pub use audit::EngineCall;
pub use disk::DiskUsage;
pub use error::GatewayError;
pub use gateway::{
    Access, Catalogue, CatalogueImage, Config, Gateway, Limits, ScopeSpec, Workspace, check_name,
};
pub use scope::Scope;
pub use usage::{Share, Usage};
