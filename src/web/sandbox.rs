//! The learner's sandbox: its status, start and reset, and the stream of what happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::{Extension, Json};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::AppState;
use super::error::AppError;
use super::protocol::{SandboxStatus, ServerEvent};
use crate::store::Learner;

/// `GET /api/status`.
pub(super) async fn get_status(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
) -> Json<SandboxStatus> {
    Json(app.sandboxes.status(learner.id))
}

/// `POST /api/sandbox/start`: answers when the sandbox is ready.
pub(super) async fn start_sandbox(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
) -> Result<Json<SandboxStatus>, AppError> {
    app.sandboxes.start(learner.id).await?;
    Ok(Json(app.sandboxes.status(learner.id)))
}

/// Body of `POST /api/sandbox/reset`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetRequest {
    /// Remove the workspace's files too.
    files: bool,
}

/// `POST /api/sandbox/reset`: removes all that the learner made in the engine; files only when asked.
pub(super) async fn reset_sandbox(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Json(request): Json<ResetRequest>,
) -> Result<Json<SandboxStatus>, AppError> {
    app.sandboxes.reset(learner.id, request.files).await?;
    Ok(Json(app.sandboxes.status(learner.id)))
}

/// `GET /api/events`: begins with the present status, so that a page that comes back has missed nothing of it.
pub(super) async fn stream_events(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = app.sandboxes.watch(learner.id);
    let first = ServerEvent::Status {
        status: app.sandboxes.status(learner.id),
    };
    let later = stream::unfold(receiver, |mut receiver| async move {
        match receiver.recv().await {
            Ok(event) => Some((event, receiver)),
            // What was lost is unknown: the page asks for all files again.
            Err(RecvError::Lagged(_)) => Some((ServerEvent::FilesChanged, receiver)),
            Err(RecvError::Closed) => None,
        }
    });
    let events = stream::once(async { first })
        .chain(later)
        .filter_map(|event| async move { to_sse(&event).map(Ok) })
        .take_until(app.shutdown.clone().cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

fn to_sse(event: &ServerEvent) -> Option<Event> {
    let name = match event {
        ServerEvent::Status { .. } => "status",
        ServerEvent::FileChanged { .. } => "file-changed",
        ServerEvent::FilesChanged => "files-changed",
        ServerEvent::Progress { .. } => "progress",
    };
    Event::default().event(name).json_data(event).ok()
}
