//! What became of a submission, and reports for those that cannot be checked.

use checker::spec::Exercise;
use checker::{CheckResult, Lang, Report, Status};

/// The end of a submission, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Outcome {
    Passed,
    Failed,
    /// Not everything could be judged, and that is not the submission's fault.
    Error,
}

impl Outcome {
    pub(in crate::cli) fn of(report: &Report) -> Outcome {
        let error = |check: &CheckResult| check.status == Status::Error;
        if report.passed {
            Outcome::Passed
        } else if report.checks.iter().any(error) {
            Outcome::Error
        } else {
            Outcome::Failed
        }
    }

    pub(in crate::cli) fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Error => "error",
        }
    }
}

/// A report of a submission that could not be checked: the first check says why, the others were not run.
pub(in crate::cli) fn not_checked(
    exercise: &Exercise,
    exercise_hash: &str,
    submission_hash: &str,
    lang: Lang,
    status: Status,
    why: &str,
) -> Report {
    let skipped = lang.pick(
        "제출물을 채점할 수 없어서 이 검사는 하지 않았어요.",
        "Not run, because the submission could not be graded.",
    );
    let checks = exercise.checks.iter().enumerate().map(|(at, check)| {
        let (status, message) = if at == 0 {
            (status, why)
        } else {
            (Status::Skipped, skipped)
        };
        CheckResult {
            id: check.id.clone(),
            stage: check.stage(),
            title: check.title.get(lang).to_owned(),
            status,
            points: 0,
            max_points: check.points,
            message: message.to_owned(),
            expected: None,
            actual: None,
            findings: Vec::new(),
            duration_ms: 0,
        }
    });
    Report {
        version: 1,
        exercise: exercise.id.clone(),
        lang,
        passed: false,
        points: 0,
        max_points: exercise.max_points(),
        checks: checks.collect(),
        exercise_hash: exercise_hash.to_owned(),
        submission_hash: submission_hash.to_owned(),
        images_hash: String::new(),
        checker_version: checker::VERSION.to_owned(),
    }
}

/// Says in a report that the submission was stopped because it wrote too much.
pub(in crate::cli) fn wrote_too_much(report: &mut Report, most: u64) {
    let lang = report.lang;
    let most = crate::data::human_bytes(most);
    let message = match lang {
        Lang::Ko => format!(
            "디스크에 {most}보다 많이 써서 멈췄어요. 빌드나 컨테이너가 무엇을 그렇게 많이 쓰는지 살펴보세요."
        ),
        Lang::En => format!(
            "Stopped, because it wrote more than {most} to the disk. What in the build or in the container writes so much?"
        ),
    };
    let ended = |check: &CheckResult| matches!(check.status, Status::Fail | Status::Error);
    let ran = |check: &CheckResult| check.status != Status::Skipped;
    let at = report
        .checks
        .iter()
        .position(ended)
        .or_else(|| report.checks.iter().rposition(ran));
    if let Some(check) = at.and_then(|at| report.checks.get_mut(at)) {
        check.status = Status::Fail;
        check.points = 0;
        check.message = message;
    }
    report.passed = false;
    report.points = report.checks.iter().map(|check| check.points).sum();
}
