//! The Test Anything Protocol, version 14, with YAML diagnostics.

use serde_json::{Value, json};

use super::{CheckResult, Report, Severity, Status, SubmissionName, detail};

/// A single submission's checks are the test points; several submissions are subtests.
pub fn tap(reports: &[(SubmissionName, Report)]) -> String {
    let mut out = String::from("TAP version 14\n");
    if let [(_, report)] = reports {
        points(&mut out, report, "");
        return out;
    }
    out.push_str(&format!("1..{}\n", reports.len()));
    for (at, (name, report)) in reports.iter().enumerate() {
        let name = if name.is_empty() {
            &report.exercise
        } else {
            name
        };
        let name = describe(name);
        out.push_str(&format!("# Subtest: {name}\n"));
        points(&mut out, report, "    ");
        out.push_str(&format!("{} {} - {name}\n", ok(report.passed), at + 1));
    }
    out
}

fn points(out: &mut String, report: &Report, indent: &str) {
    out.push_str(&format!("{indent}1..{}\n", report.checks.len()));
    for (at, check) in report.checks.iter().enumerate() {
        let well = matches!(check.status, Status::Pass | Status::Skipped);
        let name = describe(&format!("{}: {}", check.id, check.title));
        out.push_str(&format!("{indent}{} {} - {name}", ok(well), at + 1));
        if check.status == Status::Skipped {
            out.push_str(&format!(" # SKIP {}", describe(&check.message)));
        }
        out.push('\n');
        diagnostics(out, check, indent);
    }
}

fn ok(passed: bool) -> &'static str {
    if passed { "ok" } else { "not ok" }
}

/// A block between `---` and `...`. Each value is JSON, which YAML takes as it stands.
fn diagnostics(out: &mut String, check: &CheckResult, indent: &str) {
    let findings: Vec<Value> = check
        .findings
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Info => "info",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            json!({
                "file": finding.file,
                "line": finding.start.line,
                "column": finding.start.column,
                "rule": finding.rule,
                "severity": severity,
                "message": finding.message,
            })
        })
        .collect();
    let mut facts: Vec<(&str, Value)> = Vec::new();
    if !check.message.is_empty() {
        facts.push(("message", json!(check.message)));
    }
    facts.push(("severity", json!(detail::word(check.status))));
    facts.push(("points", json!(check.points)));
    facts.push(("max_points", json!(check.max_points)));
    for (name, fact) in [("expected", &check.expected), ("actual", &check.actual)] {
        if let Some(fact) = fact {
            facts.push((name, json!(fact)));
        }
    }
    if !findings.is_empty() {
        facts.push(("findings", Value::Array(findings)));
    }
    facts.push(("duration_ms", json!(check.duration_ms)));

    out.push_str(&format!("{indent}  ---\n"));
    for (name, value) in facts {
        out.push_str(&format!("{indent}  {name}: {}\n", printable(&value)));
    }
    out.push_str(&format!("{indent}  ...\n"));
}

/// JSON without the characters that YAML takes for line ends or for not printable; both languages read `\u` alike.
fn printable(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// A description in one line, in which `#` begins no directive.
fn describe(text: &str) -> String {
    let line: String = detail::visible(text)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    line.trim().replace('\\', "\\\\").replace('#', "\\#")
}
