//! Which hints fit what the learner did: by the files, and by the engine's state where there is an engine.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::Endpoint;
use super::state::ask;
use crate::assert::Assertion;
use crate::assert::history::EngineCall;
use crate::engine::{Cleanup, Engine, Fault};
use crate::snapshot::collect::{Source, collect};
use crate::snapshot::{EngineSnapshot, Wanted};
use crate::spec::{Exercise, Hint};
use crate::submission::Submission;
use crate::{Lang, Status};

/// The longest that a hint waits for the engine. Who asks for help waits at a page.
const LIMIT: Duration = Duration::from_secs(5);

/// The learner's engine, as hints look at it.
pub struct Surroundings {
    /// Where it answers.
    pub engine: Endpoint,
    /// See [`super::Job::probe_image`].
    pub probe_image: String,
    /// See [`super::Job::history`].
    pub history: Option<Vec<EngineCall>>,
}

/// The hints that fit the learner's files: those without a condition, and those whose condition on text holds. What is
/// conditioned by the state does not fit, because nobody looks at it.
pub fn fitting_hints<'a>(exercise: &'a Exercise, dir: &Path, lang: Lang) -> Vec<&'a Hint> {
    fitting(exercise, dir, lang, None, None)
}

/// The same with a look at the engine. Where it cannot be asked, hints on the state do not fit.
pub async fn fitting_hints_in<'a>(
    exercise: &'a Exercise,
    dir: &Path,
    lang: Lang,
    surroundings: &Surroundings,
) -> Vec<&'a Hint> {
    let mut wanted = Wanted::default();
    for ask in conditions(exercise).filter_map(ask) {
        wanted.add(ask.wanted);
    }
    let state = if wanted == Wanted::default() {
        None
    } else {
        look(surroundings, &wanted).await.ok()
    };
    fitting(
        exercise,
        dir,
        lang,
        state.as_ref(),
        surroundings.history.as_deref(),
    )
}

fn conditions(exercise: &Exercise) -> impl Iterator<Item = &Assertion> {
    exercise.hints.iter().filter_map(|hint| hint.when.as_ref())
}

async fn look(surroundings: &Surroundings, wanted: &Wanted) -> Result<EngineSnapshot, Fault> {
    let engine = Engine::connect(&surroundings.engine, Instant::now() + LIMIT).await?;
    let cleanup = Cleanup::new(engine.docker.clone());
    let source = Source {
        engine: &engine,
        cleanup: &cleanup,
        probe_image: &surroundings.probe_image,
    };
    let looked = collect(source, wanted).await;
    cleanup.finish().await;
    looked
}

fn fitting<'a>(
    exercise: &'a Exercise,
    dir: &Path,
    lang: Lang,
    state: Option<&EngineSnapshot>,
    history: Option<&[EngineCall]>,
) -> Vec<&'a Hint> {
    let submission = Submission::open(dir, exercise, lang).ok();
    let holds = |condition: &Assertion| {
        let verdict = match (condition, &submission) {
            (Assertion::Dockerfile(text), Some(submission)) => Some(text.judge(submission, lang)),
            (Assertion::Compose(project), Some(submission)) => {
                Some(project.judge(submission, lang))
            }
            (Assertion::Command(command), Some(submission)) => {
                return command.is_there(submission, lang);
            }
            (Assertion::Answer(answer), Some(submission)) => {
                Some(answer.judge(submission, "", lang))
            }
            (Assertion::History(wanted), _) => Some(wanted.judge(history, lang)),
            _ => state.and_then(|state| Some((ask(condition)?.judge)(state, state, lang))),
        };
        verdict.is_some_and(|verdict| verdict.status == Status::Pass)
    };
    exercise
        .hints
        .iter()
        .filter(|hint| hint.when.as_ref().is_none_or(holds))
        .collect()
}
