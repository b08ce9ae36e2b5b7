//! What can go wrong in a sandbox, in words for the learner.

use super::engine::Problem;
use crate::web::protocol::ApiError;

/// A sandbox cannot do what was asked: what happened, and what to do now. The cause is logged where it happens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} {next}")]
pub struct SandboxError {
    /// What happened, in one sentence.
    pub message: String,
    /// What to do, in one sentence.
    pub next: String,
}

impl SandboxError {
    /// An error of two sentences.
    pub fn new(message: impl Into<String>, next: impl Into<String>) -> SandboxError {
        SandboxError {
            message: message.into(),
            next: next.into(),
        }
    }

    /// The engine answered with an error. Its words are logged, because they name objects that are not the learner's.
    pub(super) fn engine(what: &str, cause: &dyn std::fmt::Display) -> SandboxError {
        tracing::warn!(%cause, "the engine could not {what}");
        SandboxError::new(
            format!("The Docker Engine could not {what}."),
            "Try again; if it stays, run `docktutor doctor` on the server and look at its log.",
        )
    }

    /// The engine did not answer in time.
    pub(super) fn deadline(what: &str) -> SandboxError {
        tracing::warn!("the engine took too long to {what}");
        SandboxError::new(
            format!("The Docker Engine took too long to {what}."),
            "Wait a moment and try again; the server may have too much to do.",
        )
    }

    /// The disk or the database of the server failed.
    pub(super) fn server(what: &str, cause: &dyn std::fmt::Display) -> SandboxError {
        tracing::error!(%cause, "cannot {what}");
        SandboxError::new(
            format!("The server could not {what}."),
            "Try again; if it stays, look at the server's log: the disk may be full.",
        )
    }
}

impl From<Problem> for SandboxError {
    fn from(problem: Problem) -> SandboxError {
        SandboxError::new(problem.message, problem.next)
    }
}

impl From<SandboxError> for ApiError {
    fn from(error: SandboxError) -> ApiError {
        ApiError {
            error: error.message,
            next: error.next,
        }
    }
}

/// A file of the workspace cannot be listed, read or saved.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The file is not as it was when the edit began.
    #[error("{path} was changed elsewhere since you opened it.")]
    Conflict {
        /// As asked.
        path: String,
        /// The present version; `None` when the file is gone.
        version: Option<String>,
    },
    /// Nothing is there.
    #[error("There is no file {path}.")]
    NotFound {
        /// As asked.
        path: String,
    },
    /// The path cannot be used: it leads out, goes through a link, or names something that is no file.
    #[error("{reason}")]
    BadPath {
        /// One sentence.
        reason: String,
    },
    /// More than the editor or a check can take.
    #[error("{reason}")]
    TooLarge {
        /// One sentence.
        reason: String,
    },
    /// The disk failed.
    #[error("{path} could not be read or written: {source}.")]
    Io {
        /// As asked.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl WorkspaceError {
    /// What to do, in one sentence.
    pub fn next(&self) -> &'static str {
        match self {
            WorkspaceError::Conflict { .. } => {
                "Look at both versions, then load the other one or save yours over it."
            }
            WorkspaceError::NotFound { .. } => "Look at the list of files; it may have been moved.",
            WorkspaceError::BadPath { .. } => "Choose a path inside your workspace.",
            WorkspaceError::TooLarge { .. } => "Use the terminal for it, or make it smaller.",
            WorkspaceError::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    "The disk of the server is full; tell who runs it."
                }
                std::io::ErrorKind::PermissionDenied => {
                    "A container made it as another user; change its owner in the terminal or remove it."
                }
                _ => "Try again; if it stays, look at the server's log.",
            },
        }
    }
}

impl From<WorkspaceError> for ApiError {
    fn from(error: WorkspaceError) -> ApiError {
        ApiError {
            error: error.to_string(),
            next: error.next().to_owned(),
        }
    }
}
