//! The learner's workspace over HTTP, and findings for a text that is being written.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};

use super::error::AppError;
use super::protocol::{FileContent, FileEntry, FileSave, LintRequest};
use super::{AppState, LangQuery};
use crate::store::Learner;

/// `GET /api/files`.
pub(super) async fn list_files(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
) -> Result<Json<Vec<FileEntry>>, AppError> {
    Ok(Json(
        app.sandboxes.workspace(learner.id).await?.list().await?,
    ))
}

/// `GET /api/files/{*path}`.
pub(super) async fn read_file(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(path): Path<String>,
) -> Result<Json<FileContent>, AppError> {
    Ok(Json(
        app.sandboxes
            .workspace(learner.id)
            .await?
            .read(&path)
            .await?,
    ))
}

/// `PUT /api/files/{*path}`. The file is on the disk when the answer comes.
pub(super) async fn save_file(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(path): Path<String>,
    Json(save): Json<FileSave>,
) -> Result<Json<FileContent>, AppError> {
    let workspace = app.sandboxes.workspace(learner.id).await?;
    let saved = workspace.save(&path, &save).await?;
    app.sandboxes.touch(learner.id);
    Ok(Json(saved))
}

/// `POST /api/lint?lang=`.
pub(super) async fn lint_text(
    Query(query): Query<LangQuery>,
    Json(request): Json<LintRequest>,
) -> Json<Vec<checker::Finding>> {
    Json(checker::lint::lint_file(
        &request.path,
        request.text.as_bytes(),
        query.lang,
    ))
}
