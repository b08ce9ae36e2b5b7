//! The ledger: who owns which object of the engine, and by what name. It is written before the engine is asked.

mod log;
mod record;

pub(crate) use log::Log;
pub(crate) use record::{
    Asked, Bind, Bound, Change, Container, Image, Network, Publish, State, Volume,
};
