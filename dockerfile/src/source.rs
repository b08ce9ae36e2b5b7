//! The text of a file, and where its bytes stand.

use std::ops::Range;

/// A range of bytes of the input, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One after the last byte.
    pub end: usize,
}

impl Span {
    /// From `start` to `end`, exclusive.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// As a range, to slice with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether `offset` lies in it.
    pub fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }
}

/// A line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column in characters.
    pub column: usize,
    /// The column in UTF-16 code units, for editors.
    pub column_utf16: usize,
}

/// The input as text. A byte that is not UTF-8 is read as the one-byte character U+001A (substitute), so that an
/// offset into the text always is an offset into the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    text: String,
    line_starts: Vec<usize>,
    bad_bytes: Vec<usize>,
    ascii: bool,
}

/// What a byte that is not UTF-8 is read as.
pub(crate) const SUBSTITUTE: char = '\u{1a}';

const BOM: &str = "\u{feff}";

impl Source {
    /// Reads bytes as text.
    pub fn new(bytes: &[u8]) -> Source {
        let mut text = String::with_capacity(bytes.len());
        let mut bad_bytes = Vec::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                bad_bytes.push(text.len());
                text.push(SUBSTITUTE);
            }
        }
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, byte)| byte == b'\n')
                .map(|(at, _)| at + 1),
        );
        let ascii = text.is_ascii();
        Source {
            text,
            line_starts,
            bad_bytes,
            ascii,
        }
    }

    /// The whole text. As long as the input.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Offsets of the bytes that are not UTF-8.
    pub fn bad_bytes(&self) -> &[usize] {
        &self.bad_bytes
    }

    /// The text of a span; empty where the span does not lie in the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Length of the byte-order mark at the start.
    pub(crate) fn bom(&self) -> usize {
        if self.text.starts_with(BOM) {
            BOM.len()
        } else {
            0
        }
    }

    /// How many lines there are. A newline at the end of the file starts no new one.
    pub fn line_count(&self) -> usize {
        let last = *self.line_starts.last().unwrap_or(&0);
        self.line_starts.len() - usize::from(last == self.text.len())
    }

    /// The span of a line (from 1) without its line ending; empty at the end of the text where there is no such line.
    pub fn line(&self, line: usize) -> Span {
        let Some(&start) = self.line_starts.get(line.wrapping_sub(1)) else {
            return Span::new(self.text.len(), self.text.len());
        };
        let end = self
            .line_starts
            .get(line)
            .map_or(self.text.len(), |&next| next - 1);
        let start = if line == 1 { start + self.bom() } else { start };
        Span::new(
            start,
            start + self.text[start..end].trim_end_matches('\r').len(),
        )
    }

    /// The line, from 1, that an offset lies on.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|&start| start <= offset)
            .max(1)
    }

    /// The line and column of an offset. A byte-order mark takes no column.
    pub fn place(&self, offset: usize) -> Place {
        let offset = self.floor(offset);
        let line = self.line_of(offset);
        let start = if line == 1 {
            self.bom()
        } else {
            self.line_starts[line - 1]
        };
        let before = self.text.get(start..offset).unwrap_or("");
        if self.ascii {
            return Place {
                line,
                column: before.len() + 1,
                column_utf16: before.len() + 1,
            };
        }
        let (mut column, mut column_utf16) = (1, 1);
        for character in before.chars() {
            column += 1;
            column_utf16 += character.len_utf16();
        }
        Place {
            line,
            column,
            column_utf16,
        }
    }

    /// The last character boundary at or before an offset.
    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_byte_keeps_the_offsets_of_what_follows() {
        let source = Source::new(b"a\xffb\xf0\x9f\nc");
        assert_eq!(source.text().len(), 7);
        assert_eq!(source.bad_bytes(), [1, 3, 4]);
        assert_eq!(source.text().find('c'), Some(6));
        assert_eq!(source.line_of(6), 2);
    }

    #[test]
    fn columns_count_characters_and_utf16_units() {
        let source = Source::new("\u{feff}한😀x\r\ny".as_bytes());
        let x = source.text().find('x').unwrap();
        assert_eq!(
            source.place(x),
            Place {
                line: 1,
                column: 3,
                column_utf16: 4
            }
        );
        assert_eq!(source.slice(source.line(1)), "한😀x");
        assert_eq!(source.slice(source.line(2)), "y");
        assert_eq!(source.line_count(), 2);
        assert_eq!(Source::new(b"a\n").line_count(), 1);
        assert_eq!(Source::new(b"").line_count(), 0);
    }
}
