//! What can be wrong with a file as YAML, and what a parser's error means for whoever wrote the file.

use dockerfile::{Source, Span};

/// What is wrong with the file as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
}

/// Kinds of problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// More than [`super::MAX_SIZE`] bytes.
    TooLarge,
    /// More than `MAX_DEPTH` levels.
    TooDeep,
    /// More nodes than a Compose file has, aliases resolved.
    TooMany,
    /// A byte that is not UTF-8, or a control character.
    NotText,
    /// A tab where YAML wants blanks.
    Tab,
    /// A quote that is never closed.
    OpenQuote,
    /// A bracket that is never closed.
    OpenBracket,
    /// Lines whose indentation does not fit, or a key without a colon.
    Layout,
    /// Any other syntax error.
    Syntax,
    /// An alias without its anchor.
    UnknownAlias,
    /// An anchor that holds an alias of itself.
    Endless,
    /// A key that stood there before, at the line.
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stood before.
        before: Span,
    },
    /// A key that is a list or a mapping.
    ComplexKey,
}

/// The parser's words are for people who know parsers; ours say what to look at.
pub(super) fn of_syntax(source: &Source, info: &str, at: usize) -> Problem {
    let text = source.text();
    let has = |words: &[&str]| words.iter().any(|word| info.contains(word));
    let line = source.line(source.line_of(at));
    let indent = source.slice(line);
    let blank = indent.len() - indent.trim_start().len();
    let (kind, span) = if let Some(tab) = indent[..blank].find('\t') {
        let tab = line.start + tab;
        (ProblemKind::Tab, Span::new(tab, tab + 1))
    } else if has(&["tab"]) && text[at..].starts_with('\t') {
        (ProblemKind::Tab, Span::new(at, at + 1))
    } else {
        let kind = if has(&["quoted scalar"]) {
            ProblemKind::OpenQuote
        } else if has(&["flow ", "bracket"]) {
            ProblemKind::OpenBracket
        } else if has(&["anchor"]) && has(&["unknown", "undefined"]) {
            ProblemKind::UnknownAlias
        } else if has(&[
            "indentation",
            "simple key",
            "expected key",
            "block collection",
            "mapping values",
            "document",
        ]) {
            ProblemKind::Layout
        } else {
            ProblemKind::Syntax
        };
        let rest = source.slice(Span::new(at, line.end.max(at))).trim_end();
        (kind, Span::new(at, at + rest.len()))
    };
    Problem { kind, span }
}
