//! The tree of a YAML document, each value with its place.

use dockerfile::Span;

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// From its first to its last character.
    pub span: Span,
    /// What stands there.
    pub value: Value,
    /// Whether it is written in brackets or stands in something that is.
    pub flow: bool,
    /// `!reset` and `!override` change how Compose merges files.
    pub tag: Option<String>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A text as YAML reads it, and whether it stands there without quotes.
    Scalar(String, bool),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its place.
    pub span: Span,
    /// The value.
    pub value: Node,
    /// Whether it came by a merge key (`<<`).
    pub merged: bool,
}

impl Node {
    pub(super) fn new(span: Span, value: Value, flow: bool) -> Node {
        Node {
            span,
            value,
            flow,
            tag: None,
        }
    }

    /// The entries of a mapping; none of what is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of what is no list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The entry of a key in a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a key in a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// How many values it holds, itself counted.
    pub(super) fn size(&self) -> usize {
        1 + self.items().iter().map(Node::size).sum::<usize>()
            + self
                .entries()
                .iter()
                .map(|entry| entry.value.size())
                .sum::<usize>()
    }
}
