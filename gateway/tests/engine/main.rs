//! The gateway in front of a real Docker Engine, used by the real `docker` command line.
//!
//! `DOCKTUTOR_TEST_ENGINE` is the path of the engine's unix socket, `DOCKTUTOR_TEST_IMAGE` an image on it that has a
//! shell and Perl. `make test` sets both.

mod archives;
mod attacks;
mod audit;
mod binds;
mod builds;
mod clients;
mod common;
mod creates;
mod disk;
mod engines;
mod everyday;
mod firewall;
mod full;
mod isolation;
mod kills;
mod life;
mod own_registry;
mod registry;
mod side;
mod wire;
