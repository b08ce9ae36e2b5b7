//! Where things stand in an `exercise.yaml`, and what is wrong with it before its meaning is asked for.

use dockerfile::{Source, Span};

use super::SpecError;
use crate::compose::node::{Entry, Node, Value};
use crate::compose::yaml::{self, Problem, ProblemKind};

/// A step from a value into it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

/// The tree of a file with its places.
pub(super) struct Places {
    source: Source,
    root: Option<Node>,
    problems: Vec<Problem>,
}

impl Places {
    pub(super) fn read(text: &str) -> Places {
        let source = Source::new(text.as_bytes());
        let tree = yaml::read(&source);
        Places {
            source,
            root: tree.root,
            problems: tree.problems,
        }
    }

    /// What a reader of types does not see, or tells in words of parsers.
    pub(super) fn errors(&self) -> Vec<SpecError> {
        let told = self.problems.iter().filter_map(|problem| {
            let message = self.words(&problem.kind)?;
            Some(self.error(problem.span, message))
        });
        told.collect()
    }

    fn words(&self, kind: &ProblemKind) -> Option<String> {
        let words = match kind {
            ProblemKind::DuplicateKey { key, before } => {
                let line = self.source.line_of(before.start);
                return Some(format!(
                    "the key `{key}` is there twice; it is in line {line} too"
                ));
            }
            ProblemKind::TooLarge => "the file is larger than 1 MiB",
            ProblemKind::TooDeep => "this is nested too deeply",
            ProblemKind::TooMany => "the file holds too many values",
            ProblemKind::NotText => "here is something that is no text in UTF-8",
            ProblemKind::Tab => "here is a tab; YAML is indented with blanks only",
            ProblemKind::OpenQuote => "a quote is opened and not closed",
            ProblemKind::OpenBracket => "a bracket is opened and not closed, or closed twice",
            ProblemKind::UnknownAlias => "no anchor has the name of this alias",
            ProblemKind::Endless => "this alias holds itself",
            ProblemKind::ComplexKey => "a list or a mapping cannot be a key",
            ProblemKind::Layout | ProblemKind::Syntax => return None,
        };
        Some(words.to_owned())
    }

    fn error(&self, span: Span, message: String) -> SpecError {
        let (line, column) = self.place(span);
        SpecError {
            line,
            column,
            message,
            suggestion: None,
        }
    }

    /// Line and column of a span's start, from 1.
    pub(super) fn place(&self, span: Span) -> (usize, usize) {
        let place = self.source.place(span.start);
        (place.line, place.column)
    }

    /// The value at a path, or the last one on the way to it.
    pub(super) fn at(&self, path: &[Step<'_>]) -> Option<&Node> {
        let mut node = self.root.as_ref()?;
        for step in path {
            let next = match step {
                Step::Key(key) => node.get(key),
                Step::Item(at) => node.items().get(*at),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        Some(node)
    }

    /// Follows the path that the reader of types writes before what it says, as in `checks[1].title: missing field`.
    /// Gives the value there and what is said of it.
    pub(super) fn follow<'m>(&self, message: &'m str) -> Option<(&Node, &'m str)> {
        let mut node = self.root.as_ref()?;
        let mut rest = message;
        loop {
            if let Some(said) = rest.strip_prefix(": ") {
                return Some((node, said));
            }
            if let Some(item) = rest.strip_prefix('[') {
                let (number, after) = item.split_once(']')?;
                node = node.items().get(number.parse::<usize>().ok()?)?;
                rest = after;
                continue;
            }
            let key = rest.strip_prefix('.').unwrap_or(rest);
            // A key may itself hold a dot: the longest one that fits is meant.
            let fits = |entry: &&Entry| {
                key.strip_prefix(entry.key.as_str())
                    .is_some_and(|after| after.starts_with(['.', '[']) || after.starts_with(": "))
            };
            let entry = node.entries().iter().filter(fits);
            let entry = entry.max_by_key(|entry| entry.key.len())?;
            rest = &key[entry.key.len()..];
            node = &entry.value;
        }
    }
}

/// The place of a word in a value: the value itself, a key in it or a value further in.
pub(super) fn word_in(node: &Node, word: &str) -> Option<Span> {
    match &node.value {
        Value::Null => None,
        Value::Scalar(text, _) => (text == word).then_some(node.span),
        Value::List(items) => items.iter().find_map(|item| word_in(item, word)),
        Value::Map(entries) => {
            let key = entries.iter().find(|entry| entry.key == word);
            key.map(|entry| entry.span).or_else(|| {
                let mut values = entries.iter().map(|entry| &entry.value);
                values.find_map(|value| word_in(value, word))
            })
        }
    }
}
