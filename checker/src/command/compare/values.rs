//! What the flags of a command say, in one form for all ways to write it.

use std::collections::BTreeMap;

use super::super::grammar::{Given, Invocation};
use super::super::table::Flag;
use super::super::value;

/// One subject's values: what was given, in one form, with its place.
pub(in crate::command) type Values<'a> = Vec<(String, &'a Given)>;

/// The flags that say something, by owner and subject; what repeats the default says nothing.
pub(in crate::command) fn values(
    invocation: &Invocation,
) -> BTreeMap<(&'static str, &'static str), Values<'_>> {
    let mut found: BTreeMap<(&str, &str), Values<'_>> = BTreeMap::new();
    // For a variable that is given twice the last one counts; places by key keep this linear.
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for given in &invocation.flags {
        let subject = value::subject(given.flag.long, &given.value);
        let values = found.entry((given.owner, subject)).or_default();
        if !given.flag.repeats() {
            values.clear();
        }
        let pieces: Vec<&str> = match given.flag.kind {
            "strings" | "stringToString" => given.value.split(',').collect(),
            _ => vec![given.value.as_str()],
        };
        for piece in pieces {
            let form = value::one_form(given.flag, piece);
            if is_default(given.flag, &form) {
                continue;
            }
            match value::key(given.flag, piece) {
                Some(key) => {
                    let place = *places.entry((given.flag.long, key)).or_insert(values.len());
                    match values.get_mut(place) {
                        Some(old) => *old = (form, given),
                        None => values.push((form, given)),
                    }
                }
                None => values.push((form, given)),
            }
        }
    }
    found.retain(|_, values| !values.is_empty());
    found
}

fn is_default(flag: &Flag, form: &str) -> bool {
    match flag.kind {
        "bool" => {
            form == if flag.default == "true" {
                "true"
            } else {
                "false"
            }
        }
        _ => !flag.default.is_empty() && value::one_form(flag, flag.default) == form,
    }
}
