//! What the Compose specification allows where, and what in a file is not so.

use dockerfile::Span;

use super::node::{Node, Value};
use super::values;

#[rustfmt::skip]
mod tables;

/// `true` or `false`.
pub(super) const YES_NO: u8 = 1;
/// A number.
pub(super) const NUM: u8 = 2;
/// A text.
pub(super) const STR: u8 = 4;
/// Nothing.
pub(super) const NIL: u8 = 8;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Any,
    Duration,
    Size,
}

/// What may stand at a place.
#[derive(Debug)]
pub(super) struct Shape {
    /// The kinds of scalars.
    scalar: u8,
    /// What a list holds, where one may stand here.
    list: Option<&'static Shape>,
    /// Whether a mapping may stand here.
    map: bool,
    /// Its keys.
    keys: &'static [(&'static str, &'static Shape)],
    /// What stands under any other key, where others are allowed.
    rest: Option<&'static Shape>,
    /// The only words, where there are only some.
    values: &'static [&'static str],
    format: Format,
}

pub(super) const NOTHING: Shape = Shape {
    scalar: 0,
    list: None,
    map: false,
    keys: &[],
    rest: None,
    values: &[],
    format: Format::Any,
};

/// What can stand at a place, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing.
    Nothing,
    /// `true` or `false`.
    YesNo,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// A mapping.
    Map,
}

/// Something that the specification does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What.
    pub kind: MisfitKind,
    /// Where.
    pub span: Span,
    /// The keys on the way to it, with its own as the last.
    pub path: Vec<String>,
}

/// Kinds of misfits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MisfitKind {
    /// A key that does not exist here.
    UnknownKey {
        /// The key that was meant.
        near: Option<&'static str>,
        /// The key of a mapping, some levels up or down, in which this key exists.
        elsewhere: Option<&'static str>,
    },
    /// A value of another kind than those that may stand here.
    WrongType {
        /// What may stand here.
        expected: Vec<Type>,
        /// What stands here.
        found: Type,
        /// The value's own place; the finding stands on the key where there is no value.
        value: Span,
    },
    /// A word that is none of those that may stand here.
    UnknownWord {
        /// The word.
        word: String,
        /// All of them.
        words: &'static [&'static str],
        /// The one that was meant.
        near: Option<&'static str>,
    },
    /// A duration that is none.
    Duration(String),
    /// A size that is none.
    Size(String),
}

/// More of one file help nobody.
const MAX_MISFITS: usize = 1000;

/// Everything in a file that the specification does not know.
pub(super) fn misfits(root: &Node) -> Vec<Misfit> {
    let mut found = Vec::new();
    walk(root, root.span, &tables::FILE, &mut Vec::new(), &mut found);
    found
}

/// All keys of a service.
pub fn service_keys() -> impl Iterator<Item = &'static str> {
    let services = tables::FILE.keys.iter().find(|(key, _)| *key == "services");
    let service = services.and_then(|(_, services)| services.rest);
    service
        .into_iter()
        .flat_map(|service| service.keys.iter().map(|(key, _)| *key))
}

/// What a node is.
pub fn type_of(node: &Node) -> Type {
    match &node.value {
        Value::Null => Type::Nothing,
        Value::List(_) => Type::List,
        Value::Map(_) => Type::Map,
        Value::Scalar(_, false) => Type::Text,
        Value::Scalar(text, true) => {
            let yes_no = ["true", "false", "yes", "no", "on", "off"];
            if yes_no.iter().any(|word| text.eq_ignore_ascii_case(word)) {
                Type::YesNo
            } else if is_number(text) {
                Type::Number
            } else {
                Type::Text
            }
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix: &str, radix: u32| {
        digits.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix) || c == '_')
        })
    };
    radix("0x", 16)
        || radix("0o", 8)
        || digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.contains(|c: char| c.is_ascii_digit())
            && digits.parse::<f64>().is_ok()
}

