//! SARIF 2.1.0, which code hosts and editors read.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::format::pretty;
use super::{Finding, Fix, Lang, Position, Report, Severity, Status, SubmissionName};
use crate::lint::{RULES, Rule};

/// What a relative URI reference cannot hold as it is.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Findings as one run, in the order given.
pub fn sarif_of_findings<'a>(findings: impl Iterator<Item = &'a Finding>, lang: Lang) -> String {
    let results: Vec<Value> = findings.map(|found| result(found, "")).collect();
    log(vec![run(results, lang)])
}

/// One run for each submission: what the rules have found in its files, once each. What the grader could not judge is a
/// notification, and such a run has not succeeded.
pub fn sarif(reports: &[(SubmissionName, Report)]) -> String {
    let runs = reports.iter().map(|(name, report)| {
        let mut findings: Vec<&Finding> = Vec::new();
        for finding in report.checks.iter().flat_map(|check| &check.findings) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.start.offset, f.end.offset);
            (&a.file, key(a), &a.rule).cmp(&(&b.file, key(b), &b.rule))
        });
        let results = findings.iter().map(|found| result(found, name)).collect();
        let mut run = run(results, report.lang);
        let faults: Vec<Value> = report
            .checks
            .iter()
            .filter(|check| check.status == Status::Error)
            .map(|check| {
                json!({
                    "level": "error",
                    "message": { "text": format!("{}: {}", check.title, check.message) },
                })
            })
            .collect();
        run["automationDetails"] = json!({ "id": format!("{}/{name}", report.exercise) });
        run["invocations"] = json!([{
            "executionSuccessful": faults.is_empty(),
            "toolExecutionNotifications": faults,
        }]);
        run
    });
    log(runs.collect())
}

fn log(runs: Vec<Value>) -> String {
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    }))
}

fn run(results: Vec<Value>, lang: Lang) -> Value {
    let rules: Vec<Value> = RULES.iter().map(|rule| describe(rule, lang)).collect();
    json!({
        "tool": { "driver": { "name": "docktutor", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn describe(rule: &Rule, lang: Lang) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title.get(lang) },
        "fullDescription": { "text": rule.what.get(lang) },
        "help": { "text": rule.why.get(lang) },
        "defaultConfiguration": { "level": level(rule.severity), "enabled": rule.on },
        "properties": { "tags": rule.aliases },
    })
}

fn result(finding: &Finding, folder: &str) -> Value {
    let text = if finding.why.is_empty() {
        finding.message.clone()
    } else {
        format!("{} {}", finding.message, finding.why)
    };
    let path = match folder.trim_end_matches('/') {
        "" => finding.file.clone(),
        folder => format!("{folder}/{}", finding.file),
    };
    let file = json!({ "uri": uri(&path) });
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": file, "region": region(finding.start, finding.end) } }],
    });
    // What an assertion has found, as in a typed command, comes from no rule of the list.
    if let Some(at) = RULES.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = json!(at);
    }
    if let Some(fix) = &finding.fix {
        result["fixes"] = json!([change(fix, &file)]);
    }
    result
}

fn change(fix: &Fix, file: &Value) -> Value {
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": file,
            "replacements": [{ "deletedRegion": region(fix.start, fix.end), "insertedContent": { "text": fix.text } }],
        }],
    })
}

fn region(start: Position, end: Position) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": start.offset,
        "byteLength": end.offset.saturating_sub(start.offset),
    })
}

/// A path as a URI reference; an absolute one as a `file:` URI.
fn uri(path: &str) -> String {
    let encoded = utf8_percent_encode(path, PATH).to_string();
    if path.starts_with('/') {
        format!("file://{encoded}")
    } else {
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("web/Dockerfile"), "web/Dockerfile");
        assert_eq!(uri("a b/한.Dockerfile"), "a%20b/%ED%95%9C.Dockerfile");
        assert_eq!(uri("/x/Dockerfile"), "file:///x/Dockerfile");
    }
}
