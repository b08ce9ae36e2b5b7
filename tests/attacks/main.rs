//! What a learner who means harm can try from a real workbench. The gateway has its own, longer list; here the whole
//! product stands in the way, and what is asserted is what happened on the raw engine and on the host.

#[path = "../common/mod.rs"]
mod common;

mod attacker;

mod api;
mod breakout;
mod neighbours;
mod quota;
