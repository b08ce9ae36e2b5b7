//! Values at places of the model: `services.web.ports[*].published`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Verdict, one_line};
use crate::Lang;

/// What stands at a place. With `[*]` one of the items must be so; with `absent` none may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PathDemand {
    /// Keys with dots between; `"a.b"` for a key with a dot, `[0]` for an item, `[*]` for any.
    pub path: String,
    /// Its kind.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ValueType>,
    /// Exactly this; a number and the same number as text are equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// This somewhere in a text, among the items of a list, or among the keys and values of a mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<Value>,
    /// Nothing may stand there (that is `equals` or `contains` what they say).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// Look at the file as it is written, and not at the effective model.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written: bool,
}

/// Kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    YesNo,
    /// A list.
    List,
    /// A mapping.
    Map,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
    Any,
}

impl PathDemand {
    pub(super) fn problems(&self) -> Option<String> {
        steps(&self.path)
            .is_none()
            .then(|| format!("`{}` is no path", self.path))
    }

    /// `None` where it holds.
    pub(super) fn judge(&self, tree: &Value, lang: Lang) -> Option<Verdict> {
        let mut found = Vec::new();
        walk(tree, &steps(&self.path).unwrap_or_default(), &mut found);
        let fits = found.iter().any(|value| self.fits(value));
        if fits != self.absent {
            return None;
        }
        let none = lang.pick("없음", "nothing");
        let mut wanted = self.path.clone();
        if let Some(equals) = &self.equals {
            wanted += &format!(" = {equals}");
        }
        if let Some(contains) = &self.contains {
            wanted += &format!(" ∋ {contains}");
        }
        if let Some(kind) = self.kind {
            wanted += &format!(" ({})", kind.name(lang));
        }
        if self.absent {
            wanted = match lang {
                Lang::Ko => format!("{wanted} 없음"),
                Lang::En => format!("no {wanted}"),
            };
        }
        let shown: Vec<String> = found.iter().take(5).map(ToString::to_string).collect();
        let actual = if shown.is_empty() {
            none.to_owned()
        } else {
            shown.join(", ")
        };
        Some(Verdict::fail().expected(wanted).actual(one_line(&actual)))
    }

    fn fits(&self, value: &Value) -> bool {
        self.kind.is_none_or(|kind| kind.fits(value))
            && self
                .equals
                .as_ref()
                .is_none_or(|wanted| same(wanted, value))
            && self
                .contains
                .as_ref()
                .is_none_or(|wanted| contains(value, wanted))
    }
}

impl ValueType {
    fn fits(self, value: &Value) -> bool {
        match self {
            ValueType::Text => value.is_string(),
            ValueType::Number => value.is_number(),
            ValueType::YesNo => value.is_boolean(),
            ValueType::List => value.is_array(),
            ValueType::Map => value.is_object(),
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            ValueType::Text => lang.pick("문자열", "a text"),
            ValueType::Number => lang.pick("숫자", "a number"),
            ValueType::YesNo => lang.pick("true나 false", "true or false"),
            ValueType::List => lang.pick("목록", "a list"),
            ValueType::Map => lang.pick("매핑", "a mapping"),
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    a == b || matches!((text(a), text(b)), (Some(a), Some(b)) if a == b)
}

fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(text), Value::String(wanted)) => text.contains(wanted.as_str()),
        (Value::Array(items), wanted) => items
            .iter()
            .any(|item| same(item, wanted) || part(item, wanted)),
        (Value::Object(map), Value::String(key)) => {
            map.contains_key(key) || map.values().any(|value| same(value, wanted))
        }
        (value, wanted) => part(value, wanted),
    }
}

/// Whether all keys of a mapping stand with these values in another.
fn part(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(map), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| map.get(key).is_some_and(|value| same(value, wanted))),
        _ => false,
    }
}

fn walk<'a>(value: &'a Value, steps: &[Step], found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match (step, value) {
        (Step::Key(key), Value::Object(map)) => {
            if let Some(value) = map.get(key) {
                walk(value, rest, found);
            }
        }
        (Step::Item(at), Value::Array(items)) => {
            if let Some(value) = items.get(*at) {
                walk(value, rest, found);
            }
        }
        (Step::Any, Value::Array(items)) => items.iter().for_each(|item| walk(item, rest, found)),
        (Step::Any, Value::Object(map)) => map.values().for_each(|value| walk(value, rest, found)),
        _ => {}
    }
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']')?;
            steps.push(match index {
                "*" => Step::Any,
                index => Step::Item(index.parse().ok()?),
            });
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('"') {
            let (key, after) = inner.split_once('"')?;
            steps.push(Step::Key(key.to_owned()));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            if key.is_empty() {
                return None;
            }
            steps.push(Step::Key(key.to_owned()));
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            if after.is_empty() {
                return None;
            }
            rest = after;
        }
    }
    (!steps.is_empty()).then_some(steps)
}
