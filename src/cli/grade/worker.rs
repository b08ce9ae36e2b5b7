//! Grades one submission.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use checker::spec::Exercise;
use checker::{Lang, Report, Status};
use tokio_util::sync::CancellationToken;

use super::super::place::{Judge, Outcome, Place};
use super::board::Board;
use super::copy::{self, Broken};
use super::gather::Submission;
use super::results::{Graded, Grading, Results};
use super::summary::Line;

/// What all submissions share.
pub(super) struct Worker {
    pub(super) exercise: Exercise,
    pub(super) exercise_hash: String,
    pub(super) lang: Lang,
    pub(super) timeout: Duration,
    /// Bytes.
    pub(super) disk: u64,
    pub(super) copies: PathBuf,
    pub(super) place: Option<Place>,
    pub(super) results: Results,
    pub(super) board: Board,
    pub(super) stop: CancellationToken,
}

impl Worker {
    /// Grades a submission, or takes the result of an earlier run; nothing when it was stopped. Whatever goes wrong is
    /// in the result and stops nobody else.
    pub(super) async fn grade(
        self: Arc<Self>,
        number: usize,
        submission: Submission,
    ) -> Option<Line> {
        if self.stop.is_cancelled() {
            return None;
        }
        let task = tokio::spawn({
            let (worker, submission) = (Arc::clone(&self), submission.clone());
            async move { worker.result(number, &submission).await }
        });
        let (graded, reused) = match task.await {
            Ok(result) => result?,
            // A fault of ours in one submission.
            Err(error) => {
                let why = format!("The grader failed ({error}).");
                (self.unchecked(&submission, "", Status::Error, &why), false)
            }
        };
        let mut outcome = Outcome::of(&graded.report);
        let mut why = String::new();
        if !reused {
            let kept = tokio::task::spawn_blocking({
                let (worker, graded) = (Arc::clone(&self), graded.clone());
                let name = submission.name.clone();
                move || worker.results.keep(&name, &graded)
            });
            let kept = kept
                .await
                .map_err(std::io::Error::other)
                .and_then(|kept| kept);
            if let Err(error) = kept {
                outcome = Outcome::Error;
                why = format!("the result could not be written: {error}");
                eprintln!("docktutor: {}: {why}", submission.shown);
            }
        }
        self.board.done(&submission.name, &graded.report, reused);
        Some(Line::new(submission, graded.report, outcome, why))
    }

    async fn result(&self, number: usize, submission: &Submission) -> Option<(Graded, bool)> {
        let copied = tokio::task::spawn_blocking({
            let (submission, copies) = (submission.clone(), self.copies.clone());
            move || copy::take(&submission, &copies)
        });
        let copy = match copied
            .await
            .unwrap_or_else(|error| Err(Broken::Fault(std::io::Error::other(error))))
        {
            Ok(copy) => copy,
            Err(broken) => {
                let status = match broken {
                    Broken::Refused(_) => Status::Fail,
                    Broken::Fault(_) => Status::Error,
                };
                let graded = self.unchecked(submission, "", status, &broken.message(self.lang));
                return Some((graded, false));
            }
        };
        let grading = self.grading(submission, &copy.hash);
        if let Some(earlier) = self.results.earlier(&submission.name)
            && earlier.grading == grading
            && self.still_holds(&earlier.report)
        {
            return Some((earlier, true));
        }
        let report = self.judge().check(number, copy.path(), &copy.hash).await?;
        Some((Graded { report, grading }, false))
    }

    /// An error is tried again; a result of another exercise, checker or language is none.
    fn still_holds(&self, report: &Report) -> bool {
        report.exercise == self.exercise.id
            && report.exercise_hash == self.exercise_hash
            && report.checker_version == checker::VERSION
            && report.lang == self.lang
            && Outcome::of(report) != Outcome::Error
    }

    fn judge(&self) -> Judge<'_> {
        Judge {
            exercise: &self.exercise,
            exercise_hash: &self.exercise_hash,
            lang: self.lang,
            timeout: self.timeout,
            disk: self.disk,
            place: self.place.as_ref(),
            stop: &self.stop,
        }
    }

    fn unchecked(&self, submission: &Submission, hash: &str, status: Status, why: &str) -> Graded {
        Graded {
            report: self.judge().not_checked(hash, status, why),
            grading: self.grading(submission, hash),
        }
    }

    fn grading(&self, submission: &Submission, hash: &str) -> Grading {
        Grading {
            submission: submission.shown.clone(),
            content_hash: hash.to_owned(),
            timeout: self.timeout.as_secs(),
            disk: self.disk,
        }
    }
}
