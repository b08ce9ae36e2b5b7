//! Physical lines, and the one long line that an instruction is for its parser.

use crate::source::{Source, Span};

/// An instruction's text with its continuations joined, and where each part of it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logical {
    /// The joined text.
    pub text: String,
    /// Offsets in `text` and in the file where pieces start, ascending.
    pieces: Vec<(usize, usize)>,
}

impl Logical {
    /// Adds a piece of the file to the end.
    pub(crate) fn push(&mut self, source: &Source, span: Span) {
        if span.start < span.end || self.pieces.is_empty() {
            self.pieces.push((self.text.len(), span.start));
            self.text.push_str(source.slice(span));
        }
    }

    /// Where a byte of the text stands in the file.
    pub fn offset(&self, at: usize) -> usize {
        let piece = self
            .pieces
            .partition_point(|&(start, _)| start <= at)
            .saturating_sub(1);
        let Some(&(start, file)) = self.pieces.get(piece) else {
            return 0;
        };
        file + at.min(self.text.len()).saturating_sub(start)
    }

    /// Where a range of the text stands in the file. Continuations inside the range are inside the span.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let from = self.offset(start);
        let to = if end > start {
            self.offset(end - 1) + 1
        } else {
            from
        };
        Span::new(from, to)
    }
}

/// What a physical line without its ending turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Blank,
    /// `#` stands at this offset.
    Comment(usize),
    /// Text; the span ends before the escape character where the line continues.
    Text {
        span: Span,
        continues: bool,
    },
}

/// Reads one physical line (its span has no line ending) as BuildKit does.
pub(crate) fn read(source: &Source, line: Span, escape: char) -> Line {
    let text = source.slice(line);
    let start = text.trim_start();
    if start.is_empty() {
        return Line::Blank;
    }
    if start.starts_with('#') {
        return Line::Comment(line.end - start.len());
    }
    // The escape character continues the line where only blanks follow it, and where no other one stands before it.
    let body = text.trim_end_matches([' ', '\t']);
    match body.strip_suffix(escape) {
        Some(rest) if !rest.ends_with(escape) => Line::Text {
            span: Span::new(line.start, line.start + rest.len()),
            continues: true,
        },
        _ => Line::Text {
            span: line,
            continues: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Source, Line) {
        let source = Source::new(text.as_bytes());
        let line = read(&source, source.line(1), '\\');
        (source, line)
    }

    #[test]
    fn continuation_needs_a_single_escape_before_blanks() {
        assert_eq!(
            one("a \\ \t").1,
            Line::Text {
                span: Span::new(0, 2),
                continues: true
            }
        );
        assert_eq!(
            one("\\").1,
            Line::Text {
                span: Span::new(0, 0),
                continues: true
            }
        );
        assert_eq!(
            one("a \\\\").1,
            Line::Text {
                span: Span::new(0, 4),
                continues: false
            }
        );
        assert_eq!(one("  # x \\").1, Line::Comment(2));
        assert_eq!(one(" \t").1, Line::Blank);
    }

    #[test]
    fn a_span_over_pieces_covers_what_lies_between() {
        let source = Source::new(b"ab\\\ncd");
        let mut logical = Logical::default();
        logical.push(&source, Span::new(0, 2));
        logical.push(&source, Span::new(4, 6));
        assert_eq!(logical.text, "abcd");
        assert_eq!(logical.span(1, 3), Span::new(1, 5));
        assert_eq!(logical.span(2, 4), Span::new(4, 6));
        assert_eq!(logical.span(4, 4), Span::new(6, 6));
    }
}
