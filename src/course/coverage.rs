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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Files;
    use crate::course::skeleton;
    use checker::spec::Kind;

    /// A course of one lesson and one exercise that cover these ids.
    fn gaps(coverage: Option<&str>, lesson: &str, exercise: &str) -> (Vec<String>, usize) {
        let mut files = Files::default();
        let add = |files: &mut Files, plan: skeleton::Plan, covers: &str| {
            let files_of = plan.files.into_iter();
            let all = files_of.map(|(path, bytes)| (format!("{}/{path}", plan.folder), bytes));
            for (path, bytes) in all.chain(plan.changes) {
                let text = String::from_utf8(bytes).unwrap();
                let text = text.replace("covers: []", &format!("covers: [{covers}]"));
                files.insert(&path, text.into_bytes());
            }
        };
        let plan = skeleton::lesson(&files, "01-first").unwrap();
        add(&mut files, plan, lesson);
        let plan = skeleton::exercise(&files, "web/ask", Kind::Quiz, None).unwrap();
        add(&mut files, plan, exercise);
        if let Some(coverage) = coverage {
            files.insert(PATH, coverage.as_bytes().to_vec());
        }
        let course = Course::from_files(&files).unwrap_or_else(|error| panic!("{error}"));
        let gaps = course.gaps().iter().map(Problem::to_string).collect();
        (gaps, course.coverage_ids())
    }

    #[test]
    fn what_is_not_taught_or_not_practised_is_told() {
        let list = "concepts: [image, layers]\ncommands: [docker ps]\nmistakes: [ctrl-c, from-space]\ninstructions: [RUN, COPY]\n";
        let (told, ids) = gaps(Some(list), "image, RUN, ctrl-c", "from-space, RUN");
        assert_eq!(
            told,
            [
                "lessons/coverage.yaml: commands: `docker ps`: no lesson teaches it, and no exercise practises it",
                "lessons/coverage.yaml: concepts: `layers`: no lesson teaches it",
                "lessons/coverage.yaml: instructions: `COPY`: no lesson teaches it, and no exercise practises it",
                "lessons/coverage.yaml: mistakes: `ctrl-c`: no exercise practises it",
                "lessons/coverage.yaml: mistakes: `from-space`: no lesson teaches it",
            ]
        );
        assert_eq!(ids, 7);
    }

    #[test]
    fn a_course_with_all_of_it_or_without_a_list_has_no_gaps() {
        let list = Some("concepts: [image]\ncommands: [docker ps]\n");
        assert_eq!(gaps(list, "image, docker ps", "docker ps"), (vec![], 2));
        // Ids of ours are known, and nothing must be covered.
        assert_eq!(gaps(None, "image", "docker ps"), (vec![], 0));
    }
}
