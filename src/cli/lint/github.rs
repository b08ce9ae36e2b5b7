//! Annotations of GitHub Actions: one workflow command for each finding.

use std::fmt::Write as _;

use checker::Severity;

use super::Looked;

/// All findings.
pub(super) fn findings(looked: &[Looked]) -> String {
    let mut out = String::new();
    for finding in looked.iter().flat_map(|one| &one.findings) {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (start, end) = (finding.start, finding.end);
        let _ = write!(
            out,
            "::{level} file={},line={},endLine={}",
            property(&finding.file),
            start.line,
            end.line
        );
        // Columns are allowed on one line only.
        if start.line == end.line {
            let _ = write!(
                out,
                ",col={},endColumn={}",
                start.column,
                end.column.saturating_sub(1).max(start.column)
            );
        }
        let text = if finding.why.is_empty() {
            finding.message.clone()
        } else {
            format!("{}\n{}", finding.message, finding.why)
        };
        let _ = writeln!(out, ",title={}::{}", property(&finding.rule), data(&text));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_start_a_command_of_its_own() {
        assert_eq!(data("a%\n::error::x"), "a%25%0A::error::x");
        assert_eq!(property("a,b:c\r"), "a%2Cb%3Ac%0D");
    }
}
