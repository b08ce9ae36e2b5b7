//! A learner's sandbox: engine start-up, images, workbench, workspace, terminals.
//!
//! `Sandboxes` is the way in. A `Sandbox` (`instance.rs`) is one scope of the gateway, one workbench container, one
//! workspace folder and up to four terminals; `life.rs` is what goes on in the background.

pub mod engine;
mod error;
mod folders;
mod ground;
pub mod images;
mod instance;
mod life;
mod names;
mod prepare;
mod sandboxes;
pub mod script;
mod scrollback;
mod shell;
mod terminal;
mod typed;
mod watch;
mod workbench;
mod workspace;

pub use error::{SandboxError, WorkspaceError};
pub use ground::Settings;
pub use instance::{Sandbox, TERMINALS};
pub use sandboxes::Sandboxes;
pub use terminal::{Attachment, Live, Output, Terminal};
pub use workspace::{Existing, Owner, Snapshot, Workspace};
