//! What is said and written about all submissions together.

use std::io::Write as _;
use std::path::Path;

use checker::report::Format;
use checker::{Report, Status};
use serde_json::json;

use super::super::FAULT;
use super::super::place::Outcome;
use super::board::Counts;
use super::gather::Submission;
use super::results::Results;

/// The most submissions that are named on the terminal.
const MOST_LINES: usize = 50;

/// One submission and how it ended.
pub(super) struct Line {
    name: String,
    shown: String,
    report: Report,
    outcome: Outcome,
    /// What is not in the report.
    why: String,
}

impl Line {
    pub(super) fn new(
        submission: Submission,
        report: Report,
        outcome: Outcome,
        why: String,
    ) -> Line {
        Line {
            name: submission.name,
            shown: submission.shown,
            report,
            outcome,
            why,
        }
    }

    /// The first thing that did not pass.
    fn reason(&self) -> &str {
        if !self.why.is_empty() {
            return &self.why;
        }
        let not_passed =
            |check: &&checker::CheckResult| matches!(check.status, Status::Fail | Status::Error);
        let first = self.report.checks.iter().find(not_passed);
        first.map_or("", |check| check.message.as_str())
    }
}

/// Writes `summary.json` into the results folder.
pub(super) fn write(
    results: &Results,
    exercise: &str,
    lines: &[Line],
    counts: Counts,
) -> std::io::Result<()> {
    let submissions: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "name": line.name,
                "submission": line.shown,
                "outcome": line.outcome.word(),
                "points": line.report.points,
                "max_points": line.report.max_points,
                "reason": line.reason(),
                "report": format!("reports/{}.json", line.name),
            })
        })
        .collect();
    let document = json!({
        "version": 1,
        "exercise": exercise,
        "checker_version": checker::VERSION,
        "submissions": submissions,
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
    });
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    results.write("summary.json", &text)?;
    Ok(())
}

/// Writes all reports into one file for each format: `results.csv`, `results.junit.xml` and so on.
pub(super) fn write_formats(
    results: &Results,
    formats: &[Format],
    lines: &[Line],
) -> std::io::Result<()> {
    let named: Vec<_> = lines
        .iter()
        .map(|line| (line.shown.clone(), line.report.clone()))
        .collect();
    for format in formats {
        let ending = match format {
            Format::Json => "json",
            Format::Exercism => "exercism.json",
            Format::Classroom => "classroom.json",
            Format::Junit => "junit.xml",
            Format::Sarif => "sarif",
            Format::Tap => "tap",
            Format::Csv => "csv",
        };
        results.write(&format!("results.{ending}"), &format.write(&named))?;
    }
    Ok(())
}

/// Says how it went; gives the exit code.
pub(super) fn say(lines: &[Line], counts: Counts, out: &Path) -> u8 {
    let mut text = String::new();
    let mut others = lines.iter().filter(|line| line.outcome != Outcome::Passed);
    for line in others.by_ref().take(MOST_LINES) {
        let reason = checker_line(line.reason());
        text += &format!("{}: {}: {reason}\n", line.name, line.outcome.word());
    }
    let more = others.count();
    if more > 0 {
        text += &format!("… and {more} more\n");
    }
    let again = match counts.reused {
        0 => String::new(),
        number => format!(" ({number} of them graded before)"),
    };
    text += &format!(
        "{} submissions{again}: {} passed, {} failed, {} errors. Results: {}\n",
        lines.len(),
        counts.passed,
        counts.failed,
        counts.errors,
        out.display()
    );
    // A reader that has seen enough, as `head` has, changes nothing about the result.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if lines.iter().any(|line| line.outcome == Outcome::Error) {
        FAULT
    } else {
        u8::from(lines.iter().any(|line| line.outcome == Outcome::Failed))
    }
}

/// The first line of a message, short enough for a terminal.
fn checker_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(160).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
