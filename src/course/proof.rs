//! What proves an exercise: submissions of its author's, and how each of them must end.

use std::path::Path;

use checker::{Report, Status};

use super::{CourseExercise, CourseFile, Expectation};

/// One submission of the proof.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The exercise.
    pub exercise: &'a CourseExercise,
    /// Its folder in the exercise: `starter`, `solution`, `alternative/NAME` or `wrong/CASE`.
    pub folder: CaseName<'a>,
    /// Everything that is handed in.
    pub files: &'a [CourseFile],
    expected: Expected<'a>,
}

/// Which submission of an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseName<'a> {
    /// What the learner begins with.
    Starter,
    /// The author's own way.
    Solution,
    /// Another right way.
    Alternative(&'a str),
    /// A misunderstanding.
    Wrong(&'a str),
}

impl std::fmt::Display for CaseName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CaseName::Starter => f.write_str("starter"),
            CaseName::Solution => f.write_str("solution"),
            CaseName::Alternative(name) => write!(f, "alternative/{name}"),
            CaseName::Wrong(name) => write!(f, "wrong/{name}"),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Expected<'a> {
    Pass,
    Fail,
    FailAs(&'a Expectation),
}

/// All submissions that prove an exercise.
#[must_use]
pub fn cases(exercise: &CourseExercise) -> Vec<Case<'_>> {
    let case = |folder, files, expected| Case {
        exercise,
        folder,
        files,
        expected,
    };
    let mut cases = vec![
        case(CaseName::Starter, &exercise.starter, Expected::Fail),
        case(CaseName::Solution, &exercise.solution, Expected::Pass),
    ];
    for way in &exercise.alternatives {
        let folder = CaseName::Alternative(&way.name);
        cases.push(case(folder, &way.files, Expected::Pass));
    }
    for (way, expectation) in &exercise.wrong {
        let folder = CaseName::Wrong(&way.name);
        cases.push(case(folder, &way.files, Expected::FailAs(expectation)));
    }
    cases
}

impl Case<'_> {
    /// The case's folder in the course.
    #[must_use]
    pub fn path(&self) -> String {
        format!("exercises/{}/{}", self.exercise.spec.id, self.folder)
    }

    /// Lays the files out below a folder.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn lay_out(&self, folder: &Path) -> std::io::Result<()> {
        for (path, bytes) in self.files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, bytes)?;
        }
        Ok(())
    }

    /// How an English report differs from what the case must show; empty when it is proved.
    #[must_use]
    pub fn differences(&self, report: &Report) -> Vec<String> {
        let told = |wanted: Status| {
            let checks = report.checks.iter();
            let found = checks.filter(move |check| check.status == wanted);
            found.map(|check| {
                let mut words = format!("check `{}`: {}", check.id, check.message);
                if let Some(expected) = &check.expected {
                    words.push_str(&format!(" (expected {expected})"));
                }
                if let Some(actual) = &check.actual {
                    words.push_str(&format!(" (actual {actual})"));
                }
                words
            })
        };
        let errors: Vec<String> = told(Status::Error)
            .map(|words| format!("could not be judged: {words}"))
            .collect();
        let full = self.exercise.spec.max_points();
        match self.expected {
            Expected::Pass if report.passed && report.points == full => Vec::new(),
            Expected::Pass => {
                let mut differences = vec![format!(
                    "it does not pass: {} of {full} points",
                    report.points
                )];
                differences.extend(told(Status::Fail));
                differences.extend(errors);
                differences
            }
            _ if report.passed => vec!["it passes, and must fail".to_owned()],
            Expected::Fail => errors,
            Expected::FailAs(expectation) => {
                let mut differences = expectation.differences(report);
                if !differences.is_empty() {
                    differences.extend(told(Status::Fail));
                }
                differences
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Course;
    use checker::{CheckResult, Lang, Stage};

    fn report(exercise: &CourseExercise, statuses: &[Status]) -> Report {
        let checks = exercise.spec.checks.iter().zip(statuses);
        let checks: Vec<CheckResult> = checks
            .map(|(check, status)| CheckResult {
                id: check.id.clone(),
                stage: Stage::Text,
                title: String::new(),
                status: *status,
                points: if *status == Status::Pass {
                    check.points
                } else {
                    0
                },
                max_points: check.points,
                message: "said".to_owned(),
                expected: Some("one".to_owned()),
                actual: Some("two".to_owned()),
                findings: Vec::new(),
                duration_ms: 0,
            })
            .collect();
        Report {
            version: 1,
            exercise: exercise.spec.id.clone(),
            lang: Lang::En,
            passed: checks.iter().all(|check| check.status == Status::Pass),
            points: checks.iter().map(|check| check.points).sum(),
            max_points: exercise.spec.max_points(),
            checks,
            exercise_hash: String::new(),
            submission_hash: String::new(),
            images_hash: String::new(),
            checker_version: String::new(),
        }
    }

    #[test]
    fn each_case_must_end_as_its_kind_says() {
        let course = Course::embedded().unwrap();
        let exercise = course
            .exercise("images-and-containers/two-from-one")
            .unwrap();
        let (count, cases) = (exercise.spec.checks.len(), cases(exercise));
        let all = |status| report(exercise, &vec![status; count]);
        for case in &cases {
            let passed = case.differences(&all(Status::Pass));
            let error = case.differences(&all(Status::Error));
            let right = matches!(case.folder, CaseName::Solution | CaseName::Alternative(_));
            assert_eq!(passed.is_empty(), right, "{}", case.folder);
            assert!(!error.is_empty(), "{}: a fault proves nothing", case.folder);
        }
        assert!(cases[0].differences(&all(Status::Fail)).is_empty());
        let told = cases[1].differences(&all(Status::Fail)).join("\n");
        assert!(
            told.contains("0 of") && told.contains("(expected one) (actual two)"),
            "{told}"
        );
        // The points of one check are missing.
        let mut little = all(Status::Pass);
        little.points -= 1;
        assert!(!cases[1].differences(&little).is_empty());
        let wrong = cases.last().unwrap();
        assert!(matches!(wrong.folder, CaseName::Wrong(_)));
        assert!(
            !wrong.differences(&all(Status::Fail)).is_empty(),
            "another check failed too"
        );
        assert!(
            wrong
                .path()
                .starts_with("exercises/images-and-containers/two-from-one/wrong/")
        );
    }
}
