//! A learner's sandbox: engine start-up, images, workbench, workspace, terminals.

pub mod engine;
pub mod images;
