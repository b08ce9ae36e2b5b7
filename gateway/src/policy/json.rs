//! JSON as strictly as nobody else reads it: no key twice, no key that differs from a known one in case only.

use crate::error::Fault;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};
use std::fmt;

/// Parses a body into a tree in which no object has the same key twice (in any mixture of cases).
///
/// The engine folds the case of keys and takes the last of several, so two readings of one text would be possible.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict
        .deserialize(&mut deserializer)
        .map_err(|error| Fault::bad(format!("invalid JSON: {error}")))?;
    deserializer
        .end()
        .map_err(|error| Fault::bad(format!("invalid JSON: {error}")))?;
    Ok(value)
}

/// Parses a body that must be an object; an empty body is not one.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    match parse(bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(Fault::bad("invalid JSON: an object is needed")),
    }
}

/// Turns a checked tree into a type that names every field it knows; anything else is refused by name.
pub(crate) fn typed<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::refused(format!("{what}: {error}")))
}

/// Whether a value says the same as if it were absent.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}

/// Takes out of an object each field that must be empty; one that is not is refused with its reason.
pub(crate) fn take_refused(
    object: &mut Map<String, Value>,
    place: &str,
    refused: &[(&str, &str)],
) -> Result<(), Fault> {
    for (key, reason) in refused {
        if let Some(value) = object.remove(*key)
            && !is_empty(&value)
        {
            return Err(Fault::refused(format!("{place}{key}: {reason}")));
        }
    }
    Ok(())
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} appears twice")));
            }
            all.insert(key, fields.next_value_seed(Strict)?);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_twice_is_an_error_also_when_it_is_escaped() {
        assert!(parse(br#"{"a":1,"a":2}"#).is_err());
        assert!(parse(br#"{"a":1,"\u0061":2}"#).is_err());
        assert!(parse(br#"{"x":[{"a":1,"a":2}]}"#).is_err());
        assert!(parse(br#"{"a":1,"b":{"a":2}}"#).is_ok());
    }

    #[test]
    fn what_follows_the_body_is_an_error() {
        assert!(parse(br#"{} {"Privileged":true}"#).is_err());
        assert!(object(b"").is_err());
        assert!(object(b"[]").is_err());
    }

    #[test]
    fn a_refused_field_may_be_there_if_it_is_empty() {
        let mut fields =
            object(br#"{"Privileged":false,"Devices":[],"Tty":true}"#).expect("an object");
        take_refused(&mut fields, "", &[("Privileged", "no"), ("Devices", "no")])
            .expect("both are empty");
        assert_eq!(fields.len(), 1);
        let mut fields = object(br#"{"Privileged":true}"#).expect("an object");
        assert!(take_refused(&mut fields, "HostConfig.", &[("Privileged", "no")]).is_err());
    }
}
