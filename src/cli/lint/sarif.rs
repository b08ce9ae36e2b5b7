//! SARIF 2.1.0, which code hosts and editors read.

use checker::lint::{RULES, Rule};
use checker::{Finding, Fix, Lang, Position, Severity};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::Looked;

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

/// All findings as one run.
pub(super) fn findings(looked: &[Looked], lang: Lang) -> anyhow::Result<String> {
    let results: Vec<Value> = looked
        .iter()
        .flat_map(|one| &one.findings)
        .map(result)
        .collect();
    let rules: Vec<Value> = RULES.iter().map(|rule| describe(rule, lang)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "docktutor", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&log)? + "\n")
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

fn result(finding: &Finding) -> Value {
    let text = if finding.why.is_empty() {
        finding.message.clone()
    } else {
        format!("{} {}", finding.message, finding.why)
    };
    let file = json!({ "uri": uri(&finding.file) });
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": RULES.iter().position(|rule| rule.id == finding.rule),
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": file, "region": region(finding.start, finding.end) } }],
    });
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
        "byteLength": end.offset - start.offset,
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
