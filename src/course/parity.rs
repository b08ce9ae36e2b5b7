//! Two languages, one lesson: headings, code, exercises and questions stand in both, in the same order. A translation
//! that lags is a problem, not a fallback.

use super::Problem;
use super::markdown::{Fence, Rendered};
use super::transcript::OUTPUT;

/// Compares two texts of one folder; a difference is reported once, in the second one where it has a line there.
pub(super) fn check(
    folder: &str,
    names: [&str; 2],
    first: &Rendered,
    second: &Rendered,
    problems: &mut Vec<Problem>,
) {
    let path = |name: &str| format!("{folder}/{name}");
    let headings = |page: &Rendered| -> Vec<(usize, String)> {
        let shown = |level: u8| format!("a heading of level {level}");
        page.headings
            .iter()
            .map(|h| (h.line, shown(h.level)))
            .collect()
    };
    let fences = |page: &Rendered| -> Vec<(usize, String)> {
        page.fences.iter().map(|f| (f.line, describe(f))).collect()
    };
    for (ours, theirs) in [
        (headings(first), headings(second)),
        (fences(first), fences(second)),
    ] {
        let differs = (0..ours.len().max(theirs.len()))
            .find(|&at| ours.get(at).map(|(_, what)| what) != theirs.get(at).map(|(_, what)| what));
        // Only the first difference: what follows it is shifted and would be reported again and again.
        let Some(at) = differs else { continue };
        problems.push(match (ours.get(at), theirs.get(at)) {
            (Some((there, ours)), Some((line, theirs))) => Problem::at(
                path(names[1]),
                *line,
                format!("here is {theirs}; {}:{there} has {ours}", names[0]),
            ),
            (Some((line, what)), None) => Problem::at(
                path(names[0]),
                *line,
                format!("{} has nothing that answers to {what}", names[1]),
            ),
            (None, Some((line, what))) => Problem::at(
                path(names[1]),
                *line,
                format!("{} has nothing that answers to {what}", names[0]),
            ),
            (None, None) => continue,
        });
    }
}

/// What must be the same in both languages. Comments in code and labels in diagrams are written for their readers.
fn describe(fence: &Fence) -> String {
    match fence.lang.as_str() {
        "mermaid" => {
            let kind = fence.text.split_whitespace().next().unwrap_or_default();
            format!("a diagram ({kind})")
        }
        "predict" => match &fence.predict {
            Some(question) => {
                let right = question.options.iter().position(|option| option.right);
                format!(
                    "a question with {} options, number {} right",
                    question.options.len(),
                    right.map_or(0, |right| right + 1)
                )
            }
            None => "a question that cannot be read".to_owned(),
        },
        "exercise" => format!("the exercise `{}`", fence.text.trim()),
        // What comes is no comment, whatever it looks like.
        OUTPUT => format!("the output `{}`", fence.text.trim_end().replace('\n', "⏎")),
        lang => format!("`{lang}` code `{}`", without_comments(&fence.text)),
    }
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().map(|line| {
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        if line.starts_with('#') { "" } else { line }
    });
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("⏎")
}
