//! Judges one submission in a room of its own: `grade` does it for many people, `course check` for an author's cases.

use std::path::Path;
use std::time::Duration;

use checker::check::Job;
use checker::spec::Exercise;
use checker::{Lang, Report, Stage, Status};
use tokio_util::sync::CancellationToken;

use super::outcome::{not_checked, wrote_too_much};
use super::{Place, Room};

/// What a submission is judged by, and how much it may take.
pub(in crate::cli) struct Judge<'a> {
    pub(in crate::cli) exercise: &'a Exercise,
    pub(in crate::cli) exercise_hash: &'a str,
    pub(in crate::cli) lang: Lang,
    pub(in crate::cli) timeout: Duration,
    /// Bytes that its containers may write.
    pub(in crate::cli) disk: u64,
    /// None where the checks read text only.
    pub(in crate::cli) place: Option<&'a Place>,
    pub(in crate::cli) stop: &'a CancellationToken,
}

/// Whether an exercise's checks need an engine.
pub(in crate::cli) fn needs_engine(exercise: &Exercise) -> bool {
    let mut checks = exercise.checks.iter();
    checks.any(|check| check.stage() != Stage::Text)
}

impl Judge<'_> {
    /// Checks a folder that nobody changes meanwhile. Nothing when it was stopped. Submissions that are judged at the
    /// same time have different numbers.
    pub(in crate::cli) async fn check(
        &self,
        number: usize,
        dir: &Path,
        submission_hash: &str,
    ) -> Option<Report> {
        let Some(place) = self.place else {
            return self.run(dir, None).await;
        };
        let room = match place.room_for(number, self.exercise, dir).await {
            Ok(room) => room,
            Err(problem) => {
                let why = format!("{} {}", problem.message, problem.next);
                return Some(self.not_checked(submission_hash, Status::Error, &why));
            }
        };
        let guard = place.guard(&room, self.disk);
        let report = tokio::select! {
            report = self.judge(place, &room, dir, submission_hash) => report,
            () = guard.watch() => None,
        };
        place.leave(room).await;
        let mut report = report?;
        if guard.has_fired() {
            wrote_too_much(&mut report, self.disk);
        }
        Some(report)
    }

    /// A report of a submission that cannot be checked.
    pub(in crate::cli) fn not_checked(
        &self,
        submission_hash: &str,
        status: Status,
        why: &str,
    ) -> Report {
        let (exercise, hash) = (self.exercise, self.exercise_hash);
        not_checked(exercise, hash, submission_hash, self.lang, status, why)
    }

    /// Runs what was handed in as commands, and checks what there is then.
    async fn judge(
        &self,
        place: &Place,
        room: &Room,
        dir: &Path,
        submission_hash: &str,
    ) -> Option<Report> {
        let handed_in = tokio::select! {
            handed_in = place.hand_in(room) => handed_in,
            () = self.stop.cancelled() => return None,
        };
        if let Err(error) = handed_in {
            let why = format!("The commands could not be run: {error}");
            return Some(self.not_checked(submission_hash, Status::Error, &why));
        }
        self.run(dir, Some(room)).await
    }

    async fn run(&self, dir: &Path, room: Option<&Room>) -> Option<Report> {
        let job = Job {
            exercise: self.exercise,
            exercise_hash: self.exercise_hash.to_owned(),
            dir,
            engine: room.map(Room::endpoint),
            probe_image: crate::sandbox::images::PROBE.to_owned(),
            history: room.map(Room::calls),
            lang: self.lang,
            deadline: self.timeout,
        };
        let mut nobody = |_| {};
        tokio::select! {
            report = checker::check::run(job, &mut nobody) => Some(report),
            () = self.stop.cancelled() => None,
        }
    }
}
