//! What is wrong with an `exercise.yaml`, and where.

use std::fmt;

use dockerfile::suggest;

use super::places::{Places, Step, word_in};

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
    /// Takes over what the YAML reader says. It names the path of the value that it stumbled over; the place of the
    /// word that is wrong is looked up there.
    pub(super) fn from_yaml(places: &Places, error: &serde_yaml::Error) -> SpecError {
        let full = error.to_string();
        let mut message = without_place(&full).to_owned();
        let mut place = error.location().map(|at| (at.line(), at.column()));
        let (node, said) = match places.follow(&message) {
            Some((node, said)) => (Some(node), said),
            // Without a path it is about the whole, or about what stands there as YAML.
            None if is_of_types(&message) => (places.at(&[]), message.as_str()),
            None => (None, message.as_str()),
        };
        if let Some(node) = node {
            place = Some(places.place(node.span));
        }
        let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
        let mut suggestion = None;
        if said.starts_with("unknown field") || said.starts_with("unknown variant") {
            if let Some((word, known)) = quoted.split_first() {
                suggestion = suggest(word, known.iter().copied()).map(str::to_owned);
                if let Some(span) = node.and_then(|node| word_in(node, word)) {
                    place = Some(places.place(span));
                }
            }
        } else if said.starts_with("invalid type: string") {
            suggestion = plain_value(said);
        }
        if said.contains("unit variant, expected newtype variant") {
            message = "an assertion is its kind and what it demands: `kind: {…}`".to_owned();
        }
        let (line, column) = place.unwrap_or((1, 1));
        SpecError {
            line,
            column,
            message,
            suggestion,
        }
    }

    /// An error in the value at a path. Where the message names a word of that value, it is at that word.
    pub(super) fn at(places: &Places, path: &[Step<'_>], message: String) -> SpecError {
        let (message, suggestion) = match message.split_once("; did you mean ") {
            Some((said, guess)) => {
                let guess = guess.trim_end_matches('?').trim_matches('`');
                (said.to_owned(), Some(guess.to_owned()))
            }
            None => (message, None),
        };
        let node = places.at(path);
        let word = message
            .split('`')
            .skip(1)
            .step_by(2)
            .find_map(|word| word_in(node?, word));
        let span = word.or(node.map(|node| node.span));
        let (line, column) = span.map_or((1, 1), |span| places.place(span));
        SpecError {
            line,
            column,
            message,
            suggestion,
        }
    }
}

fn is_of_types(message: &str) -> bool {
    [
        "missing field",
        "unknown field",
        "invalid type",
        "duplicate field",
    ]
    .iter()
    .any(|start| message.starts_with(start))
}

/// A number in quotes, and what older YAML took for a truth value, are texts.
fn plain_value(said: &str) -> Option<String> {
    let (value, expected) = said.split_once("\", expected ")?;
    let (_, value) = value.split_once('"')?;
    if expected.starts_with("a boolean") {
        return match value.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" | "true" => Some("true".to_owned()),
            "no" | "off" | "n" | "false" => Some("false".to_owned()),
            _ => None,
        };
    }
    let number = expected.starts_with(['u', 'i', 'f']);
    (number && value.parse::<f64>().is_ok()).then(|| value.to_owned())
}

/// The message without ` at line 3 column 5`, which is told apart from it.
fn without_place(message: &str) -> &str {
    match message.rfind(" at line ") {
        Some(at) => &message[..at],
        None => message,
    }
}
