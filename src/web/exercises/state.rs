//! How far a learner is with one exercise, in the words of the page.

use checker::check::{Endpoint, Surroundings, fitting_hints_in};
use checker::spec::{Assertion, Exercise};
use checker::{Report, Status};

use super::{empty_folder, folder};
use crate::course::CourseExercise;
use crate::store::Learner;
use crate::web::error::AppError;
use crate::web::protocol::{EarlierAnswer, ExerciseState};
use crate::web::{App, LangQuery};

/// What is looked at to find the hints that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The learner's files alone.
    Files,
    /// The state of the learner's sandbox, too, where it is ready.
    Engine,
}

impl App {
    pub(super) async fn exercise_state(
        &self,
        learner: &Learner,
        exercise: &CourseExercise,
        query: LangQuery,
    ) -> Result<ExerciseState, AppError> {
        self.state_of(learner, exercise, query, Look::Engine).await
    }

    pub(super) async fn state_of(
        &self,
        learner: &Learner,
        exercise: &CourseExercise,
        query: LangQuery,
        look: Look,
    ) -> Result<ExerciseState, AppError> {
        let id = &exercise.spec.id;
        let progress = self.store.progress(learner.id, id).await?;
        let shown = self.store.shown_hints(learner.id, id).await?;
        let fitting = self.fitting_hints(learner, exercise, query, look).await?;
        let ahead = fitting.iter().filter(|hint| !shown.contains(hint)).count();
        let html = exercise.hints_html(query.lang);
        let folder = folder(id);
        let files = exercise.spec.files.iter();
        Ok(ExerciseState {
            id: id.clone(),
            folder: folder.to_owned(),
            files: files.map(|file| format!("{folder}/{file}")).collect(),
            passed: progress.passed,
            solution_open: progress.passed || progress.gave_up,
            points: progress.points,
            max_points: exercise.spec.max_points(),
            attempts: progress.attempts,
            hints: shown
                .iter()
                .filter_map(|hint| html.get(*hint))
                .cloned()
                .collect(),
            hints_total: shown.len() + ahead,
            report: progress
                .report
                .map(|report| in_language(report, &exercise.spec, query.lang)),
            before: self.answers_before(learner, exercise, query).await?,
        })
    }

    /// How the questions were answered at the first check of the exercise that asked them earlier.
    async fn answers_before(
        &self,
        learner: &Learner,
        exercise: &CourseExercise,
        query: LangQuery,
    ) -> Result<Vec<EarlierAnswer>, AppError> {
        let Some(before) = &exercise.spec.before else {
            return Ok(Vec::new());
        };
        let Some(first) = self.store.first_report(learner.id, before).await? else {
            return Ok(Vec::new());
        };
        let same_lang = first.lang == query.lang;
        Ok(first
            .checks
            .into_iter()
            .filter(|result| {
                exercise
                    .spec
                    .checks
                    .iter()
                    .any(|check| check.id == result.id)
            })
            .map(|result| EarlierAnswer {
                check: result.id,
                right: result.status == Status::Pass,
                answer: result.actual.filter(|_| same_lang),
            })
            .collect())
    }

    /// Places of the hints that fit what the learner has now; before the start, what the starter has.
    pub(super) async fn fitting_hints(
        &self,
        learner: &Learner,
        exercise: &CourseExercise,
        query: LangQuery,
        look: Look,
    ) -> Result<Vec<usize>, AppError> {
        let workspace = self.sandboxes.workspace(learner.id).await?;
        let surroundings = match look {
            Look::Engine if exercise.looks_at_state() => self.surroundings(learner),
            _ => None,
        };
        let fitting = match (
            workspace.snapshot(folder(&exercise.spec.id)).await,
            &surroundings,
        ) {
            (Ok(submission), Some(surroundings)) => {
                fitting_hints_in(&exercise.spec, submission.path(), query.lang, surroundings).await
            }
            (Ok(submission), None) => {
                checker::check::fitting_hints(&exercise.spec, submission.path(), query.lang)
            }
            (Err(_), Some(surroundings)) if exercise.starter.is_empty() => {
                let empty = empty_folder()?;
                fitting_hints_in(&exercise.spec, empty.path(), query.lang, surroundings).await
            }
            // Nothing there yet: the starter is what the learner will have.
            (Err(error), _) => {
                tracing::debug!(%error, "hints for the starter");
                exercise.starter_hints(query.lang)
            }
        };
        Ok(exercise
            .spec
            .hints
            .iter()
            .enumerate()
            .filter(|(_, hint)| fitting.iter().any(|fits| std::ptr::eq(*fits, *hint)))
            .map(|(place, _)| place)
            .collect())
    }
}

impl App {
    /// The learner's engine, where hints can look at it now.
    fn surroundings(&self, learner: &Learner) -> Option<Surroundings> {
        let (socket, history) = self.sandboxes.ready(learner.id)?.for_check();
        Some(Surroundings {
            engine: Endpoint::Unix(socket),
            probe_image: crate::sandbox::images::PROBE.to_owned(),
            history,
        })
    }
}

/// A report that was made in the other language: titles and messages come from the exercise, which has both. What the
/// rules and the assertions worded is left out; the editor shows findings anew, and so does the next check.
fn in_language(mut report: Report, exercise: &Exercise, lang: checker::Lang) -> Report {
    if report.lang == lang {
        return report;
    }
    report.lang = lang;
    for result in &mut report.checks {
        result.findings.clear();
        result.expected = None;
        result.actual = None;
        let Some(check) = exercise.checks.iter().find(|check| check.id == result.id) else {
            continue;
        };
        check.title.get(lang).clone_into(&mut result.title);
        // An answer was explained by the option that was chosen, which has both languages.
        let explained = match &check.assertion {
            Assertion::Answer(answer) => answer.reworded(&result.message, lang),
            _ => None,
        };
        result.message = match result.status {
            Status::Fail => explained.unwrap_or(check.failure.get(lang)).to_owned(),
            _ => String::new(),
        };
    }
    report
}
