//! Query strings: only known parameters, each once; the one that goes upstream is written anew.

use crate::error::Fault;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeMap;

/// Letters that need no escape in a query.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The parameters of a request, all of them known.
#[derive(Debug, Default, Clone)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string. Each name must be in `known`; only those that end in `*` there may come twice.
    pub(crate) fn parse(query: Option<&str>, known: &[&str]) -> Result<Self, Fault> {
        let mut found: Vec<(String, String)> = Vec::new();
        for pair in query
            .unwrap_or("")
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (decode(key)?, decode(value)?);
            let many = known
                .iter()
                .any(|name| name.strip_suffix('*') == Some(&key));
            if !many && !known.contains(&key.as_str()) {
                return Err(Fault::refused(format!(
                    "the query parameter {key:?} is not known for this call"
                )));
            }
            if !many && found.iter().any(|(name, _)| *name == key) {
                return Err(Fault::bad(format!(
                    "the query parameter {key:?} is given twice"
                )));
            }
            found.push((key, value));
        }
        Ok(Self(found))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The value, unless it is absent or empty.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|value| !value.is_empty())
    }

    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// A switch, read as the engine reads it.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| {
            !matches!(
                value.trim().to_ascii_lowercase().as_str(),
                "" | "0" | "no" | "false" | "none"
            )
        })
    }

    /// A whole number within bounds.
    pub(crate) fn number(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Fault> {
        self.text(key)
            .map(|text| match text.parse::<i64>() {
                Ok(number) if range.contains(&number) => Ok(number),
                _ => Err(Fault::bad(format!(
                    "the query parameter {key} is not a number that can be used: {text:?}"
                ))),
            })
            .transpose()
    }

    /// The `filters` parameter: a JSON object of lists, or of sets as newer clients write it.
    pub(crate) fn filters(&self) -> Result<BTreeMap<String, Vec<String>>, Fault> {
        let Some(text) = self.text("filters") else {
            return Ok(BTreeMap::new());
        };
        let fields = super::json::object(text.as_bytes())?;
        let mut filters = BTreeMap::new();
        for (key, value) in fields {
            let values = match value {
                Value::Array(items) => items
                    .into_iter()
                    .map(|item| match item {
                        Value::String(text) => Ok(text),
                        _ => Err(Fault::bad(format!("invalid filter {key:?}"))),
                    })
                    .collect::<Result<Vec<_>, _>>()?,
                Value::Object(set) => set
                    .into_iter()
                    .filter(|(_, on)| on.as_bool() == Some(true))
                    .map(|(name, _)| name)
                    .collect(),
                _ => return Err(Fault::bad(format!("invalid filter {key:?}"))),
            };
            filters.insert(key, values);
        }
        Ok(filters)
    }
}

fn decode(text: &str) -> Result<String, Fault> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| Fault::bad("the query is not UTF-8"))?
        .into_owned();
    if decoded.contains('\0') {
        return Err(Fault::bad("the query has a zero byte"));
    }
    Ok(decoded)
}

/// A query string that is built, never copied.
#[derive(Debug, Default, Clone)]
pub(crate) struct Query(String);

impl Query {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with(mut self, key: &str, value: impl AsRef<str>) -> Self {
        self.push(key, value.as_ref());
        self
    }

    pub(crate) fn push(&mut self, key: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(utf8_percent_encode(key, KEPT));
        self.0.push('=');
        self.0.extend(utf8_percent_encode(value, KEPT));
    }

    /// Takes over a switch if it is on.
    pub(crate) fn flag(self, params: &Params, key: &str) -> Self {
        if params.flag(key) {
            self.with(key, "1")
        } else {
            self
        }
    }

    /// Takes over a number if it is given.
    pub(crate) fn number(
        self,
        params: &Params,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Self, Fault> {
        Ok(match params.number(key, range)? {
            Some(number) => self.with(key, number.to_string()),
            None => self,
        })
    }

    /// Takes over a text of at most `longest` bytes whose letters all satisfy `fits`.
    pub(crate) fn text(
        self,
        params: &Params,
        key: &str,
        longest: usize,
        fits: fn(char) -> bool,
    ) -> Result<Self, Fault> {
        match params.text(key) {
            None => Ok(self),
            Some(text) if text.len() <= longest && text.chars().all(fits) => {
                Ok(self.with(key, text))
            }
            Some(text) => Err(Fault::bad(format!(
                "the query parameter {key} cannot be {text:?}"
            ))),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_repeated_parameters_are_refused() {
        assert!(Params::parse(Some("all=1&size=0"), &["all", "size"]).is_ok());
        assert!(Params::parse(Some("all=1&All=1"), &["all"]).is_err());
        assert!(Params::parse(Some("all=1&all=0"), &["all"]).is_err());
        assert!(Params::parse(Some("t=a&t=b"), &["t*"]).is_ok());
        assert!(
            Params::parse(Some("%61ll=1"), &["all"])
                .expect("the name is decoded")
                .flag("all")
        );
    }

    #[test]
    fn filters_come_as_lists_and_as_sets() {
        for text in [r#"{"label":["a=b"]}"#, r#"{"label":{"a=b":true}}"#] {
            let query = Query::new().with("filters", text);
            let params = Params::parse(Some(query.as_str()), &["filters"]).expect("known");
            assert_eq!(params.filters().expect("filters")["label"], ["a=b"]);
        }
    }

    #[test]
    fn a_built_query_survives_the_way_back() {
        let query = Query::new().with("name", "a&b=c d%2F+ü");
        assert_eq!(
            Params::parse(Some(query.as_str()), &["name"])
                .expect("known")
                .get("name"),
            Some("a&b=c d%2F+ü")
        );
    }
}
