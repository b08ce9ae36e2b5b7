//! How Compose lays one file over another: mappings are merged, lists appended, and some keys have rules of their own.
//!
//! Both trees are in long form (see [`super::short`]), so that a short and a long item of one list are compared alike.

use std::collections::HashMap;

use crate::compose::node::{Entry, Node, Value};

/// Lays `over` over `base`. `clash` is told the path where a mapping meets a list.
pub(super) fn merge(
    base: Node,
    over: Node,
    path: &mut Vec<String>,
    clash: &mut dyn FnMut(&Node, &[String]),
) -> Node {
    if over.tag.as_deref() == Some("override") {
        return Node { tag: None, ..over };
    }
    match (base.value, over.value) {
        (value, Value::Null) => Node { value, ..base },
        (Value::Map(entries), Value::Map(others)) => {
            let value = if replaces_whole(path, &entries, &others) {
                others
            } else {
                merge_maps(entries, others, path, clash)
            };
            Node {
                value: Value::Map(value),
                tag: None,
                ..over
            }
        }
        (Value::List(_), Value::List(others)) if is_replaced(path) => Node {
            value: Value::List(others),
            tag: None,
            ..over
        },
        (Value::List(mut items), Value::List(others)) => {
            items.extend(others);
            Node {
                value: Value::List(unique(items, path)),
                tag: None,
                ..over
            }
        }
        (value @ (Value::Map(_) | Value::List(_)), other) if !is_replaced(path) => {
            let other = Node {
                value: other,
                ..over
            };
            let may_change = path.iter().any(|key| key == "ulimits" || key == "external");
            if may_change {
                return other;
            }
            clash(&other, path);
            Node { value, ..base }
        }
        (_, value) => Node {
            value,
            tag: None,
            ..over
        },
    }
}

fn merge_maps(
    mut entries: Vec<Entry>,
    others: Vec<Entry>,
    path: &mut Vec<String>,
    clash: &mut dyn FnMut(&Node, &[String]),
) -> Vec<Entry> {
    let index: HashMap<String, usize> = if entries.len() > 16 {
        let keys = entries.iter().enumerate();
        keys.map(|(at, entry)| (entry.key.clone(), at)).collect()
    } else {
        HashMap::new()
    };
    let mut gone = Vec::new();
    for other in others {
        let at = if index.is_empty() {
            entries.iter().position(|entry| entry.key == other.key)
        } else {
            index.get(&other.key).copied()
        };
        if other.value.tag.as_deref() == Some("reset") {
            gone.extend(at);
            continue;
        }
        match at {
            None => entries.push(other),
            Some(at) => {
                path.push(other.key);
                let there = &mut entries[at];
                let base = std::mem::replace(&mut there.value, Node::null(there.span));
                // What is written later is what a reader looks for.
                if !matches!(other.value.value, Value::Null) {
                    there.span = other.span;
                }
                there.value = merge(base, other.value, path, clash);
                path.pop();
            }
        }
    }
    if !gone.is_empty() {
        let mut at = 0;
        entries.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
    }
    entries
}

/// Takes away what is marked `!reset`: in a file that lies over no other there is nothing to keep.
pub(super) fn settle(node: &mut Node) {
    match &mut node.value {
        Value::Map(entries) => {
            entries.retain(|entry| entry.value.tag.as_deref() != Some("reset"));
            entries
                .iter_mut()
                .for_each(|entry| settle(&mut entry.value));
        }
        Value::List(items) => {
            items.retain(|item| item.tag.as_deref() != Some("reset"));
            items.iter_mut().for_each(settle);
        }
        _ => {}
    }
    node.tag = None;
}

/// The keys below a service, where the path is one.
fn in_service(path: &[String]) -> &[String] {
    match path.first() {
        Some(section) if section == "services" => path.get(2..).unwrap_or(&[]),
        _ => &[],
    }
}

/// Lists that are replaced as a whole.
fn is_replaced(path: &[String]) -> bool {
    let keys: Vec<&str> = in_service(path).iter().map(String::as_str).collect();
    matches!(
        keys[..],
        ["command" | "entrypoint"] | ["healthcheck", "test"]
    )
}

/// `logging` of another driver has nothing to do with the options of the first.
fn replaces_whole(path: &[String], base: &[Entry], over: &[Entry]) -> bool {
    let driver = |entries: &[Entry]| {
        let entry = entries.iter().find(|entry| entry.key == "driver");
        entry
            .and_then(|entry| entry.value.text())
            .map(str::to_owned)
    };
    matches!(in_service(path), [key] if key == "logging")
        && matches!((driver(base), driver(over)), (Some(a), Some(b)) if a != b)
}

/// Keeps of items that mean the same place the last one, where the first one stood.
pub(super) fn unique(items: Vec<Node>, path: &[String]) -> Vec<Node> {
    let keys: Vec<&str> = in_service(path).iter().map(String::as_str).collect();
    let by: &[&str] = match keys[..] {
        ["ports"] => &["host_ip", "target", "published", "protocol"],
        ["volumes" | "devices"] => &["target"],
        ["secrets" | "configs"] => &["target", "source"],
        ["env_file"] => &["path"],
        [
            "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "expose" | "external_links"
            | "links" | "profiles" | "security_opt" | "tmpfs" | "label_file" | "extra_hosts"
            | "group_add" | "volumes_from",
        ]
        | ["networks", _, "aliases" | "link_local_ips"]
        | [
            "build",
            "tags" | "platforms" | "cache_from" | "cache_to" | "extra_hosts",
        ] => &[],
        _ => return items,
    };
    let key = |node: &Node| -> Option<String> {
        if by.is_empty() || node.text().is_some() {
            return node.text().map(str::to_owned);
        }
        if by == ["target", "source"] {
            let target = node.get("target").or_else(|| node.get("source"));
            return target.and_then(Node::text).map(str::to_owned);
        }
        let parts = by
            .iter()
            .map(|key| node.get(key).and_then(Node::text).unwrap_or(""));
        Some(parts.collect::<Vec<_>>().join("\u{0}"))
    };
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for item in items {
        match key(&item) {
            Some(key) => match places.get(&key) {
                Some(&at) => kept[at] = item,
                None => {
                    places.insert(key, kept.len());
                    kept.push(item);
                }
            },
            None => kept.push(item),
        }
    }
    kept
}
