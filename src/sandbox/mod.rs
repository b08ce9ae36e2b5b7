//! A learner's sandbox: engine start-up, images, workbench, workspace, terminals.

pub mod engine;
mod error;
pub mod images;
mod names;
mod scrollback;
mod shell;
mod terminal;
mod typed;
mod workspace;

pub use error::{SandboxError, WorkspaceError};
pub use terminal::{Attachment, Live, Output, Terminal};
pub use workspace::{Existing, Owner, Snapshot, Workspace};
