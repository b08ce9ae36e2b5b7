//! Variable expansion as BuildKit does it: `$V`, `${V:-d}`, `${V:+a}`, `${V:?e}`, `${V#p}`, `${V%p}`, `${V/a/b}`.

use crate::glob::{Pattern, Reach};

/// What a text expands to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text with variables replaced and quotes taken off.
    pub value: String,
    /// The variables it names, in the order in which they end.
    pub references: Vec<Reference>,
}

/// A variable that is named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// Byte range in the text, from `$` to the end of the name or the closing brace.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// Whether it had a value.
    pub set: bool,
}

/// Why a text cannot be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpandError {
    /// In English.
    pub reason: &'static str,
    /// Byte range in the text.
    pub start: usize,
    /// See `start`.
    pub end: usize,
}

/// Substitutions inside substitutions go no deeper than this.
const MAX_DEPTH: usize = 40;
/// A value grows no longer than this.
const MAX_VALUE: usize = 1 << 16;

/// How quotes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    Process,
    Literal,
}

/// Expands a word, quotes taken off.
pub fn expand(
    text: &str,
    escape: char,
    get: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Expanded, ExpandError> {
    Lexer::run(text, escape, Quotes::Process, get)
}

/// Expands a text in which quotes mean nothing, such as a heredoc's content.
pub fn expand_text(
    text: &str,
    escape: char,
    get: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Expanded, ExpandError> {
    Lexer::run(text, escape, Quotes::Literal, get)
}

struct Lexer<'a, 'g> {
    text: &'a str,
    at: usize,
    escape: char,
    quotes: Quotes,
    get: &'g mut dyn FnMut(&str) -> Option<String>,
    references: Vec<Reference>,
    depth: usize,
}

impl<'a, 'g> Lexer<'a, 'g> {
    fn run(
        text: &'a str,
        escape: char,
        quotes: Quotes,
        get: &'g mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<Expanded, ExpandError> {
        let mut lexer = Lexer {
            text,
            at: 0,
            escape,
            quotes,
            get,
            references: Vec::new(),
            depth: 0,
        };
        let value = lexer.until(None, false)?;
        Ok(Expanded {
            value,
            references: lexer.references,
        })
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn fail<T>(&self, start: usize, reason: &'static str) -> Result<T, ExpandError> {
        Err(ExpandError {
            reason,
            start,
            end: self.at.max(start),
        })
    }

    /// Reads up to `stop`, or to the end of the text. `raw` keeps escapes, which a pattern reads itself.
    fn until(&mut self, stop: Option<char>, raw: bool) -> Result<String, ExpandError> {
        let start = self.at;
        let mut value = String::new();
        while let Some(c) = self.peek() {
            if Some(c) == stop {
                self.next();
                return Ok(value);
            }
            match c {
                '$' => value.push_str(&self.dollar()?),
                '\'' if self.quotes == Quotes::Process => self.single(&mut value)?,
                '"' if self.quotes == Quotes::Process => self.double(&mut value, raw)?,
                _ => {
                    self.next();
                    if c != self.escape {
                        value.push(c);
                        continue;
                    }
                    if raw {
                        value.push(c);
                    }
                    value.extend(self.next());
                }
            }
        }
        match stop {
            Some(_) => self.fail(start, "a closing brace is missing"),
            None => Ok(value),
        }
    }

    fn single(&mut self, value: &mut String) -> Result<(), ExpandError> {
        let start = self.at;
        self.next();
        match self.text[self.at..].find('\'') {
            Some(length) => {
                value.push_str(&self.text[self.at..self.at + length]);
                self.at += length + 1;
                Ok(())
            }
            None => {
                self.at = self.text.len();
                self.fail(start, "a single quote is never closed")
            }
        }
    }

    fn double(&mut self, value: &mut String, raw: bool) -> Result<(), ExpandError> {
        let start = self.at;
        self.next();
        loop {
            match self.peek() {
                None => return self.fail(start, "a double quote is never closed"),
                Some('"') => {
                    self.next();
                    return Ok(());
                }
                Some('$') => value.push_str(&self.dollar()?),
                Some(c) if c == self.escape => {
                    self.next();
                    if raw {
                        value.push(c);
                    }
                    match self.peek() {
                        None => {}
                        Some(escaped)
                            if escaped == '"' || escaped == '$' || escaped == self.escape =>
                        {
                            value.push(escaped);
                            self.next();
                        }
                        Some(_) => value.push(c),
                    }
                }
                Some(c) => {
                    value.push(c);
                    self.next();
                }
            }
        }
    }

    fn name(&mut self) -> &'a str {
        let start = self.at;
        match self.peek() {
            Some(c) if c.is_ascii_digit() => {
                while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                    self.next();
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => drop(self.next()),
            _ => {
                while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    self.next();
                }
            }
        }
        &self.text[start..self.at]
    }

    fn lookup(&mut self, name: &str, start: usize) -> Option<String> {
        let mut value = (self.get)(name);
        if let Some(value) = &mut value {
            let mut end = value.len().min(MAX_VALUE);
            while !value.is_char_boundary(end) {
                end -= 1;
            }
            value.truncate(end);
        }
        self.references.push(Reference {
            name: name.to_owned(),
            start,
            end: self.at,
            set: value.is_some(),
        });
        value
    }

    /// Reads a `$`.
    fn dollar(&mut self) -> Result<String, ExpandError> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            return Ok(if name.is_empty() {
                "$".to_owned()
            } else {
                self.lookup(name, start).unwrap_or_default()
            });
        }
        self.next();
        match self.peek() {
            None => return self.fail(start, "a closing brace is missing"),
            Some('{' | '}' | ':') => {
                self.next();
                return self.fail(start, "no variable's name stands in the braces");
            }
            _ => {}
        }
        let name = self.name();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(start, "substitutions stand too deep inside each other");
        }
        let result = self.braces(name, start);
        self.depth -= 1;
        result
    }

    /// Reads what follows the name in braces, up to the closing one.
    fn braces(&mut self, name: &str, start: usize) -> Result<String, ExpandError> {
        let mut modifier = self.next();
        let empty_is_unset = modifier == Some(':');
        if empty_is_unset {
            modifier = self.next();
        }
        match modifier {
            Some('}') if !empty_is_unset => Ok(self.lookup(name, start).unwrap_or_default()),
            Some(kind @ ('-' | '+' | '?')) => {
                let word = self.word(start, false)?;
                let value = self.lookup(name, start);
                let has_value = value
                    .as_ref()
                    .is_some_and(|value| !(empty_is_unset && value.is_empty()));
                match kind {
                    '-' if has_value => Ok(value.unwrap_or_default()),
                    '-' => Ok(word),
                    '+' if has_value => Ok(word),
                    '+' => Ok(String::new()),
                    _ if has_value => Ok(value.unwrap_or_default()),
                    _ => self.fail(start, "the variable must be set and is not"),
                }
            }
            Some(kind @ ('#' | '%')) if !empty_is_unset => {
                let word = self.word(start, true)?;
                let value = self.lookup(name, start).unwrap_or_default();
                let (reach, word) = match word.strip_prefix(kind) {
                    Some(rest) => (Reach::Longest, rest),
                    None => (Reach::Shortest, word.as_str()),
                };
                let Some(pattern) = Pattern::new(word) else {
                    return self.fail(start, "the pattern is not valid");
                };
                Ok(if kind == '#' {
                    pattern.trim_start(&value, reach)
                } else {
                    pattern.trim_end(&value, reach)
                })
            }
            Some('/') if !empty_is_unset => {
                let every = self.peek() == Some('/');
                if every {
                    self.next();
                }
                let from = self.at;
                let pattern = self.until(Some('/'), true);
                let pattern = pattern
                    .or_else(|_| self.fail(from, "a second slash is missing in the braces"))?;
                let by = self.word(start, true)?;
                let value = self.lookup(name, start).unwrap_or_default();
                let Some(pattern) = Pattern::new(&pattern) else {
                    return self.fail(start, "the pattern is not valid");
                };
                Ok(pattern.replace(&value, &by, every))
            }
            None => self.fail(start, "a closing brace is missing"),
            Some(_) => self.fail(start, "this sign after the name is not known"),
        }
    }

    fn word(&mut self, start: usize, raw: bool) -> Result<String, ExpandError> {
        self.until(Some('}'), raw)
            .map_err(|error| ExpandError { start, ..error })
    }
}

#[cfg(test)]
mod tests;
