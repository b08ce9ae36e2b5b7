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

impl Entry {
    /// A key that stands where its value stands.
    pub(super) fn new(key: impl Into<String>, value: Node) -> Entry {
        Entry {
            key: key.into(),
            span: value.span,
            value,
            merged: false,
        }
    }
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

    /// A mapping that stands for something written at a place.
    pub(super) fn map(span: Span, entries: Vec<Entry>) -> Node {
        Node::new(span, Value::Map(entries), false)
    }

    /// A list that stands for something written at a place.
    pub(super) fn list(span: Span, items: Vec<Node>) -> Node {
        Node::new(span, Value::List(items), false)
    }

    /// A text, never a number.
    pub(super) fn string(span: Span, text: impl Into<String>) -> Node {
        Node::new(span, Value::Scalar(text.into(), false), false)
    }

    /// A number or a truth value.
    pub(super) fn bare(span: Span, text: impl Into<String>) -> Node {
        Node::new(span, Value::Scalar(text.into(), true), false)
    }

    /// Nothing.
    pub(super) fn null(span: Span) -> Node {
        Node::new(span, Value::Null, false)
    }

    /// The value of a key in a mapping, to change.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Map(entries) => entries
                .iter_mut()
                .find(|entry| entry.key == key)
                .map(|entry| &mut entry.value),
            _ => None,
        }
    }

    /// Gives a key a value; where the node is no mapping, nothing happens.
    pub(super) fn set(&mut self, key: &str, value: Node) {
        if let Some(there) = self.get_mut(key) {
            *there = value;
        } else if let Value::Map(entries) = &mut self.value {
            entries.push(Entry::new(key, value));
        }
    }

    /// Gives a key a value that has none.
    pub(super) fn set_default(&mut self, key: &str, value: impl FnOnce() -> Node) {
        if self.get(key).is_none() {
            self.set(key, value());
        }
    }

    /// Takes a key out of a mapping.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        match &mut self.value {
            Value::Map(entries) => {
                let at = entries.iter().position(|entry| entry.key == key)?;
                Some(entries.remove(at).value)
            }
            _ => None,
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
