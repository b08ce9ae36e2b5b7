//! JSON: all findings as one document, or each file's tree with its findings.

use std::sync::Arc;

use checker::compose::model::to_json;
use checker::compose::node::{Node, Value as NodeValue};
use checker::compose::project::{self, Loaded};
use checker::{Finding, Severity};
use dockerfile::Tree;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Content, Looked};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    files: Vec<&'a str>,
    findings: Vec<&'a Finding>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[derive(Serialize)]
struct FileTree<'a> {
    file: &'a str,
    #[serde(flatten)]
    tree: Tree<'a>,
    findings: &'a [Finding],
}

/// All findings as one document.
pub(super) fn findings(looked: &[Looked]) -> anyhow::Result<String> {
    let findings: Vec<&Finding> = looked.iter().flat_map(|one| &one.findings).collect();
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let summary = Summary {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        infos: count(Severity::Info),
    };
    let files = looked.iter().map(|one| one.path.as_str()).collect();
    Ok(serde_json::to_string_pretty(&Document {
        version: 1,
        files,
        findings,
        summary,
    })? + "\n")
}

/// One object for each file, one on a line.
///
/// Of a Compose project the files stand together, at the first one: `file`, `files` (each with `file` and `tree`, the
/// text as written), `model` (what `docker compose config` prints), `project` (the typed model), `edges`, `start_order`,
/// `findings` of all files.
pub(super) fn trees(looked: &[Looked]) -> anyhow::Result<String> {
    let mut out = String::new();
    let mut shown: Vec<*const Loaded> = Vec::new();
    for one in looked {
        match &one.content {
            Content::Dockerfile(tree) => {
                out += &serde_json::to_string(&FileTree {
                    file: &one.path,
                    tree: Tree(tree),
                    findings: &one.findings,
                })?;
            }
            Content::Project(loaded, _) => {
                if shown.contains(&Arc::as_ptr(loaded)) {
                    continue;
                }
                shown.push(Arc::as_ptr(loaded));
                out += &serde_json::to_string(&of_project(one, loaded, looked))?;
            }
        }
        out.push('\n');
    }
    Ok(out)
}

fn of_project(first: &Looked, loaded: &Arc<Loaded>, looked: &[Looked]) -> Value {
    let mine = |one: &&Looked| match &one.content {
        Content::Project(other, _) => Arc::ptr_eq(other, loaded),
        Content::Dockerfile(_) => false,
    };
    let mut files = Vec::new();
    let mut findings = Vec::new();
    for one in looked.iter().filter(mine) {
        if let Content::Project(_, at) = &one.content {
            let tree = match &loaded.files[*at].content {
                project::Content::Compose(compose) => compose.root.as_ref().map(node),
                project::Content::Variables(_) => None,
            };
            files.push(json!({ "file": one.path, "tree": tree }));
        }
        findings.extend(&one.findings);
    }
    json!({
        "file": first.path,
        "files": files,
        "model": to_json(&loaded.tree),
        "project": loaded.project,
        "edges": loaded.project.edges(),
        "start_order": loaded.project.start_order(),
        "findings": findings,
    })
}

/// A node as written: `span` ([start, end] bytes) and one of `text` (with `plain`, whether without quotes), `items`,
/// `entries` (each `key`, `span`, `value`); nothing for an empty value; `tag` for `!reset` and `!override`.
fn node(node: &Node) -> Value {
    let span = |span: dockerfile::Span| json!([span.start, span.end]);
    let mut out = json!({ "span": span(node.span) });
    match &node.value {
        NodeValue::Null => {}
        NodeValue::Scalar(text, plain) => {
            out["text"] = json!(text);
            out["plain"] = json!(plain);
        }
        NodeValue::List(items) => out["items"] = items.iter().map(self::node).collect(),
        NodeValue::Map(entries) => {
            let pairs = entries.iter();
            out["entries"] = pairs
                .map(|entry| json!({ "key": entry.key, "span": span(entry.span), "value": self::node(&entry.value) }))
                .collect();
        }
    }
    if let Some(tag) = &node.tag {
        out["tag"] = json!(tag);
    }
    out
}