fn walk(
    node: &Node,
    at: Span,
    shape: &'static Shape,
    path: &mut Vec<String>,
    found: &mut Vec<Misfit>,
) {
    if found.len() >= MAX_MISFITS || node.tag.as_deref() == Some("reset") {
        return;
    }
    match &node.value {
        Value::List(items) if shape.list.is_some() => {
            for item in items {
                shape
                    .list
                    .into_iter()
                    .for_each(|shape| walk(item, item.span, shape, path, found));
            }
        }
        Value::Map(entries) if shape.map => {
            for entry in entries {
                if entry.key.starts_with("x-") && shape.rest.is_none() || entry.key == "<<" {
                    continue;
                }
                path.push(entry.key.clone());
                let known = shape.keys.iter().find(|(key, _)| *key == entry.key);
                match known.map(|(_, shape)| *shape).or(shape.rest) {
                    Some(inner) => {
                        let at = match entry.value.value {
                            Value::Null => entry.span,
                            _ => entry.value.span,
                        };
                        walk(&entry.value, at, inner, path, found);
                    }
                    None => {
                        let near =
                            dockerfile::suggest(&entry.key, shape.keys.iter().map(|(key, _)| *key));
                        let elsewhere = if near.is_none() {
                            home(shape, &entry.key)
                        } else {
                            None
                        };
                        let kind = MisfitKind::UnknownKey { near, elsewhere };
                        push(found, kind, entry.span, path);
                    }
                }
                path.pop();
            }
        }
        _ => scalar(node, at, shape, path, found),
    }
}

fn scalar(node: &Node, at: Span, shape: &'static Shape, path: &[String], found: &mut Vec<Misfit>) {
    let is = type_of(node);
    let text = node.text().unwrap_or("");
    // What a variable holds is known only when Compose runs; it reads numbers and truth values out of texts, too.
    let open = is != Type::Nothing && text.contains('$');
    let bit = match is {
        Type::Nothing => NIL,
        Type::YesNo => YES_NO,
        Type::Number => NUM,
        Type::Text => STR,
        Type::List | Type::Map => 0,
    };
    // `no`, `on` and their like are texts in YAML 1.2 and truth values in 1.1.
    let word = is == Type::YesNo
        && !matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE");
    let fits =
        shape.scalar & bit != 0 || open && shape.scalar != 0 || word && shape.scalar & STR != 0;
    let duration = shape.format == Format::Duration && is == Type::Number;
    if !fits && !duration {
        let kinds = [
            (STR, Type::Text),
            (NUM, Type::Number),
            (YES_NO, Type::YesNo),
        ];
        let mut expected: Vec<Type> = kinds
            .iter()
            .filter(|(bit, _)| shape.scalar & bit != 0)
            .map(|(_, kind)| *kind)
            .collect();
        expected.extend(shape.list.map(|_| Type::List));
        expected.extend(shape.map.then_some(Type::Map));
        let kind = MisfitKind::WrongType {
            expected,
            found: is,
            value: node.span,
        };
        push(found, kind, at, path);
        return;
    }
    if open || is == Type::Nothing {
        return;
    }
    if !shape.values.is_empty() && !shape.values.contains(&text) {
        let kind = MisfitKind::UnknownWord {
            word: text.to_owned(),
            words: shape.values,
            near: dockerfile::suggest(text, shape.values.iter().copied()),
        };
        push(found, kind, at, path);
    }
    match shape.format {
        Format::Duration if !values::is_duration(text) => {
            push(found, MisfitKind::Duration(text.to_owned()), at, path);
        }
        Format::Size if !values::is_size(text) => {
            push(found, MisfitKind::Size(text.to_owned()), at, path);
        }
        _ => {}
    }
}

fn push(found: &mut Vec<Misfit>, kind: MisfitKind, span: Span, path: &[String]) {
    found.push(Misfit {
        kind,
        span,
        path: path.to_vec(),
    });
}

/// Where a key belongs that stands one level too high or too low: `context` under `build`, `ports` in a service.
fn home(shape: &Shape, key: &str) -> Option<&'static str> {
    let below = shape
        .keys
        .iter()
        .find(|(_, inner)| inner.keys.iter().any(|(known, _)| *known == key))
        .map(|(name, _)| *name);
    below.or_else(|| {
        service_keys()
            .any(|known| known == key)
            .then_some("services")
    })
}
