//! The small patterns of `${name#pattern}`: `*`, `?` and escapes.

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    One,
    Many,
    Just(char),
}

/// Work above this is not done, so that hostile patterns cost nothing.
const MAX_WORK: usize = 4_000_000;

/// A pattern that can be looked for in a text.
#[derive(Debug)]
pub(crate) struct Pattern(Vec<Part>);

/// How far a pattern reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Shortest,
    Longest,
}

impl Pattern {
    /// `None` where an escape stands before something that needs none.
    pub(crate) fn new(text: &str) -> Option<Pattern> {
        let mut parts = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '*' => Part::Many,
                '?' => Part::One,
                '\\' => match chars.next() {
                    Some(c @ ('}' | '/' | '*' | '?' | '\\')) => Part::Just(c),
                    _ => return None,
                },
                c => Part::Just(c),
            });
        }
        Some(Pattern(parts))
    }

    /// The same pattern read from its end.
    fn reversed(&self) -> Pattern {
        Pattern(self.0.iter().rev().copied().collect())
    }

    /// How many characters at the start of `text` match; `None` where none do or the work is too much.
    fn prefix(&self, text: &[char], reach: Reach) -> Option<usize> {
        if self.0.len().saturating_mul(text.len()) > MAX_WORK {
            return None;
        }
        // `states` says after which parts the match can stand; it moves on by one character at a time.
        let mut states = vec![false; self.0.len() + 1];
        states[0] = true;
        self.skip_many(&mut states);
        let mut best = states[self.0.len()].then_some(0);
        for (at, &c) in text.iter().enumerate() {
            if best.is_some() && reach == Reach::Shortest {
                break;
            }
            let mut next = vec![false; self.0.len() + 1];
            for (i, &part) in self.0.iter().enumerate().filter(|&(i, _)| states[i]) {
                match part {
                    Part::Many => next[i] = true,
                    Part::One => next[i + 1] = true,
                    Part::Just(wanted) => next[i + 1] |= wanted == c,
                }
            }
            self.skip_many(&mut next);
            if !next.contains(&true) {
                break;
            }
            if next[self.0.len()] {
                best = Some(at + 1);
            }
            states = next;
        }
        best
    }

    fn skip_many(&self, states: &mut [bool]) {
        for (i, part) in self.0.iter().enumerate() {
            if states[i] && *part == Part::Many {
                states[i + 1] = true;
            }
        }
    }

    /// `text` without the part at its start that matches.
    pub(crate) fn trim_start(&self, text: &str, reach: Reach) -> String {
        let chars: Vec<char> = text.chars().collect();
        chars[self.prefix(&chars, reach).unwrap_or(0)..]
            .iter()
            .collect()
    }

    /// `text` without the part at its end that matches.
    pub(crate) fn trim_end(&self, text: &str, reach: Reach) -> String {
        let chars: Vec<char> = text.chars().rev().collect();
        chars[self.reversed().prefix(&chars, reach).unwrap_or(0)..]
            .iter()
            .rev()
            .collect()
    }

    /// `text` with the first match, or every match, replaced.
    pub(crate) fn replace(&self, text: &str, by: &str, every: bool) -> String {
        let chars: Vec<char> = text.chars().collect();
        if self
            .0
            .len()
            .saturating_mul(chars.len())
            .saturating_mul(chars.len())
            > MAX_WORK
        {
            return text.to_owned();
        }
        let (mut result, mut at, mut done) = (String::new(), 0, false);
        while at < chars.len() {
            match self
                .prefix(&chars[at..], Reach::Longest)
                .filter(|_| every || !done)
            {
                Some(length) if length > 0 => {
                    result.push_str(by);
                    at += length;
                    done = true;
                }
                _ => {
                    result.push(chars[at]);
                    at += 1;
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_replaces_as_a_shell_does() {
        let pattern = |text| Pattern::new(text).unwrap();
        assert_eq!(pattern("*/").trim_start("a/b/c", Reach::Shortest), "b/c");
        assert_eq!(pattern("*/").trim_start("a/b/c", Reach::Longest), "c");
        assert_eq!(pattern(".*").trim_end("v1.2.3", Reach::Shortest), "v1.2");
        assert_eq!(pattern(".*").trim_end("v1.2.3", Reach::Longest), "v1");
        assert_eq!(pattern("?b").trim_start("abc", Reach::Longest), "c");
        assert_eq!(pattern("x").trim_start("abc", Reach::Longest), "abc");
        assert_eq!(pattern("b").replace("abab", "x", false), "axab");
        assert_eq!(pattern("b").replace("abab", "x", true), "axax");
        assert_eq!(pattern("\\*").replace("a*b", "-", true), "a-b");
        assert!(Pattern::new("\\x").is_none());
    }
}
