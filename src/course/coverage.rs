//! Whether everything that `coverage.yaml` lists is taught, and practised where it must be.

use std::collections::BTreeMap;

use super::{Course, Problem};

/// Where the list is.
pub(super) const PATH: &str = "lessons/coverage.yaml";

/// What is only known when it was done: an id of these groups is in an exercise's `covers` too.
const PRACTISED: [&str; 3] = ["instructions", "commands", "mistakes"];

/// Ids by group.
pub(super) type Groups = BTreeMap<String, Vec<String>>;

impl Course {
    /// Every id that no lesson teaches, or that no exercise practises although its group is practised. A course without a
    /// list of its own has nothing that it must cover.
    #[must_use]
    pub fn gaps(&self) -> Vec<Problem> {
        let taught = |id: &String| self.lessons().iter().any(|one| one.covers.contains(id));
        let practised = |id: &String| {
            let mut exercises = self.exercises().iter();
            exercises.any(|one| one.spec.covers.contains(id))
        };
        let mut gaps = Vec::new();
        for (group, ids) in &self.coverage {
            for id in ids {
                let lacks_practice = PRACTISED.contains(&group.as_str()) && !practised(id);
                let message = match (taught(id), lacks_practice) {
                    (true, false) => continue,
                    (false, true) => "no lesson teaches it, and no exercise practises it",
                    (false, false) => "no lesson teaches it",
                    (true, true) => "no exercise practises it",
                };
                gaps.push(Problem::new(PATH, format!("{group}: `{id}`: {message}")));
            }
        }
        gaps
    }

    /// How many ids the course must cover.
    #[must_use]
    pub fn coverage_ids(&self) -> usize {
        self.coverage.values().map(Vec::len).sum()
    }
}
