//! Rules for Compose files. They look at [`crate::compose::Compose`].

pub(super) mod address;
pub(super) mod cycle;
pub(super) mod keys;
pub(super) mod names;
pub(super) mod ports;
pub(super) mod project;
pub(super) mod scalars;
pub(super) mod services;
pub(super) mod yaml;

#[cfg(test)]
mod tests;

use dockerfile::{Source, Span};

use super::rule::{File, Hit};
use crate::compose::project::{Content, Role};
use crate::compose::{Compose, Node, Service, Text};

/// Whether a path names a Compose file: `compose.yaml`, `docker-compose.yml`, `compose.override.yaml`.
pub fn is_compose(path: &str) -> bool {
    middle(path).is_some()
}

/// What stands between the two parts of a Compose file's name.
fn middle(path: &str) -> Option<&str> {
    let name = super::file_name(path);
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))?;
    let middle = stem
        .strip_prefix("docker-compose")
        .or_else(|| stem.strip_prefix("compose"))?;
    (middle.is_empty() || middle.starts_with('.')).then_some(middle)
}

/// Whether everything that belongs to the file is known: what is missing is missing.
fn is_whole(file: &File<'_>, compose: &Compose) -> bool {
    let Some((loaded, at)) = file.project else {
        return compose.whole && middle(file.path).is_none_or(str::is_empty);
    };
    let first = loaded.files.first();
    let includes = compose
        .root
        .as_ref()
        .is_some_and(|root| root.get("include").is_some());
    // What is only extended is no part of the project itself.
    let part = loaded
        .files
        .get(at)
        .is_some_and(|file| file.role != Role::Extends);
    loaded.whole
        && part
        && (compose.whole || includes)
        && first.is_none_or(|first| middle(&first.path).is_none_or(str::is_empty))
}

/// Whether that is so of a service, too, and no other file adds to it.
fn is_whole_service(file: &File<'_>, compose: &Compose, service: &Service) -> bool {
    let alone = file.project.is_none_or(|(loaded, _)| {
        let files = loaded.files.iter();
        files
            .filter(|file| matches!(file.content, Content::Compose(_)))
            .count()
            == 1
    });
    alone && is_whole(file, compose) && !service.extends
}

/// Whether a service has one of some keys when all files are laid over each other.
fn has_anywhere(file: &File<'_>, service: &str, keys: &[&str]) -> bool {
    let Some((loaded, _)) = file.project else {
        return false;
    };
    let services = loaded.declared.get("services");
    let service = services.and_then(|services| services.get(service));
    service.is_some_and(|service| keys.iter().any(|key| service.get(key).is_some()))
}

/// The names that the project declares in a section, or the file where there is no project.
fn declared(file: &File<'_>, section: &str, own: &[Text]) -> Vec<Text> {
    let Some((loaded, _)) = file.project else {
        return own.to_vec();
    };
    let entries = loaded.declared.get(section).map_or(&[][..], Node::entries);
    let names = entries.iter().map(|entry| Text {
        text: entry.key.clone(),
        span: entry.span,
    });
    own.iter().cloned().chain(names).collect()
}

/// Where a part of a value stands in the file; the whole value where it is written otherwise.
fn part(source: &Source, span: Span, text: &str) -> Span {
    match source.slice(span).find(text) {
        Some(at) if !text.is_empty() => Span::new(span.start + at, span.start + at + text.len()),
        _ => span,
    }
}

/// Whether blanks alone stand before a place in its line, and how many.
fn indent(source: &Source, at: usize) -> Option<usize> {
    let line = source.line(source.line_of(at));
    let before = source.slice(Span::new(line.start, at.max(line.start)));
    before
        .bytes()
        .all(|byte| byte == b' ')
        .then_some(before.len())
}

/// Takes away what comments switch off: `# docktutor ignore=rule,rule` on the line or the line before, and
/// `# docktutor global ignore=rule` anywhere.
pub(super) fn suppress(compose: &Compose, hits: &mut Vec<Hit>) {
    let text = compose.source.text();
    if !text.contains("docktutor") {
        return;
    }
    let lines: Vec<&str> = text.lines().collect();
    let names = |line: &str, word: &str| -> Vec<String> {
        let comment = line.split_once('#').map_or("", |(_, comment)| comment);
        let rest = comment.trim_start().strip_prefix("docktutor");
        let list = rest
            .and_then(|rest| rest.trim_start().strip_prefix(word))
            .and_then(|rest| rest.trim_start().strip_prefix('='));
        list.unwrap_or("")
            .split(',')
            .filter_map(|name| name.split_whitespace().next())
            .map(str::to_lowercase)
            .collect()
    };
    let everywhere: Vec<String> = lines
        .iter()
        .flat_map(|line| names(line, "global ignore"))
        .take(100)
        .collect();
    hits.retain(|hit| {
        let line = compose.source.line_of(hit.span.start);
        let own = lines.get(line - 1).map(|line| names(line, "ignore"));
        let before = lines
            .get(line.wrapping_sub(2))
            .filter(|line| line.trim_start().starts_with('#'))
            .map(|line| names(line, "ignore"));
        let mut off = own
            .into_iter()
            .chain(before)
            .flatten()
            .chain(everywhere.iter().cloned());
        !off.any(|name| name == hit.rule.id)
    });
}
