//! How far each learner is, kept in memory so that a page costs no query; the database stays the truth.

use std::collections::HashMap;
use std::sync::Arc;

use super::App;
use crate::course::Lesson;
use crate::store::{LearnerId, Progress};

/// How far an exercise or a lesson is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not touched.
    New,
    /// Tried, not passed.
    Trying,
    /// Passed.
    Passed,
}

impl Mark {
    /// As the templates spell it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Mark::New => "new",
            Mark::Trying => "trying",
            Mark::Passed => "passed",
        }
    }
}

/// One learner's marks and points, by exercise.
#[derive(Debug, Default)]
pub(super) struct Standing(HashMap<String, (Mark, u32)>);

impl Standing {
    fn new(progress: Vec<Progress>) -> Standing {
        let marks = progress.into_iter().map(|one| {
            let mark = match (one.passed, one.attempts) {
                (true, _) => Mark::Passed,
                (false, 0) => Mark::New,
                (false, _) => Mark::Trying,
            };
            (one.exercise, (mark, one.points))
        });
        Standing(marks.collect())
    }

    /// Nothing was tried yet.
    pub(super) fn is_new(&self) -> bool {
        self.0.values().all(|(mark, _)| *mark == Mark::New)
    }

    /// How far an exercise is.
    pub(super) fn exercise(&self, id: &str) -> Mark {
        self.0.get(id).map_or(Mark::New, |(mark, _)| *mark)
    }

    /// Best points in an exercise.
    pub(super) fn points(&self, id: &str) -> u32 {
        self.0.get(id).map_or(0, |(_, points)| *points)
    }

    /// A lesson is passed with its last exercise; one without exercises stays new.
    pub(super) fn lesson(&self, lesson: &Lesson) -> Mark {
        let marks = || lesson.exercises.iter().map(|id| self.exercise(id));
        if lesson.exercises.is_empty() || marks().all(|mark| mark == Mark::New) {
            Mark::New
        } else if marks().all(|mark| mark == Mark::Passed) {
            Mark::Passed
        } else {
            Mark::Trying
        }
    }
}

impl App {
    /// The learner's standing.
    pub(super) async fn standing(&self, learner: LearnerId) -> sqlx::Result<Arc<Standing>> {
        if let Ok(known) = self.standings.read()
            && let Some(standing) = known.get(&learner)
        {
            return Ok(Arc::clone(standing));
        }
        let standing = Arc::new(Standing::new(self.store.all_progress(learner).await?));
        if let Ok(mut known) = self.standings.write() {
            known.insert(learner, Arc::clone(&standing));
        }
        Ok(standing)
    }

    /// To be called after each change of a learner's progress.
    pub(super) fn forget_standing(&self, learner: LearnerId) {
        if let Ok(mut known) = self.standings.write() {
            known.remove(&learner);
        }
    }
}
