//! `.dockerignore`: which files of the build context a build does not see.

use crate::source::{Source, Span};

/// A parsed `.dockerignore`.
#[derive(Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

/// One line of a `.dockerignore`.
#[derive(Debug)]
pub struct Pattern {
    /// The pattern, cleaned as Go's `filepath.Clean` does.
    pub text: String,
    /// `!`: takes back what an earlier line excludes.
    pub exception: bool,
    /// The line, from 1.
    pub line: usize,
    /// Where it stands.
    pub span: Span,
    /// `None` where it is no valid pattern; it then matches nothing.
    parts: Option<Vec<Part>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// A character as it is.
    Just(char),
    /// `?`: one character but a slash.
    One,
    /// `*`: any characters but a slash.
    Many,
    /// `**` at the end: anything.
    Anything,
    /// `**/`: nothing, or what `InFolders` takes, which always follows.
    Folders,
    /// Anything up to a slash.
    InFolders,
    /// `[a-z]`, `[^a-z]`.
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Lines and patterns above these counts are not looked at.
const MAX_PATTERNS: usize = 10_000;
const MAX_PATTERN: usize = 4096;

impl Ignore {
    /// Reads a `.dockerignore`. Never fails: a line that is no pattern matches nothing.
    pub fn parse(bytes: &[u8]) -> Ignore {
        let source = Source::new(&bytes[..bytes.len().min(crate::MAX_SIZE)]);
        let mut patterns = Vec::new();
        for number in 1..=source.line_count().min(MAX_PATTERNS) {
            let span = source.line(number);
            let line = source.slice(span);
            if line.starts_with('#') || line.trim().is_empty() || line.len() > MAX_PATTERN {
                continue;
            }
            let start = span.end - line.trim_start().len();
            let line = line.trim();
            let span = Span::new(start, start + line.len());
            let (exception, text) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let text = clean(text);
            let text = if text.len() > 1 {
                text.trim_start_matches('/').to_owned()
            } else {
                text
            };
            let parts = compile(&text);
            patterns.push(Pattern {
                text,
                exception,
                line: number,
                span,
                parts,
            });
        }
        Ignore { patterns }
    }

    /// The patterns in order.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether a path (relative to the context, with slashes) is excluded, by itself or with a folder above it.
    pub fn excludes(&self, path: &str) -> bool {
        self.deciding(path)
            .is_some_and(|pattern| !pattern.exception)
    }

    /// The pattern that decides over a path: the last one that matches it or a folder above it.
    pub fn deciding(&self, path: &str) -> Option<&Pattern> {
        let path = clean(path.trim_start_matches('/'));
        let mut names: Vec<&str> = vec![&path];
        names.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
        self.patterns
            .iter()
            .rev()
            .find(|pattern| names.iter().any(|name| pattern.matches(name)))
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let Some(parts) = &self.parts else {
            return false;
        };
        // `states` says after which parts the match can stand; it moves on by one character at a time.
        let mut states = vec![false; parts.len() + 1];
        states[0] = true;
        pass_over(parts, &mut states);
        for c in path.chars() {
            let mut next = vec![false; parts.len() + 1];
            for (i, part) in parts.iter().enumerate().filter(|&(i, _)| states[i]) {
                match part {
                    Part::Just(wanted) => next[i + 1] |= *wanted == c,
                    Part::One => next[i + 1] |= c != '/',
                    Part::Many => next[i] |= c != '/',
                    Part::Anything => next[i] = true,
                    Part::Folders => {}
                    Part::InFolders => {
                        next[i] = true;
                        next[i + 1] |= c == '/';
                    }
                    Part::Set { negated, ranges } => {
                        next[i + 1] |=
                            ranges.iter().any(|&(low, high)| low <= c && c <= high) != *negated;
                    }
                }
            }
            pass_over(parts, &mut next);
            states = next;
        }
        states[parts.len()]
    }
}

/// Parts that may match nothing are passed over.
fn pass_over(parts: &[Part], states: &mut [bool]) {
    for (i, part) in parts
        .iter()
        .enumerate()
        .filter(|(_, part)| matches!(part, Part::Many | Part::Anything | Part::Folders))
    {
        if states[i] {
            states[i + 1] = true;
            if *part == Part::Folders {
                states[i + 2] = true;
            }
        }
    }
}

fn compile(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let part = match c {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                let slash = chars.next_if_eq(&'/').is_some();
                let plain_rest = !chars
                    .clone()
                    .any(|c| matches!(c, '*' | '?' | '[' | ']' | '\\'));
                // `**name` at the start means "ends with name", where nothing else in it is special.
                if chars.peek().is_none() || (parts.is_empty() && !slash && plain_rest) {
                    Part::Anything
                } else {
                    parts.push(Part::Folders);
                    Part::InFolders
                }
            }
            '*' => Part::Many,
            '?' => Part::One,
            '\\' => Part::Just(chars.next()?),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    let low = match chars.next()? {
                        ']' if !ranges.is_empty() => break,
                        ']' | '-' => return None,
                        '\\' => chars.next()?,
                        c => c,
                    };
                    let high = if chars.next_if_eq(&'-').is_some() {
                        match chars.next()? {
                            ']' | '-' => return None,
                            '\\' => chars.next()?,
                            c => c,
                        }
                    } else {
                        low
                    };
                    ranges.push((low, high));
                }
                Part::Set { negated, ranges }
            }
            c => Part::Just(c),
        };
        parts.push(part);
    }
    Some(parts)
}

/// The shortest path of the same meaning, as Go's `filepath.Clean` gives it.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_builder_matches() {
        for (pattern, path, expected) in [
            ("node_modules", "node_modules/a/b.js", true),
            ("node_modules", "web/node_modules", false),
            ("**/node_modules", "web/node_modules/x", true),
            ("**/node_modules", "node_modules", true),
            ("*.log", "a.log", true),
            ("*.log", "logs/a.log", false),
            ("**/*.log", "logs/x/a.log", true),
            ("logs/**", "logs/a", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "axb", false),
            ("**", "anything/at/all", true),
            ("**le", "folder/file", true),
            ("**le", "files", false),
            ("**file", "a/myfile", true),
            ("/abs", "abs", true),
            ("./a/../b/", "b", true),
            ("temp?", "temp1", true),
            ("temp?", "temp/", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("[", "[", false),
            ("# comment", "# comment", false),
        ] {
            let ignore = Ignore::parse(pattern.as_bytes());
            assert_eq!(ignore.excludes(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_match_decides() {
        let ignore =
            Ignore::parse("\u{feff}*.md\n!README.md\r\n # no comment\nREADME-secret.md".as_bytes());
        assert!(ignore.excludes("a.md"));
        assert!(!ignore.excludes("README.md"));
        assert!(ignore.excludes("README-secret.md"));
        assert_eq!(
            ignore.deciding("README.md").map(|pattern| pattern.line),
            Some(2)
        );
        assert_eq!(ignore.patterns().len(), 4);
    }
}
