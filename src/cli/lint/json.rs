//! JSON: all findings as one document, or each Dockerfile's tree with its findings.

use checker::{Finding, Severity};
use dockerfile::Tree;
use serde::Serialize;

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

/// One object for each Dockerfile, one on a line.
pub(super) fn trees(looked: &[Looked]) -> anyhow::Result<String> {
    let mut out = String::new();
    for one in looked {
        // Compose files are refused before.
        let Content::Dockerfile(tree) = &one.content else {
            continue;
        };
        let tree = FileTree {
            file: &one.path,
            tree: Tree(tree),
            findings: &one.findings,
        };
        out += &serde_json::to_string(&tree)?;
        out.push('\n');
    }
    Ok(out)
}
