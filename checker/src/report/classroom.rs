//! A runner's result as GitHub Classroom's autograding reporter reads it, before its Base64 coding.
//!
//! The reporter adds `max_score` and the tests' `score`; it prints a line number unless that is 0, and the text of
//! `message` for `error`.

use serde::Serialize;

use super::format::pretty;
use super::{CheckResult, Report, Status, detail};

#[derive(Serialize)]
struct Results {
    version: u32,
    status: &'static str,
    max_score: u32,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    status: &'static str,
    score: u32,
    message: String,
    test_code: String,
    filename: String,
    line_no: usize,
    execution_time: String,
    /// Milliseconds.
    duration: u64,
}

/// The result of one submission. A fault of the grader is `error`, so that nobody takes it for a wrong answer.
pub fn classroom(report: &Report) -> String {
    let status = if report.passed {
        Status::Pass
    } else if detail::has(report, Status::Error) {
        Status::Error
    } else {
        Status::Fail
    };
    pretty(&Results {
        version: 1,
        status: detail::word(status),
        max_score: report.max_points,
        tests: report.checks.iter().map(|c| test(c, report)).collect(),
    })
}

fn test(check: &CheckResult, report: &Report) -> Test {
    let status = detail::three_way(check, report);
    let place = check.findings.iter().max_by(|one, other| {
        // The worst finding, and of several the first.
        (one.severity, other.start).cmp(&(other.severity, one.start))
    });
    let place = place.filter(|_| status != Status::Pass);
    let message = if status == Status::Pass {
        String::new()
    } else {
        detail::text(check, report.lang)
    };
    Test {
        name: check.title.clone(),
        status: detail::word(status),
        score: check.points,
        message,
        test_code: check.id.clone(),
        filename: place.map_or_else(String::new, |finding| finding.file.clone()),
        line_no: place.map_or(0, |finding| finding.start.line),
        execution_time: format!("{}s", detail::seconds(check.duration_ms)),
        duration: check.duration_ms,
    }
}
