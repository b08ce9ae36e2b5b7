//! The lines of a Dockerfile as the builder joins them.

use crate::error::Fault;

/// Reads the `# escape=` directive: only in the comments at the very top, before any other line.
pub(super) fn escape_letter(text: &str) -> Result<char, Fault> {
    for line in text.lines() {
        let Some(comment) = line.trim().strip_prefix('#') else {
            break;
        };
        let Some((key, value)) = comment.split_once('=') else {
            break;
        };
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric()) {
            break;
        }
        if key.eq_ignore_ascii_case("escape") {
            return match value.trim() {
                "\\" => Ok('\\'),
                "`" => Ok('`'),
                other => Err(Fault::bad(format!(
                    "invalid ESCAPE '{other}'. Must be ` or \\"
                ))),
            };
        }
    }
    Ok('\\')
}

/// Joins continued lines and leaves out comments and empty lines. The number is that of the first line.
pub(super) fn logical_lines(text: &str, escape: char) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (mut whole, mut open) = cut(line, escape);
        while open {
            let Some((_, more)) = lines.next() else { break };
            let trimmed = more.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let (part, goes_on) = cut(more, escape);
            whole.push_str(&part);
            open = goes_on;
        }
        if !whole.trim().is_empty() {
            all.push((number + 1, whole.trim().to_owned()));
        }
    }
    all
}

/// Takes off the letter that continues a line, if it is there.
fn cut(line: &str, escape: char) -> (String, bool) {
    let trimmed = line.trim_end_matches([' ', '\t', '\r']);
    match trimmed.strip_suffix(escape) {
        Some(rest) => (rest.to_owned(), true),
        None => (line.trim_end_matches('\r').to_owned(), false),
    }
}
