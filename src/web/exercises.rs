//! Exercises: state, start, check, hints, solution, reset.

mod state;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use checker::Stage;
use checker::spec::Exercise;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::error::AppError;
use super::protocol::{ExerciseState, SandboxState, ServerEvent, SolutionFile};
use super::{App, AppState, LangQuery};
use crate::course::CourseExercise;
use crate::sandbox::Existing;
use crate::store::Learner;
use state::Look;

/// A check may take this long: a build, a start and the answer.
const CHECK_DEADLINE: Duration = Duration::from_secs(180);

/// `GET /api/progress`: every exercise of the course.
pub(super) async fn list_progress(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Query(query): Query<LangQuery>,
) -> Result<Json<Vec<ExerciseState>>, AppError> {
    let mut states = Vec::new();
    for exercise in app.course.exercises() {
        // The map of the course shows no hints, and asks about every exercise at once.
        let look = Look::Files;
        states.push(app.state_of(&learner, exercise, query, look).await?);
    }
    Ok(Json(states))
}

/// `GET /api/exercises/{*id}`.
pub(super) async fn get_exercise(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Json<ExerciseState>, AppError> {
    Ok(Json(
        app.exercise_state(&learner, find(&app, &id)?, query)
            .await?,
    ))
}

/// `POST /api/exercise/start/{*id}`: puts the starter's files into the workspace where they are not there yet.
pub(super) async fn start_exercise(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Json<ExerciseState>, AppError> {
    let exercise = find(&app, &id)?;
    place_starter(&app, &learner, exercise, Existing::Keep).await?;
    Ok(Json(app.exercise_state(&learner, exercise, query).await?))
}

/// `POST /api/exercise/reset/{*id}`: the starter's files as they were. Progress is kept.
pub(super) async fn reset_exercise(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Json<ExerciseState>, AppError> {
    let exercise = find(&app, &id)?;
    place_starter(&app, &learner, exercise, Existing::Overwrite).await?;
    Ok(Json(app.exercise_state(&learner, exercise, query).await?))
}

/// `POST /api/exercise/hint/{*id}`: one more of the hints that fit what the learner has now.
pub(super) async fn show_hint(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Json<ExerciseState>, AppError> {
    let exercise = find(&app, &id)?;
    let shown = app.store.shown_hints(learner.id, &id).await?;
    let fitting = app
        .fitting_hints(&learner, exercise, query, Look::Engine)
        .await?;
    if let Some(hint) = fitting.into_iter().find(|hint| !shown.contains(hint)) {
        app.store.show_hint(learner.id, &id, hint).await?;
    }
    Ok(Json(app.exercise_state(&learner, exercise, query).await?))
}

/// `POST /api/exercise/give-up/{*id}`: opens the solution.
pub(super) async fn give_up(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Json<ExerciseState>, AppError> {
    let exercise = find(&app, &id)?;
    app.store.give_up(learner.id, &id).await?;
    Ok(Json(app.exercise_state(&learner, exercise, query).await?))
}

/// `GET /api/exercise/solution/{*id}`: after passing or giving up.
pub(super) async fn get_solution(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Json<Vec<SolutionFile>>, AppError> {
    let exercise = find(&app, &id)?;
    let progress = app.store.progress(learner.id, &id).await?;
    if !(progress.passed || progress.gave_up) {
        return Err(AppError::new(
            StatusCode::FORBIDDEN,
            query.lang.pick(
                "해답은 통과한 뒤나 보기로 한 뒤에 열려요.",
                "The solution opens after you pass, or when you choose to see it.",
            ),
            query.lang.pick("먼저 힌트를 보세요.", "Try a hint first."),
        ));
    }
    // Only what differs from the starter is worth reading.
    let files = exercise
        .solution
        .iter()
        .filter(|file| !exercise.starter.contains(file))
        .map(|(path, bytes)| SolutionFile {
            path: path.clone(),
            text: String::from_utf8_lossy(bytes).into_owned(),
        });
    Ok(Json(files.collect()))
}

/// `POST /api/exercise/check/{*id}`: answers with one `checker::Event` per line while the check runs. The check goes on
/// when the page goes away; its report is on the disk before `done` is sent.
pub(super) async fn check_exercise(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(id): Path<String>,
    Query(query): Query<LangQuery>,
) -> Result<Response, AppError> {
    let exercise = find(&app, &id)?;
    // Preparing can take minutes; a check that only waits would look like one that hangs.
    if needs_engine(&exercise.spec)
        && app.sandboxes.status(learner.id).state == SandboxState::Preparing
    {
        return Err(AppError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            query.lang.pick(
                "샌드박스를 아직 준비하고 있어요.",
                "The sandbox is still being prepared.",
            ),
            query.lang.pick(
                "편집기에 표시된 곳을 먼저 고치고, 준비가 끝나면 채점하세요.",
                "Mend what the editor marks meanwhile, and check when it is ready.",
            ),
        ));
    }
    let Some(turn) = app.begin_check(learner.id) else {
        return Err(AppError::new(
            StatusCode::CONFLICT,
            query.lang.pick(
                "채점이 아직 끝나지 않았어요.",
                "A check of yours is still running.",
            ),
            query.lang.pick(
                "끝날 때까지 기다리세요. 다른 탭에서 보여요.",
                "Wait until it has ended; the other tab shows it.",
            ),
        ));
    };
    let (sender, receiver) = mpsc::unbounded_channel();
    let shutdown = app.shutdown.clone();
    tokio::spawn(async move {
        let work = run_check(&app, &learner, &id, query, &sender);
        tokio::select! {
            result = work => if let Err(error) = result {
                // The stream has begun, so the error goes the same way as everything else.
                let _ = sender.send(line(&error.into_body()));
            },
            () = CancellationToken::cancelled(&shutdown) => {}
        }
        drop(turn);
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let bytes = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(bytes), receiver))
    });
    Ok((
        [
            (header::CONTENT_TYPE, "application/x-ndjson"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        Body::from_stream(stream),
    )
        .into_response())
}

async fn run_check(
    app: &Arc<App>,
    learner: &Learner,
    id: &str,
    query: LangQuery,
    sender: &mpsc::UnboundedSender<Bytes>,
) -> Result<(), AppError> {
    let exercise = find(app, id)?;
    let workspace = app.sandboxes.workspace(learner.id).await?;
    place_starter(app, learner, exercise, Existing::Keep).await?;
    // An exercise that has no file has no folder either, unless the learner made one.
    let (copied, empty);
    let dir = match workspace.snapshot(folder(&exercise.spec.id)).await {
        Ok(snapshot) => {
            copied = snapshot;
            copied.path()
        }
        Err(_) if exercise.starter.is_empty() => {
            empty = empty_folder()?;
            empty.path()
        }
        Err(error) => return Err(error.into()),
    };
    // Without an engine the text is still checked; the other stages then say what is missing.
    let (engine, history) = match app.sandboxes.start(learner.id).await {
        Ok(sandbox) => {
            let (socket, history) = sandbox.for_check();
            (Some(checker::check::Endpoint::Unix(socket)), history)
        }
        Err(error) => {
            tracing::info!(%error, "checking without an engine");
            (None, None)
        }
    };
    app.sandboxes.touch(learner.id);
    let job = checker::check::Job {
        exercise: &exercise.spec,
        exercise_hash: exercise.hash.clone(),
        dir,
        engine,
        probe_image: crate::sandbox::images::PROBE.to_owned(),
        history,
        lang: query.lang,
        deadline: CHECK_DEADLINE,
    };
    let mut pass_on = |event: checker::Event| {
        if !matches!(event, checker::Event::Done { .. }) {
            let _ = sender.send(line(&event));
        }
    };
    // Boxed, because the compiler cannot see through a future of this depth that it may change threads.
    let work: Pin<Box<dyn Future<Output = checker::Report> + Send + '_>> =
        Box::pin(checker::check::run(job, &mut pass_on));
    let report = work.await;
    app.store.record_report(learner.id, &report).await?;
    app.forget_standing(learner.id);
    let _ = sender.send(line(&checker::Event::Done {
        report: Box::new(report),
    }));
    let state = app.exercise_state(learner, exercise, query).await?;
    app.sandboxes.announce(
        learner.id,
        ServerEvent::Progress {
            exercise: Box::new(state),
        },
    );
    Ok(())
}

/// What lies in the folder of an exercise that has no files.
fn empty_folder() -> Result<tempfile::TempDir, AppError> {
    tempfile::tempdir().map_err(|error| {
        tracing::error!(%error, "no temporary folder can be made");
        AppError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server could not make a temporary folder.",
            "Try again; if it stays, look at the server's log: the disk may be full.",
        )
    })
}

/// Whether anything but texts is looked at. A quiz is judged at once, whatever the sandbox does.
fn needs_engine(exercise: &Exercise) -> bool {
    let mut checks = exercise.checks.iter();
    checks.any(|check| check.stage() != Stage::Text)
}

fn find<'a>(app: &'a App, id: &str) -> Result<&'a CourseExercise, AppError> {
    app.course
        .exercise(id)
        .ok_or_else(|| AppError::not_found("exercise", id))
}

/// Folder of an exercise in the workspace: the last part of its id.
fn folder(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

async fn place_starter(
    app: &App,
    learner: &Learner,
    exercise: &CourseExercise,
    existing: Existing,
) -> Result<(), AppError> {
    let folder = folder(&exercise.spec.id);
    let files: Vec<(String, Vec<u8>)> = exercise
        .starter
        .iter()
        .map(|(path, bytes)| (format!("{folder}/{path}"), bytes.clone()))
        .collect();
    let workspace = app.sandboxes.workspace(learner.id).await?;
    workspace.place(&files, existing).await?;
    Ok(())
}

fn line(value: &impl serde::Serialize) -> Bytes {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    Bytes::from(bytes)
}
