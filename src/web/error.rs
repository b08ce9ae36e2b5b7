//! What a handler answers when it cannot do what was asked.
//!
//! Handlers return `Result<_, AppError>`. A cause that a person cannot act on is logged and never shown.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::protocol::ApiError;
use crate::sandbox::{SandboxError, WorkspaceError};

/// A failed API call; becomes an `ApiError` with its status.
#[derive(Debug)]
pub(super) struct AppError {
    status: StatusCode,
    error: String,
    next: String,
}

impl AppError {
    /// An error with a sentence on what happened and one on what to do.
    pub(super) fn new(
        status: StatusCode,
        error: impl Into<String>,
        next: impl Into<String>,
    ) -> AppError {
        AppError {
            status,
            error: error.into(),
            next: next.into(),
        }
    }

    /// 404 for a thing with a name.
    pub(super) fn not_found(what: &str, name: &str) -> AppError {
        AppError::new(
            StatusCode::NOT_FOUND,
            format!("There is no {what} \"{name}\"."),
            "Reload the page; the course may have changed.",
        )
    }
}

impl AppError {
    /// What the page reads, for an answer that has already begun.
    pub(super) fn into_body(self) -> ApiError {
        ApiError {
            error: self.error,
            next: self.next,
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        (self.status, Json(self.into_body())).into_response()
    }
}

impl From<SandboxError> for AppError {
    fn from(error: SandboxError) -> AppError {
        AppError::new(StatusCode::SERVICE_UNAVAILABLE, error.message, error.next)
    }
}

impl From<WorkspaceError> for AppError {
    fn from(error: WorkspaceError) -> AppError {
        let status = match &error {
            WorkspaceError::Conflict { .. } => StatusCode::CONFLICT,
            WorkspaceError::NotFound { .. } => StatusCode::NOT_FOUND,
            WorkspaceError::BadPath { .. } => StatusCode::BAD_REQUEST,
            WorkspaceError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            WorkspaceError::Io { path, source } => {
                tracing::warn!(%source, path, "a file of a workspace failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        AppError::new(status, error.to_string(), error.next())
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> AppError {
        tracing::error!(%error, "the database failed");
        AppError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Progress could not be read or saved.",
            "Try again; if it stays, look at the server's log: the disk may be full.",
        )
    }
}
