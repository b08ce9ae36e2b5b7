//! The formats by name, and our own: the report as one JSON document.

use serde_json::{Value, json};

use super::{Report, classroom, csv, exercism, junit, sarif, tap};

/// A submission's folder as the user named it, with `/` between its parts; empty for the current folder.
pub type SubmissionName = String;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own document, as its JSON Schema describes it.
    Json,
    /// Exercism's test runner results, version 3.
    Exercism,
    /// A runner's result as GitHub Classroom's autograding reporter reads it.
    Classroom,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0: the findings only.
    Sarif,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// Comma-separated values, one row for each check.
    Csv,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 7] = [
        Format::Json,
        Format::Exercism,
        Format::Classroom,
        Format::Junit,
        Format::Sarif,
        Format::Tap,
        Format::Csv,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Exercism => "exercism",
            Format::Classroom => "classroom",
            Format::Junit => "junit",
            Format::Sarif => "sarif",
            Format::Tap => "tap",
            Format::Csv => "csv",
        }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Writes reports in the order given. A format that knows one submission only becomes a list of
    /// `{"submission": …, "report": …}` where there are several.
    pub fn write(self, reports: &[(SubmissionName, Report)]) -> String {
        match self {
            Format::Json => each(reports, json),
            Format::Exercism => each(reports, exercism),
            Format::Classroom => each(reports, classroom),
            Format::Junit => junit(reports),
            Format::Sarif => sarif(reports),
            Format::Tap => tap(reports),
            Format::Csv => csv(reports),
        }
    }
}

/// The report as it is.
pub fn json(report: &Report) -> String {
    pretty(report)
}

fn each(reports: &[(SubmissionName, Report)], write: fn(&Report) -> String) -> String {
    if let [(_, report)] = reports {
        return write(report);
    }
    let list: Vec<Value> = reports
        .iter()
        .map(|(name, report)| {
            let document: Value = serde_json::from_str(&write(report)).unwrap_or_default();
            json!({ "submission": name, "report": document })
        })
        .collect();
    pretty(&list)
}

/// JSON for people and programs, with a newline at its end. The types here hold no map with keys that are not texts
/// and no number that is not finite, so that writing cannot fail.
pub(super) fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
