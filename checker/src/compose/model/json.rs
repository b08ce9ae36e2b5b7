//! A tree as JSON.

use serde_json::{Map, Number, Value as Json};

use crate::compose::node::{Node, Value};

/// A tree as JSON: numbers and truth values where they stand without quotes, everything else as text.
pub fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(text, false) => Json::String(text.clone()),
        Value::Scalar(text, true) => bare(text),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(entries) => {
            let pairs = entries.iter();
            let pairs = pairs.map(|entry| (entry.key.clone(), to_json(&entry.value)));
            Json::Object(pairs.collect::<Map<_, _>>())
        }
    }
}

fn bare(text: &str) -> Json {
    match text {
        "true" | "True" | "TRUE" => return Json::Bool(true),
        "false" | "False" | "FALSE" => return Json::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return Json::Number(number.into());
    }
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let number = text.parse::<f64>().ok().filter(|_| digits);
    match number.and_then(Number::from_f64) {
        Some(number) => Json::Number(number),
        None => Json::String(text.to_owned()),
    }
}
