//! Comments that switch rules off.
//!
//! `# docktutor ignore=rule,rule` and `# hadolint ignore=DL3006` count for the instruction that follows;
//! `# docktutor global ignore=…` and `# hadolint global ignore=…` for the file. `# check=skip=Rule` at the top counts for
//! the file; before an instruction for that one; before `FROM` for its stage, as in BuildKit.

use dockerfile::{Dockerfile, Kind, ProblemKind};

use super::rule::{Hit, Rule};
use crate::Severity;

/// Lines from, lines to, and the rules that are off in them.
struct Off<'a> {
    first: usize,
    last: usize,
    names: Vec<&'a str>,
}

/// Takes away what a comment switches off.
pub(super) fn apply(tree: &Dockerfile, hits: &mut Vec<Hit>) {
    let mut off = read(tree);
    // Nobody writes thousands; the rest is not looked at, so that hostile files stay cheap.
    off.truncate(1000);
    if off.is_empty() {
        return;
    }
    // A file that no builder reads is said to be broken whatever its comments say.
    let broken = tree
        .problems
        .iter()
        .any(|problem| matches!(problem.kind, ProblemKind::TooLarge { .. }));
    hits.retain(|hit| {
        let line = tree.source.line_of(hit.span.start);
        let skipped = off.iter().any(|off| {
            off.first <= line
                && line <= off.last
                && off.names.iter().any(|name| names(name, hit.rule))
        });
        broken || !skipped
    });
}

fn names(name: &str, rule: &Rule) -> bool {
    // `all` is BuildKit's word for its warnings; what cannot be built stays an error.
    (name == "all" && rule.severity < Severity::Error)
        || name.eq_ignore_ascii_case(rule.id)
        || rule
            .aliases
            .iter()
            .any(|alias| alias.eq_ignore_ascii_case(name))
}

fn read(tree: &Dockerfile) -> Vec<Off<'_>> {
    let everywhere = |names| Off {
        first: 0,
        last: usize::MAX,
        names,
    };
    let mut off: Vec<Off<'_>> = tree
        .directives
        .iter()
        .filter(|directive| directive.name == "check")
        .filter_map(|directive| skip(&directive.value.value).map(everywhere))
        .collect();
    for comment in &tree.comments {
        let text = comment.text.as_str();
        let ours = text
            .strip_prefix("docktutor")
            .or_else(|| text.strip_prefix("hadolint"));
        if let Some(names) = ours
            .and_then(|rest| rest.trim_start().strip_prefix("global"))
            .and_then(ignore)
        {
            off.push(everywhere(names));
        }
    }
    for (index, instruction) in tree.instructions.iter().enumerate() {
        for comment in &tree.comments[instruction.comments.0..instruction.comments.1] {
            let text = comment.text.as_str();
            let ours = text
                .strip_prefix("docktutor")
                .or_else(|| text.strip_prefix("hadolint"));
            let check = text.strip_prefix("check=").and_then(skip);
            let (first, mut last) = instruction.lines;
            if check.is_some() && instruction.kind == Kind::From {
                let stage = tree.stage_of(index).map_or(0, |stage| stage + 1);
                last = tree
                    .stages
                    .get(stage)
                    .map_or(usize::MAX, |next| tree.instructions[next.from].lines.0 - 1);
            }
            off.extend(
                ours.and_then(ignore)
                    .or(check)
                    .map(|names| Off { first, last, names }),
            );
        }
    }
    off
}

/// The names of `skip=A,B;error=true`.
fn skip(value: &str) -> Option<Vec<&str>> {
    let value = value.split(' ').next()?;
    let names = value
        .split(';')
        .find_map(|part| part.trim().strip_prefix("skip="))?;
    Some(list(names))
}

/// The names of ` ignore=A,B`; what follows a blank is a remark.
fn ignore(rest: &str) -> Option<Vec<&str>> {
    let rest = rest
        .trim_start()
        .strip_prefix("ignore")?
        .trim_start()
        .strip_prefix('=')?;
    Some(list(rest))
}

fn list(names: &str) -> Vec<&str> {
    names
        .split(',')
        .filter_map(|name| name.split_whitespace().next())
        .collect()
}
