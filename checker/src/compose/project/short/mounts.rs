//! Volumes, devices, secrets and configs of a service, written out.

use dockerfile::Span;

use super::{inside, path_of, text_of};
use crate::compose::node::{Entry, Node, Value};
use crate::compose::project::files;

/// One item of `volumes`.
pub(super) fn volume(node: Node, folder: &str) -> Node {
    let span = node.span;
    if let Value::Map(_) = node.value {
        let bind = node.get("type").and_then(Node::text) == Some("bind");
        let node = inside(node, "target", clean);
        return if bind {
            inside(node, "source", |source| path_of(source, folder))
        } else {
            node
        };
    }
    let Some(text) = node.text() else { return node };
    let (source, target, options) = parts(text);
    let path = source.is_some_and(|source| files::is_absolute(source) || source.starts_with('.'));
    let entry = |key: &str, value: &str| Entry::new(key, Node::string(span, value));
    let mut long = Node::map(span, Vec::new());
    let mut own = Node::map(span, Vec::new());
    long.set(
        "type",
        Node::string(span, if path { "bind" } else { "volume" }),
    );
    if let Some(source) = source.filter(|source| !source.is_empty()) {
        let source = if path {
            files::shown(folder, source)
        } else {
            source.to_owned()
        };
        long.set("source", Node::string(span, source));
    }
    if let Value::Map(entries) = &mut long.value {
        entries.push(entry("target", &cleaned(target)));
    }
    if path {
        own.set("create_host_path", Node::bare(span, "true"));
    }
    for option in options.split(',') {
        match option {
            "ro" => long.set("read_only", Node::bare(span, "true")),
            "nocopy" => own.set("nocopy", Node::bare(span, "true")),
            "z" | "Z" if path => own.set("selinux", Node::string(span, option)),
            "shared" | "rshared" | "slave" | "rslave" | "private" | "rprivate" if path => {
                own.set("propagation", Node::string(span, option));
            }
            _ => {}
        }
    }
    long.set(if path { "bind" } else { "volume" }, own);
    long
}

/// Source, target and options of `source:target:options`. The colon of `C:\data` parts nothing.
fn parts(text: &str) -> (Option<&str>, &str, &str) {
    let drive = text.as_bytes().get(1) == Some(&b':')
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && matches!(text.as_bytes().get(2), Some(b'\\' | b'/'));
    let from = if drive { 2 } else { 0 };
    let Some(colon) = text[from..].find(':') else {
        return (None, text, "");
    };
    let (source, rest) = (&text[..from + colon], &text[from + colon + 1..]);
    let (target, options) = rest.split_once(':').unwrap_or((rest, ""));
    if target.is_empty()
        || !target.starts_with(['/', '\\'])
            && options.is_empty()
            && source.starts_with('/')
            && matches!(target, "ro" | "rw")
    {
        // `/data:ro` has no source.
        return (None, source, target);
    }
    (Some(source), target, options)
}

fn clean(target: Node) -> Node {
    match target.text() {
        Some(text) => Node::string(target.span, cleaned(text)),
        None => target,
    }
}

/// A path of the container without doubled or trailing slashes and dots.
fn cleaned(target: &str) -> String {
    let joined = files::join("", target.trim_start_matches('/'));
    match (target.starts_with('/'), joined.as_str()) {
        (true, ".") => "/".to_owned(),
        (true, rest) => format!("/{rest}"),
        (false, rest) => rest.to_owned(),
    }
}

/// One item of `devices`.
pub(super) fn device(node: Node) -> Node {
    let span = node.span;
    let Some(text) = node.text() else { return node };
    let mut parts = text.split(':');
    let source = parts.next().unwrap_or("");
    let target = parts.next().unwrap_or(source);
    let permissions = parts.next().unwrap_or("rwm");
    let entry = |key: &str, text: &str, span: Span| Entry::new(key, Node::string(span, text));
    Node::map(
        span,
        vec![
            entry("source", source, span),
            entry("target", target, span),
            entry("permissions", permissions, span),
        ],
    )
}

/// One item of `secrets` or `configs`.
pub(super) fn grant(node: Node, folder: Option<&str>) -> Node {
    let span = node.span;
    let mut long = match node.value {
        Value::Scalar(..) => Node::map(span, vec![Entry::new("source", text_of(node))]),
        _ => node,
    };
    if let (Some(folder), Some(source)) = (folder, long.get("source").and_then(Node::text)) {
        let target = format!("{folder}/{source}");
        long.set_default("target", || Node::string(span, target));
    }
    inside(long, "mode", |mode| match mode.text() {
        // The rights of a file are octal, and stay so.
        Some(text) => Node::string(mode.span, text.replacen("0o", "0", 1)),
        None => mode,
    })
}
