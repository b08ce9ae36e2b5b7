//! `.env` and what `env_file` names, as Compose reads them: text in, variables and problems out, each with its place.
//!
//! `NAME=value`, `export NAME=value`, `NAME: value`; a name alone takes its value from outside. Text in single quotes
//! stands as it is, in double quotes escapes and variables count; both may go over several lines. Without quotes a
//! comment begins at ` #`.

use dockerfile::{Source, Span};

use super::interpolate::{self, Event};

/// Larger files are not read.
pub const MAX_SIZE: usize = 1 << 20;
/// More variables than this are left out.
const MAX_VARIABLES: usize = 10_000;
const MAX_PROBLEMS: usize = 100;

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; `None` for a name alone that has no value outside.
    pub value: Option<String>,
    /// The place of the name.
    pub span: Span,
}

/// What is wrong with a file.
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
    /// More than [`MAX_SIZE`] bytes, or too many variables.
    TooLarge,
    /// A byte that is not UTF-8.
    NotText,
    /// A line without a name, or with a character that no name has.
    Name,
    /// A blank in a name, or before the `=` inside of one.
    Blank,
    /// A quote that is never closed.
    OpenQuote,
    /// What is wrong with a variable in a value.
    Value(Event),
}

/// Reads a file. `outside` gives the values of the variables that are set already.
pub fn read(
    source: &Source,
    outside: &dyn Fn(&str) -> Option<String>,
) -> (Vec<Variable>, Vec<Problem>) {
    let mut reader = Reader {
        text: source.text(),
        outside,
        variables: Vec::new(),
        problems: Vec::new(),
    };
    if reader.text.len() > MAX_SIZE {
        reader.problem(ProblemKind::TooLarge, 0, 0);
        return (reader.variables, reader.problems);
    }
    if let Some(&at) = source.bad_bytes().first() {
        let length = reader.text[at..].chars().next().map_or(0, char::len_utf8);
        reader.problem(ProblemKind::NotText, at, length);
    }
    let mut at = if reader.text.starts_with('\u{feff}') {
        3
    } else {
        0
    };
    while let Some(next) = reader.statement(at) {
        if reader.problems.len() >= MAX_PROBLEMS {
            break;
        }
        if reader.variables.len() >= MAX_VARIABLES {
            reader.problem(ProblemKind::TooLarge, next.min(reader.text.len()), 0);
            break;
        }
        at = next;
    }
    (reader.variables, reader.problems)
}

struct Reader<'a> {
    text: &'a str,
    outside: &'a dyn Fn(&str) -> Option<String>,
    variables: Vec<Variable>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, kind: ProblemKind, at: usize, length: usize) {
        let span = Span::new(at, at + length);
        self.problems.push(Problem { kind, span });
    }

    /// Reads one variable from a place on; the place after it.
    fn statement(&mut self, from: usize) -> Option<usize> {
        let text = self.text;
        let mut at = from;
        loop {
            let rest = &text[at..];
            at += rest.len() - rest.trim_start().len();
            if !text[at..].starts_with('#') {
                break;
            }
            at += text[at..].find('\n')?;
        }
        if at >= text.len() {
            return None;
        }
        let line_end = at + text[at..].find('\n').unwrap_or(text.len() - at);
        if let Some(rest) = text[at..line_end].strip_prefix("export ") {
            at += "export ".len() + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
        }
        let line = &text[at..line_end];
        let end = line.find(['=', ':', '#']).unwrap_or(line.len());
        let written = line[..end].trim_end();
        let separated = line[end..].starts_with(['=', ':']);
        let bad = written
            .char_indices()
            .find(|(_, c)| !(c.is_alphanumeric() || "_.-[]".contains(*c)));
        match bad {
            Some((_, c)) if c.is_whitespace() => {
                self.problem(ProblemKind::Blank, at, written.len());
                return Some(line_end);
            }
            Some((offset, c)) => {
                self.problem(ProblemKind::Name, at + offset, c.len_utf8());
                return Some(line_end);
            }
            None if written.is_empty() => {
                self.problem(
                    ProblemKind::Name,
                    at,
                    line[..end].len().max(1).min(line.len()),
                );
                return Some(line_end);
            }
            None => {}
        }
        let span = Span::new(at, at + written.len());
        let name = written.to_owned();
        if !separated {
            let value = self.value_of(&name);
            self.variables.push(Variable { name, value, span });
            return Some(line_end);
        }
        let start = at + end + 1;
        let blank = text[start..line_end].len() - text[start..line_end].trim_start().len();
        let start = start + blank;
        let (value, next) = match text[start..line_end].chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(start, quote, line_end),
            _ => {
                let raw = &text[start..line_end];
                let end = comment(raw).unwrap_or(raw.len());
                let raw = raw[..end].trim_end();
                (self.expanded(raw, start), line_end)
            }
        };
        self.variables.push(Variable {
            name,
            value: Some(value),
            span,
        });
        Some(next)
    }

    fn quoted(&mut self, start: usize, quote: char, line_end: usize) -> (String, usize) {
        let body = &self.text[start + 1..];
        let bytes = body.as_bytes();
        let close = (0..bytes.len())
            .find(|&at| bytes[at] == quote as u8 && (at == 0 || bytes[at - 1] != b'\\'));
        let Some(close) = close else {
            let raw = self.text[start..line_end].trim_end();
            self.problem(ProblemKind::OpenQuote, start, raw.len());
            // What follows may be whole lines: they are read.
            return (raw[1..].to_owned(), line_end);
        };
        let raw = &body[..close];
        let value = if quote == '\'' {
            raw.to_owned()
        } else {
            self.expanded(&unescape(raw), start + 1)
        };
        let after = start + 1 + close + 1;
        (value, after)
    }

    /// With the variables put in. Escapes may have moved the places; a problem stands on the whole value then.
    fn expanded(&mut self, raw: &str, start: usize) -> String {
        let same = self.text[start..].starts_with(raw);
        let mut problems = Vec::new();
        let out = interpolate::expand(
            raw,
            &|name| self.value_of(name),
            &mut |event, at, length| {
                // Compose says nothing about an unset variable here but for a warning.
                let span = if same {
                    Span::new(start + at, start + at + length)
                } else {
                    Span::new(start - 1, start)
                };
                problems.push(Problem {
                    kind: ProblemKind::Value(event),
                    span,
                });
            },
        );
        self.problems.extend(problems);
        out
    }

    /// The value outside wins over one from a line above.
    fn value_of(&self, name: &str) -> Option<String> {
        (self.outside)(name).or_else(|| {
            let found = self.variables.iter().rev().find(|one| one.name == name);
            found.and_then(|one| one.value.clone())
        })
    }
}

