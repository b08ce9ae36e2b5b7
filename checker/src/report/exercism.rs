//! `results.json` of Exercism's test runner interface, version 3.

use serde::Serialize;

use super::format::pretty;
use super::{CheckResult, Report, Status, detail};

/// The interface allows so many characters of output.
const MOST_OUTPUT: usize = 500;
const CUT: &str = "\nOutput was truncated. Please limit to 500 chars";

/// The interface allows so many bytes of the top-level message.
const MOST_MESSAGE: usize = 65_535;

#[derive(Serialize)]
struct Results {
    version: u32,
    status: &'static str,
    message: Option<String>,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    status: &'static str,
    message: Option<String>,
    output: Option<String>,
    test_code: String,
    task_id: usize,
}

/// The results of one submission. `error` is for a run in which nothing could be judged, as the interface wants it; a
/// run in which some checks were judged has failed.
pub fn exercism(report: &Report) -> String {
    let judged = detail::has(report, Status::Pass) || detail::has(report, Status::Fail);
    let status = match (report.passed, judged) {
        (true, _) => Status::Pass,
        (false, true) => Status::Fail,
        (false, false) => Status::Error,
    };
    let first = report.checks.iter().find(|c| c.status == Status::Error);
    let message = (status == Status::Error)
        .then(|| first.map_or_else(String::new, |check| check.message.clone()))
        .map(|text| cut_bytes(text, MOST_MESSAGE));
    let tests = report
        .checks
        .iter()
        .enumerate()
        .map(|(at, check)| test(at, check, report));
    pretty(&Results {
        version: 3,
        status: detail::word(status),
        message,
        tests: tests.collect(),
    })
}

fn test(at: usize, check: &CheckResult, report: &Report) -> Test {
    let status = detail::three_way(check, report);
    // What was there is output; it is not said twice.
    let said = CheckResult {
        actual: None,
        ..check.clone()
    };
    Test {
        name: check.title.clone(),
        status: detail::word(status),
        message: (status != Status::Pass).then(|| detail::text(&said, report.lang)),
        output: check.actual.as_deref().map(cut),
        test_code: code(check),
        task_id: at + 1,
    }
}

/// A report does not hold the assertion, which could give the answer away; this is what it holds of the check.
fn code(check: &CheckResult) -> String {
    let stage = match check.stage {
        super::Stage::Text => "text",
        super::Stage::Build => "build",
        super::Stage::Run => "run",
    };
    format!(
        "check: {}\nstage: {stage}\npoints: {}",
        check.id, check.max_points
    )
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST_OUTPUT {
        return text.to_owned();
    }
    let kept = MOST_OUTPUT - CUT.chars().count();
    text.chars().take(kept).chain(CUT.chars()).collect()
}

fn cut_bytes(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_cut_by_characters() {
        assert_eq!(cut(&"가".repeat(500)), "가".repeat(500));
        let long = cut(&"가".repeat(501));
        assert_eq!(long.chars().count(), 500);
        assert!(long.ends_with(CUT));
        assert_eq!(cut_bytes("가나".to_owned(), 4), "가");
    }
}
