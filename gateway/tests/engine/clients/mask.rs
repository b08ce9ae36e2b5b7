//! Puts marks in the place of what differs between any two runs: ids, times, addresses, free ports.

use serde_json::Value;
use std::collections::BTreeMap;

/// The text with marks, blanks drawn together.
pub(super) fn mask(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<String> = split(line).map(word).collect();
        let line = words.concat();
        ages(&line.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// All values of a document by their paths, masked.
pub(super) fn leaves(value: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    gather(value, String::new(), &mut all);
    all
}

fn gather(value: &Value, path: String, all: &mut BTreeMap<String, String>) {
    let below = |key: &str| {
        let key = mask(key);
        if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::Object(map) if !map.is_empty() => map
            .iter()
            .for_each(|(key, value)| gather(value, below(key), all)),
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| gather(value, below(&index.to_string()), all)),
        Value::String(text) => drop(all.insert(path, mask(text))),
        other => drop(all.insert(path, mask(&other.to_string()))),
    }
}

/// Cuts a line between words and everything else; what addresses and times consist of belongs to a word.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+');
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let kind = part(first);
        let end = rest.find(|c| part(c) != kind).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn word(text: &str) -> String {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    if shape.starts_with("9999-99-99T99:99:99") {
        return "<time>".to_owned();
    }
    if shape == "9999-99-99" {
        return "<day>".to_owned();
    }
    if shape.starts_with("99:99:99") && !shape.starts_with("99:99:99:") {
        return "<hour>".to_owned();
    }
    if text.len() == 17 && text.split(':').filter(|part| is_hex(part, 2)).count() == 6 {
        return "<mac>".to_owned();
    }
    // An id or an address may have something around it: `sha256:…`, `…:80`.
    let parts: Vec<String> = text.split(':').map(piece).collect();
    parts.join(":")
}

fn piece(text: &str) -> String {
    let (text, dots) = match text.trim_end_matches('.') {
        bare if bare.len() < text.len() => (bare, &text[bare.len()..]),
        _ => (text, ""),
    };
    let masked = if is_hex(text, 64) {
        "<id>".to_owned()
    } else if is_hex(text, 12) || is_hex(text, 16) {
        "<short>".to_owned()
    } else if matches!(text.len(), 10 | 19)
        && text.starts_with("17")
        && text.bytes().all(|b| b.is_ascii_digit())
    {
        "<seconds>".to_owned()
    } else if is_address(text) {
        "<address>".to_owned()
    } else if text.parse::<u16>().is_ok_and(|port| port >= 32768) && text.len() == 5 {
        "<port>".to_owned()
    } else {
        text.to_owned()
    };
    masked + dots
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}

/// `3 seconds`, `Less than a second`, `About a minute`.
fn ages(line: &str) -> String {
    let line = line
        .replace("Less than a second", "<age>")
        .replace("About a minute", "<age>")
        .replace("About an hour", "<age>");
    let words: Vec<&str> = line.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    for word in words {
        let unit = ["second", "minute", "hour", "day", "week", "month"]
            .iter()
            .any(|unit| {
                word.trim_end_matches(|c: char| !c.is_alphabetic())
                    .trim_end_matches('s')
                    == *unit
            });
        match out.last_mut() {
            Some(last) if unit && last.bytes().all(|b| b.is_ascii_digit()) => {
                *last = "<age>".to_owned()
            }
            _ => out.push(word.to_owned()),
        }
    }
    out.join(" ")
}