/// Where a comment begins in a value without quotes.
fn comment(raw: &str) -> Option<usize> {
    raw.char_indices()
        .find(|(at, c)| *c == '#' && (*at == 0 || raw[..*at].ends_with([' ', '\t'])))
        .map(|(at, _)| at)
}

/// The escapes of double quotes; `\$` is a dollar sign that begins no variable.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('$') => out.push_str("$$"),
            Some(c @ ('"' | '\\' | '\'')) => out.push(c),
            Some(c) => {
                out.push('\\');
                out.push(c);
            }
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, Option<String>)> {
        let source = Source::new(text.as_bytes());
        let outside = |name: &str| (name == "HOME").then(|| "/root".to_owned());
        let (variables, problems) = read(&source, &outside);
        assert_eq!(problems, [], "{text}");
        variables.into_iter().map(|v| (v.name, v.value)).collect()
    }

    fn one(text: &str) -> String {
        of(text)
            .pop()
            .and_then(|(_, value)| value)
            .expect("a value")
    }

    #[test]
    fn values_as_compose_reads_them() {
        for (text, value) in [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("export A=b", "b"),
            ("A: b", "b"),
            ("A=", ""),
            ("A=b # c", "b"),
            ("A=b#c", "b#c"),
            ("A='b # $HOME' # c", "b # $HOME"),
            ("A=\"b\\n$HOME \\$x\"", "b\n/root $x"),
            ("A='one\ntwo'\n", "one\ntwo"),
            ("A=$HOME/x", "/root/x"),
            ("A=${NO:-d}", "d"),
            ("B=1\nA=${B}2", "12"),
            ("A=b\r\n", "b"),
            ("\u{feff}A=b", "b"),
        ] {
            assert_eq!(one(text), value, "{text:?}");
        }
        assert_eq!(
            of("# c\n\nHOME\nNO\n"),
            [
                ("HOME".to_owned(), Some("/root".to_owned())),
                ("NO".to_owned(), None)
            ]
        );
    }

    #[test]
    fn what_is_wrong_has_its_place_and_the_rest_is_read() {
        let text = "A B=1\nC=\"open\n=x\nF?=1\nG=${X\nD=2\n";
        let source = Source::new(text.as_bytes());
        let (variables, problems) = read(&source, &|_| None);
        let seen: Vec<_> = problems
            .iter()
            .map(|p| (p.kind.clone(), &text[p.span.start..p.span.end]))
            .collect();
        assert_eq!(
            seen,
            [
                (ProblemKind::Blank, "A B"),
                (ProblemKind::OpenQuote, "\"open"),
                (ProblemKind::Name, "="),
                (ProblemKind::Name, "?"),
                (ProblemKind::Value(Event::Syntax), "${X"),
            ]
        );
        assert_eq!(variables.last().map(|v| v.name.as_str()), Some("D"));
    }
}
