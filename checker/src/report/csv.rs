//! Comma-separated values (RFC 4180), one row for each check.

use super::{Report, Stage, SubmissionName, detail};

const COLUMNS: &str = "submission,exercise,check,stage,title,status,points,max_points,message,expected,actual,findings,duration_ms\r\n";

/// All checks of all submissions under one header. A spreadsheet takes no text of it for a formula.
pub fn csv(reports: &[(SubmissionName, Report)]) -> String {
    let mut out = String::from(COLUMNS);
    for (name, report) in reports {
        for check in &report.checks {
            let stage = match check.stage {
                Stage::Text => "text",
                Stage::Build => "build",
                Stage::Run => "run",
            };
            let findings: Vec<String> = check.findings.iter().map(detail::finding).collect();
            let row = [
                field(name),
                field(&report.exercise),
                field(&check.id),
                field(stage),
                field(&check.title),
                field(detail::word(check.status)),
                check.points.to_string(),
                check.max_points.to_string(),
                field(&check.message),
                field(check.expected.as_deref().unwrap_or_default()),
                field(check.actual.as_deref().unwrap_or_default()),
                field(&findings.join("\n")),
                check.duration_ms.to_string(),
            ];
            out.push_str(&row.join(","));
            out.push_str("\r\n");
        }
    }
    out
}

/// A quoted field. Spreadsheets run a text that begins with one of these signs, white space before it or not and in
/// full width too; an apostrophe before it makes it a text again.
fn field(text: &str) -> String {
    let text = detail::visible(text);
    let first = text.trim_start().chars().next();
    let formula =
        first.is_some_and(|c| "=+-@＝＋－＠".contains(c)) || text.starts_with(['\t', '\r', '\n']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_text_is_never_a_formula() {
        assert_eq!(
            field("plain, \"quoted\"\nline"),
            "\"plain, \"\"quoted\"\"\nline\""
        );
        for text in ["=1+1", "+1", "-rm", "@x", " =1", "\t=1", "＝1", "\r@x"] {
            assert!(field(text).starts_with("\"'"), "{text}");
        }
        assert_eq!(field("a\0b\u{1b}[1m"), "\"a\\u{0}b\\u{1b}[1m\"");
    }
}
