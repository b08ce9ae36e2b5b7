//! Short forms become long ones: `ports: ["8080:80"]`, `depends_on: [db]`, `environment: [A=1]` and their like mean the
//! same as what is written out, and are merged, judged and shown as that.

mod mounts;
mod published;
mod words;

use dockerfile::Span;

use super::files;
use crate::compose::node::{Entry, Node, Value};

/// Writes a service out. Paths of the host are joined with `folder`, from which they are written.
pub(super) fn service(mut node: Node, folder: &str) -> Node {
    let Value::Map(entries) = &mut node.value else {
        return node;
    };
    for entry in entries {
        let value = std::mem::replace(&mut entry.value, Node::null(entry.span));
        let (tag, span) = (value.tag.clone(), value.span);
        entry.value = if tag.as_deref() == Some("reset") {
            value
        } else {
            let mut long = key(&entry.key, value, folder);
            long.tag = tag;
            long.span = span;
            long
        };
    }
    node
}

fn key(key: &str, node: Node, folder: &str) -> Node {
    if node.value == Value::Null {
        return node;
    }
    match key {
        "build" => build(node, folder),
        "command" | "entrypoint" => words(node),
        "environment" | "annotations" | "sysctls" | "storage_opt" => pairs(node, None),
        "labels" => pairs(node, Some("")),
        "depends_on" => depends_on(node),
        "networks" | "models" => names(node),
        "ports" => published::ports(node),
        "expose" | "group_add" => each(one_or_list(node), text_of),
        "volumes" => each(one_or_list(node), |item| mounts::volume(item, folder)),
        "devices" => each(node, mounts::device),
        "secrets" => each(node, |item| mounts::grant(item, Some("/run/secrets"))),
        "configs" => each(node, |item| mounts::grant(item, None)),
        "env_file" => each(one_or_list(node), |item| env_file(item, folder)),
        "label_file" => each(one_or_list(node), |item| path_of(item, folder)),
        "dns" | "dns_search" | "dns_opt" | "tmpfs" => one_or_list(node),
        "extra_hosts" => hosts(node),
        "gpus" => gpus(node),
        "healthcheck" => inside(node, "test", |test| match test.value {
            Value::Scalar(..) => shell_test(test),
            _ => test,
        }),
        "deploy" => inside(node, "labels", |labels| pairs(labels, Some(""))),
        "develop" => inside(node, "watch", |watch| {
            each(watch, |item| {
                let item = inside(item, "path", |path| path_of(path, folder));
                let item = inside(item, "ignore", one_or_list);
                inside(item, "include", one_or_list)
            })
        }),
        _ => node,
    }
}

/// Changes one key of a mapping.
fn inside(mut node: Node, key: &str, change: impl FnOnce(Node) -> Node) -> Node {
    if let Some(value) = node.get_mut(key) {
        let tag = value.tag.clone();
        let old = std::mem::replace(value, Node::null(Span::new(0, 0)));
        let mut new = if old.value == Value::Null {
            old
        } else {
            change(old)
        };
        new.tag = tag;
        *value = new;
    }
    node
}

fn each(mut node: Node, change: impl Fn(Node) -> Node) -> Node {
    if let Value::List(items) = &mut node.value {
        let old = std::mem::take(items);
        *items = old.into_iter().map(change).collect();
    }
    node
}

fn one_or_list(node: Node) -> Node {
    match node.value {
        Value::Scalar(..) => Node::list(node.span, vec![node]),
        _ => node,
    }
}

/// A scalar that is a text, whatever it looks like. A number is written as YAML reads it: `0x10` is 16.
fn text_of(mut node: Node) -> Node {
    if let Value::Scalar(text, plain) = &mut node.value {
        if *plain && let Some(number) = number(text) {
            *text = number;
        }
        *plain = false;
    }
    node
}

fn number(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |digits: &str, radix: u32| {
        let number = i64::from_str_radix(&digits.replace('_', ""), radix).ok()?;
        Some(
            if text.starts_with('-') {
                -number
            } else {
                number
            }
            .to_string(),
        )
    };
    if let Some(hex) = digits.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if let Some(octal) = digits.strip_prefix("0o").or(digits.strip_prefix('0'))
        && !octal.is_empty()
        && octal.bytes().all(|byte| byte.is_ascii_digit())
    {
        return radix(octal, 8);
    }
    let float = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.');
    // Larger and smaller numbers are written with an exponent in Go, and otherwise here.
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| float && number.abs() < 1e15)?;
    Some(number.to_string())
}

fn path_of(node: Node, folder: &str) -> Node {
    match node.text() {
        Some(path) => Node::string(node.span, files::shown(folder, path)),
        None => node,
    }
}

fn words(node: Node) -> Node {
    match node.text() {
        Some(text) => {
            let words = words::split(text);
            let items = words.into_iter().map(|word| Node::string(node.span, word));
            Node::list(node.span, items.collect())
        }
        None => each(node, text_of),
    }
}

fn shell_test(test: Node) -> Node {
    let shell = Node::string(test.span, "CMD-SHELL");
    Node::list(test.span, vec![shell, text_of(test)])
}

fn gpus(node: Node) -> Node {
    let span = node.span;
    let all = || Node::bare(span, "-1");
    match node.value {
        Value::Scalar(..) => {
            let one = Node::map(span, vec![Entry::new("count", all())]);
            Node::list(span, vec![one])
        }
        _ => each(node, |mut item| {
            if item.get("device_ids").is_none() {
                item.set_default("count", all);
            }
            item
        }),
    }
}

