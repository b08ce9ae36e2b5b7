//! How a wrong submission must fail, and whether it did.

use std::collections::BTreeSet;

use checker::{Finding, Report, Severity, Status};
use serde::Deserialize;

/// `wrong/CASE/expect.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What is misunderstood, for authors.
    pub misunderstanding: String,
    /// The checks that fail. All others pass or are skipped.
    pub fails: Vec<String>,
    /// The rules that find an error or a warning, and no others: their ids, aliases, or the notes' mistakes.
    #[serde(default)]
    pub findings: Vec<String>,
    /// A piece of what a failed check says or saw, in English.
    #[serde(default)]
    pub says: Option<String>,
}

impl Expectation {
    /// How an English report differs from what is declared; empty when the case failed for its reason.
    #[must_use]
    pub fn differences(&self, report: &Report) -> Vec<String> {
        let mut differences = Vec::new();
        for check in report
            .checks
            .iter()
            .filter(|check| check.status == Status::Error)
        {
            differences.push(format!(
                "check `{}` could not be run: {}",
                check.id, check.message
            ));
        }
        let failed: BTreeSet<&str> = report
            .checks
            .iter()
            .filter(|check| check.status == Status::Fail)
            .map(|check| check.id.as_str())
            .collect();
        let declared: BTreeSet<&str> = self.fails.iter().map(String::as_str).collect();
        if failed != declared {
            differences.push(format!(
                "the checks {failed:?} failed, declared are {declared:?}"
            ));
        }
        let findings = || {
            let all = report.checks.iter().flat_map(|check| &check.findings);
            // Remarks on style are not what a case is about.
            all.filter(|finding| finding.severity >= Severity::Warning)
        };
        for name in &self.findings {
            if !findings().any(|finding| is_named(finding, name)) {
                differences.push(format!("no rule found `{name}`"));
            }
        }
        for finding in findings() {
            if !self.findings.iter().any(|name| is_named(finding, name)) {
                differences.push(format!(
                    "`{}` was found and is not declared: {}",
                    finding.rule, finding.message
                ));
            }
        }
        if let Some(piece) = &self.says {
            let said = report
                .checks
                .iter()
                .filter(|check| check.status == Status::Fail)
                .flat_map(|check| [Some(&check.message), check.actual.as_ref()])
                .flatten()
                .any(|text| text.contains(piece.as_str()));
            if !said {
                differences.push(format!("no failed check says `{piece}`"));
            }
        }
        differences
    }
}

fn is_named(finding: &Finding, name: &str) -> bool {
    finding.rule == name
        || finding.mistake.as_deref() == Some(name)
        || finding.aliases.iter().any(|alias| alias == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use checker::{CheckResult, Lang, Position, Stage};

    fn check(id: &str, status: Status, findings: Vec<Finding>) -> CheckResult {
        CheckResult {
            id: id.to_owned(),
            stage: Stage::Text,
            title: String::new(),
            status,
            points: 0,
            max_points: 1,
            message: "the server waits at 127.0.0.1".to_owned(),
            expected: None,
            actual: None,
            findings,
            duration_ms: 0,
        }
    }

    fn finding(rule: &str, severity: Severity) -> Finding {
        let place = Position {
            line: 1,
            column: 1,
            column_utf16: 1,
            offset: 0,
        };
        Finding {
            rule: rule.to_owned(),
            aliases: vec!["DL1".to_owned()],
            severity,
            message: String::new(),
            why: String::new(),
            mistake: Some("from-space".to_owned()),
            file: "Dockerfile".to_owned(),
            start: place,
            end: place,
            fix: None,
        }
    }

    fn report(checks: Vec<CheckResult>) -> Report {
        Report {
            version: 1,
            exercise: String::new(),
            lang: Lang::En,
            passed: false,
            points: 0,
            max_points: 1,
            checks,
            exercise_hash: String::new(),
            submission_hash: String::new(),
            images_hash: String::new(),
            checker_version: String::new(),
        }
    }

    fn expected(yaml: &str) -> Expectation {
        serde_yaml::from_str(&format!("misunderstanding: m\n{yaml}")).expect("an expectation")
    }

    #[test]
    fn a_case_that_fails_for_its_reason_has_no_difference() {
        let report = report(vec![
            check(
                "text",
                Status::Fail,
                vec![
                    finding("split", Severity::Error),
                    finding("style", Severity::Info),
                ],
            ),
            check("build", Status::Skipped, Vec::new()),
        ]);
        for name in ["split", "DL1", "from-space"] {
            let expected = expected(&format!(
                "fails: [text]\nfindings: [{name}]\nsays: 127.0.0.1"
            ));
            assert_eq!(expected.differences(&report), Vec::<String>::new());
        }
    }

    #[test]
    fn another_reason_is_told() {
        let report = report(vec![
            check(
                "text",
                Status::Pass,
                vec![finding("split", Severity::Warning)],
            ),
            check("run", Status::Error, Vec::new()),
        ]);
        let expected = expected("fails: [text]\nfindings: [other]\nsays: nothing");
        let differences = expected.differences(&report);
        for piece in [
            "could not be run",
            "failed, declared",
            "`other`",
            "`split` was found",
            "`nothing`",
        ] {
            assert!(
                differences.iter().any(|text| text.contains(piece)),
                "{piece}: {differences:?}"
            );
        }
        assert_eq!(differences.len(), 5);
    }
}
