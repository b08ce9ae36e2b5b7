//! For people: each finding with its line and a caret under what is wrong.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use checker::{Finding, Lang, Severity};
use dockerfile::Source;
use unicode_width::UnicodeWidthChar as _;

use super::Looked;

/// Longer lines are cut around the caret.
const WIDTH: usize = 120;
const TAB: usize = 4;

/// All findings, and a count at the end.
pub(super) fn findings(looked: &[Looked], lang: Lang) -> String {
    let colour = std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut out = String::new();
    let mut counts = [0usize; 3];
    for one in looked {
        for finding in &one.findings {
            counts[finding.severity as usize] += 1;
            block(&mut out, &one.path, one.source(), finding, lang, colour);
        }
    }
    let [infos, warnings, errors] = counts;
    let many = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let _ = match lang {
        // Where no file could be read, that has been said.
        _ if looked.is_empty() => Ok(()),
        Lang::Ko if counts == [0; 3] => writeln!(out, "고칠 것이 없어요."),
        Lang::En if counts == [0; 3] => writeln!(out, "Nothing to mend."),
        Lang::Ko => writeln!(out, "오류 {errors}개, 경고 {warnings}개, 참고 {infos}개"),
        Lang::En => writeln!(
            out,
            "{}, {}, {}",
            many(errors, "error"),
            many(warnings, "warning"),
            many(infos, "remark")
        ),
    };
    out
}

/// One finding.
pub(in crate::cli) fn block(
    out: &mut String,
    path: &str,
    source: &Source,
    finding: &Finding,
    lang: Lang,
    colour: bool,
) {
    let (name, code) = match (finding.severity, lang) {
        (Severity::Error, Lang::Ko) => ("오류", "31"),
        (Severity::Error, Lang::En) => ("error", "31"),
        (Severity::Warning, Lang::Ko) => ("경고", "33"),
        (Severity::Warning, Lang::En) => ("warning", "33"),
        (Severity::Info, Lang::Ko) => ("참고", "36"),
        (Severity::Info, Lang::En) => ("info", "36"),
    };
    let paint = |text: &str, code: &str| {
        if colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    };
    let mut rule = finding.rule.clone();
    if !finding.aliases.is_empty() {
        let _ = write!(rule, " ({})", finding.aliases.join(", "));
    }
    let place = format!(
        "{}:{}:{}",
        plain(path),
        finding.start.line,
        finding.start.column
    );
    let _ = writeln!(out, "{}: {} {rule}", paint(&place, "1"), paint(name, code));
    let line = source.line(finding.start.line);
    let text = source.slice(line);
    let from = finding.start.offset.clamp(line.start, line.end) - line.start;
    let to = if finding.end.line == finding.start.line {
        finding.end.offset.clamp(line.start, line.end) - line.start
    } else {
        text.len()
    };
    let (shown, blanks, carets) = cut(text, from, to.max(from));
    let number = finding.start.line.to_string();
    let margin = " ".repeat(number.len());
    let _ = writeln!(out, " {number} | {shown}");
    let _ = writeln!(
        out,
        " {margin} | {}{}",
        " ".repeat(blanks),
        paint(&"^".repeat(carets), code)
    );
    for sentence in [&finding.message, &finding.why] {
        if !sentence.is_empty() {
            let _ = writeln!(out, " {margin} = {}", plain(sentence));
        }
    }
    if let Some(fix) = &finding.fix {
        let label = if lang == Lang::Ko { "고치기" } else { "fix" };
        let _ = writeln!(out, " {margin} > {label}: {}", plain(&fix.title));
    }
    out.push('\n');
}

/// What a terminal may be sent: no control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// The part of a line to show, the blanks before the caret, and how many carets. Counts cells, not characters: a Korean
/// letter takes two.
fn cut(text: &str, from: usize, to: usize) -> (String, usize, usize) {
    let cells = |c: char, at: usize| match c {
        '\t' => TAB - at % TAB,
        c => c.width().unwrap_or(1),
    };
    let (mut before, mut marked, mut at) = (0, 0, 0);
    let mut shown = String::new();
    for (offset, c) in text.char_indices() {
        let width = cells(c, at);
        at += width;
        if offset < from {
            before += width;
        } else if offset < to {
            marked += width;
        }
        match c {
            '\t' => shown.extend(std::iter::repeat_n(' ', width)),
            c if c.is_control() => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    if at <= WIDTH {
        return (shown, before, marked.max(1));
    }
    // Keep what stands around the start of the mark.
    let skip = before.saturating_sub(WIDTH / 3);
    let (mut part, mut cell, mut skipped) = (String::new(), 0, 0);
    for c in shown.chars() {
        let width = c.width().unwrap_or(1);
        if cell < skip {
            skipped = cell + width;
        } else if cell + width <= skip + WIDTH {
            part.push(c);
        }
        cell += width;
    }
    let blanks = before - skipped.min(before) + usize::from(skip > 0);
    let part = if skip > 0 { format!("…{part}") } else { part };
    let part = if cell > skip + WIDTH {
        format!("{part}…")
    } else {
        part
    };
    let room = (WIDTH + 1).saturating_sub(blanks).max(1);
    (part, blanks, marked.clamp(1, room))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn carets_stand_under_wide_characters() {
        assert_eq!(cut("RUN 한글 x", 4, 10), ("RUN 한글 x".to_owned(), 4, 4));
        assert_eq!(cut("RUN 한글 x", 11, 12), ("RUN 한글 x".to_owned(), 9, 1));
        assert_eq!(cut("\tx", 1, 2), ("    x".to_owned(), 4, 1));
        assert_eq!(cut("a\u{1b}[0m", 0, 0), ("a\u{fffd}[0m".to_owned(), 0, 1));
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let text = format!("{}HERE{}", "a".repeat(500), "b".repeat(500));
        let (shown, blanks, carets) = cut(&text, 500, 504);
        let marked: String = shown.chars().skip(blanks).take(carets).collect();
        assert_eq!(marked, "HERE");
        assert!(shown.chars().count() <= 123, "{}", shown.len());
    }
}