/// `[A=1, B]` or `{A: 1, B: }`; what a name alone stands for is `alone`, or to be found outside.
pub(super) fn pairs(node: Node, alone: Option<&str>) -> Node {
    let nothing = |span: Span| alone.map_or(Node::null(span), |text| Node::string(span, text));
    let (span, value) = (node.span, node.value);
    let entries = match value {
        Value::List(items) => {
            let mut map = Node::map(span, Vec::new());
            for item in items {
                let Some(text) = item.text() else { continue };
                let (name, value) = match text.split_once('=') {
                    Some((name, value)) => (name, Node::string(item.span, value)),
                    None => (text, nothing(item.span)),
                };
                map.set(name, value);
            }
            return map;
        }
        Value::Map(entries) => entries,
        Value::Scalar(text, _) => {
            // A mistake that its own rule tells; the pair is still meant.
            let Some((name, value)) = text.split_once('=') else {
                return Node::map(span, Vec::new());
            };
            vec![Entry::new(name, Node::string(span, value))]
        }
        Value::Null => Vec::new(),
    };
    let entries = entries.into_iter().map(|mut entry| {
        let tag = entry.value.tag.take();
        entry.value = match entry.value.value {
            Value::Null => nothing(entry.span),
            _ => text_of(entry.value),
        };
        entry.value.tag = tag;
        entry
    });
    Node::map(span, entries.collect())
}

fn depends_on(node: Node) -> Node {
    let span = node.span;
    let whole = |span: Span| {
        let entries = vec![
            Entry::new("condition", Node::string(span, "service_started")),
            Entry::new("required", Node::bare(span, "true")),
        ];
        Node::map(span, entries)
    };
    match node.value {
        Value::Map(entries) => {
            let entries = entries.into_iter().map(|mut entry| {
                if entry.value.value == Value::Null {
                    entry.value = whole(entry.span);
                }
                let span = entry.span;
                let condition = || Node::string(span, "service_started");
                entry.value.set_default("condition", condition);
                entry
                    .value
                    .set_default("required", || Node::bare(span, "true"));
                entry
            });
            Node::map(span, entries.collect())
        }
        value => {
            let node = one_or_list(Node {
                value,
                ..Node::null(span)
            });
            let items = node.items().iter();
            let entries = items.filter_map(|item| Some(Entry::new(item.text()?, whole(item.span))));
            Node::map(span, entries.collect())
        }
    }
}

fn names(node: Node) -> Node {
    match node.value {
        Value::List(items) => {
            let entries = items
                .iter()
                .filter_map(|item| Some(Entry::new(item.text()?, Node::null(item.span))));
            Node::map(node.span, entries.collect())
        }
        _ => node,
    }
}

fn hosts(node: Node) -> Node {
    let span = node.span;
    let line =
        |span: Span, host: &str, address: &str| Node::string(span, format!("{host}={address}"));
    let items = match node.value {
        Value::List(items) => items
            .into_iter()
            .filter_map(|item| {
                let (host, address) = item.text()?.split_once(['=', ':'])?;
                let address = address.trim_start_matches('[').trim_end_matches(']');
                Some(line(item.span, host, address))
            })
            .collect(),
        Value::Map(entries) => entries
            .iter()
            .flat_map(|entry| {
                let value = std::slice::from_ref(&entry.value);
                let many = match &entry.value.value {
                    Value::List(items) => items.as_slice(),
                    _ => value,
                };
                many.iter()
                    .filter_map(|one| Some(line(one.span, &entry.key, one.text()?)))
                    .collect::<Vec<_>>()
            })
            .collect(),
        _ => Vec::new(),
    };
    Node::list(span, items)
}

fn env_file(node: Node, folder: &str) -> Node {
    let mut long = match node.value {
        Value::Scalar(..) => Node::map(node.span, vec![Entry::new("path", text_of(node))]),
        _ => node,
    };
    let span = long.span;
    long.set_default("required", || Node::bare(span, "true"));
    inside(long, "path", |path| path_of(path, folder))
}

fn build(node: Node, folder: &str) -> Node {
    let span = node.span;
    let mut node = match node.value {
        Value::Scalar(..) => Node::map(span, vec![Entry::new("context", text_of(node))]),
        _ => node,
    };
    if matches!(node.value, Value::Map(_)) {
        node = inside(node, "context", |context| match context.text() {
            // A repository to build from is no folder.
            Some(url) if url.contains("://") || url.starts_with("git@") => context,
            _ => path_of(context, folder),
        });
        node = inside(node, "args", |args| pairs(args, None));
        node = inside(node, "labels", |labels| pairs(labels, Some("")));
        node = inside(node, "extra_hosts", hosts);
        node = inside(node, "secrets", |secrets| {
            each(secrets, |item| mounts::grant(item, None))
        });
        node = inside(node, "additional_contexts", |contexts| {
            let mut contexts = pairs(contexts, None);
            if let Value::Map(entries) = &mut contexts.value {
                for entry in entries {
                    let path = entry.value.text().unwrap_or("");
                    if !path.contains("://") && !path.starts_with("service:") {
                        entry.value = Node::string(entry.value.span, files::shown(folder, path));
                    }
                }
            }
            contexts
        });
    }
    node
}
