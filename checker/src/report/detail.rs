//! What several formats say of a check in the same words.

use super::{CheckResult, Finding, Lang, Report, Status};

/// How a check ended, for formats that know no `skipped`: a check that was not reached because the grader failed is no
/// more the learner's fault than the failure itself.
pub(super) fn three_way(check: &CheckResult, report: &Report) -> Status {
    match check.status {
        Status::Skipped if has(report, Status::Error) => Status::Error,
        Status::Skipped => Status::Fail,
        status => status,
    }
}

/// Whether any check ended so.
pub(super) fn has(report: &Report, status: Status) -> bool {
    report.checks.iter().any(|check| check.status == status)
}

pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Error => "error",
        Status::Skipped => "skipped",
    }
}

/// All that is known of a check that did not pass: its message, what was expected and found, and the findings.
pub(super) fn text(check: &CheckResult, lang: Lang) -> String {
    let mut lines = Vec::new();
    if !check.message.is_empty() {
        lines.push(check.message.clone());
    }
    let facts = [
        (lang.pick("기대한 것", "expected"), &check.expected),
        (lang.pick("실제", "actual"), &check.actual),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            lines.push(format!("{name}: {fact}"));
        }
    }
    lines.extend(check.findings.iter().map(finding));
    lines.join("\n")
}

/// One line of a finding, as compilers write it.
pub(super) fn finding(finding: &Finding) -> String {
    format!(
        "{}:{}:{}: {}: {}",
        finding.file, finding.start.line, finding.start.column, finding.rule, finding.message
    )
}

/// A text in which nothing is hidden: a character that XML 1.0 cannot hold, or that a terminal or a spreadsheet would
/// act on, is shown as its number. Tabs and line ends stay.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Milliseconds as seconds.
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}
