//! What is wrong with an `exercise.yaml`, and where.

use std::fmt;

use dockerfile::suggest;

/// One thing that is wrong with an `exercise.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl std::error::Error for SpecError {}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean `{suggestion}`?)"),
            None => Ok(()),
        }
    }
}

impl SpecError {
    /// Takes over what the YAML reader says. It knows where the mapping starts that holds an unknown key, but not
    /// where the key stands; the key is looked for from there on.
    pub(super) fn from_yaml(yaml: &str, error: &serde_yaml::Error) -> SpecError {
        let start = error.location();
        let (mut line, mut column) = start.as_ref().map_or((1, 1), |l| (l.line(), l.column()));
        let full = error.to_string();
        let message = without_place(&full).to_owned();
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let mut suggestion = None;
        if message.contains("unknown field") || message.contains("unknown variant") {
            if let Some((word, known)) = quoted.split_first() {
                suggestion = suggest(word, known.iter().copied()).map(str::to_owned);
                if let Some(place) = find_word(yaml, bytes_before(yaml, &start), word) {
                    (line, column) = place;
                }
            }
        } else if message.contains("duplicate field")
            && let Some(word) = quoted.first()
            && let Some(place) = find_second(yaml, bytes_before(yaml, &start), word)
        {
            (line, column) = place;
        }
        SpecError {
            line,
            column,
            message,
            suggestion,
        }
    }

    /// An error at the place of a value, which is found in the text.
    pub(super) fn at_value(yaml: &str, value: &str, message: String) -> SpecError {
        let (line, column) = find_word(yaml, 0, value).unwrap_or((1, 1));
        SpecError {
            line,
            column,
            message,
            suggestion: None,
        }
    }

    /// An error at the second place of a value.
    pub(super) fn at_second(yaml: &str, value: &str, message: String) -> SpecError {
        let (line, column) = find_second(yaml, 0, value).unwrap_or((1, 1));
        SpecError {
            line,
            column,
            message,
            suggestion: None,
        }
    }
}

/// The reader counts characters, we count bytes.
fn bytes_before(yaml: &str, place: &Option<serde_yaml::Location>) -> usize {
    let characters = place.as_ref().map_or(0, serde_yaml::Location::index);
    yaml.char_indices()
        .nth(characters)
        .map_or(0, |(offset, _)| offset)
}

/// The message without ` at line 3 column 5`, which is told apart from it.
fn without_place(message: &str) -> &str {
    match message.rfind(" at line ") {
        Some(at) => &message[..at],
        None => message,
    }
}

fn find_second(yaml: &str, from: usize, word: &str) -> Option<(usize, usize)> {
    let first = word_offset(yaml, from, word)?;
    find_word(yaml, first + word.len(), word)
}

fn find_word(yaml: &str, from: usize, word: &str) -> Option<(usize, usize)> {
    let at = word_offset(yaml, from, word)?;
    let before = &yaml[..at];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Some((line, yaml[start..at].chars().count() + 1))
}

/// Where a word stands by itself, not as a part of a longer one and not in a comment.
fn word_offset(yaml: &str, from: usize, word: &str) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let part_of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    yaml[from..]
        .match_indices(word)
        .map(|(at, _)| from + at)
        .find(|&at| {
            let line = yaml[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let before = yaml[..at].chars().next_back();
            let after = yaml[at + word.len()..].chars().next();
            !before.is_some_and(part_of_word)
                && !after.is_some_and(part_of_word)
                && !yaml[line..at].trim_start().starts_with('#')
        })
}
