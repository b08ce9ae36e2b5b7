//! Merge keys: `<<: *base`.

use std::collections::HashMap;

use dockerfile::Span;

use crate::compose::node::{Entry, Value};

/// Brings in what `<<` names: keys that stand here win, and an earlier source wins over a later one.
pub(super) fn merge(entries: &mut Vec<Entry>, seen: &mut HashMap<String, Span>) {
    let (sources, own): (Vec<Entry>, Vec<Entry>) =
        std::mem::take(entries).into_iter().partition(|entry| {
            entry.key == "<<" && matches!(entry.value.value, Value::Map(_) | Value::List(_))
        });
    *entries = own;
    for source in sources {
        let nodes = match source.value.value {
            Value::List(nodes) => nodes,
            _ => vec![source.value],
        };
        for node in nodes {
            let Value::Map(merged) = node.value else {
                continue;
            };
            for mut entry in merged {
                if !seen.contains_key(&entry.key) {
                    seen.insert(entry.key.clone(), entry.span);
                    entry.merged = true;
                    entries.push(entry);
                }
            }
        }
    }
}
