//! Rules for Dockerfiles and Compose files: each says what it saw, why that matters, and what to look at next.
//!
//! Analysis is pure: bytes go in, findings come out, sorted and always the same for the same bytes.

mod compose;
pub(crate) mod eol;
pub(crate) mod image;
mod registry;
mod rule;
mod rules;
pub mod shell;
mod suppress;

use dockerfile::ignore::Ignore;
use dockerfile::{Dockerfile, Source, Span};

pub(crate) use compose::address::dotted as dotted_users;
pub use compose::is_compose;
pub use registry::RULES;
pub use rule::{File, Hit, Rule, Sink, Text};

use crate::compose::project::{self, Content, Loaded, Settings, Single};
use crate::{Finding, Fix, Lang, Position};

/// What to look at, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The language of the messages.
    pub lang: Lang,
    /// The content of the `.dockerignore` that the build would use.
    pub ignore: Option<&'a [u8]>,
    /// Ids or aliases of rules that run although they are off by default; `all` means all.
    pub enable: &'a [&'a str],
    /// Ids or aliases of rules that do not run.
    pub disable: &'a [&'a str],
}

/// Looks at a file by its name: `Dockerfile`, `Dockerfile.*`, `*.Dockerfile`, `Containerfile`, what is a slip of the pen
/// for `Dockerfile`, and `compose.yaml` with its kin. Other files have no findings.
pub fn lint_file(path: &str, bytes: &[u8], lang: Lang) -> Vec<Finding> {
    let options = Options {
        lang,
        ..Options::default()
    };
    if is_dockerfile(path) || misspelt(path).is_some() {
        lint_dockerfile(path, bytes, &options)
    } else if is_compose(path) {
        lint_compose(path, bytes, &options)
    } else {
        Vec::new()
    }
}

/// Looks at a file as a Dockerfile, whatever its name.
pub fn lint_dockerfile(path: &str, bytes: &[u8], options: &Options<'_>) -> Vec<Finding> {
    lint_tree(path, &dockerfile::parse(bytes), options)
}

/// Looks at a tree.
pub fn lint_tree(path: &str, tree: &Dockerfile, options: &Options<'_>) -> Vec<Finding> {
    let ignore = options.ignore.map(Ignore::parse);
    let file = File::new(path, tree, ignore.as_ref(), options.lang);
    let mut hits = look(&file, registry::DOCKERFILE, options);
    suppress::apply(tree, &mut hits);
    for hit in &mut hits {
        let broken = |(_, span, text): &(String, Span, String)| breaks_array(tree, *span, text);
        if hit.fix.as_ref().is_some_and(broken) {
            hit.fix = None;
        }
    }
    findings(path, &tree.source, hits, options.lang)
}

/// Looks at a text as a Compose file, whatever its name. Nothing is known of the files beside it.
pub fn lint_compose(path: &str, bytes: &[u8], options: &Options<'_>) -> Vec<Finding> {
    let name = file_name(path);
    let settings = Settings {
        files: vec![name.to_owned()],
        ..Settings::default()
    };
    let loaded = project::load(&Single { path: name, bytes }, &settings);
    lint_project(&loaded, options, &|_| path.to_owned())
}

/// Looks at all files of a project, one after the other. `shown` says how a file is named in the findings.
pub fn lint_project(
    loaded: &Loaded,
    options: &Options<'_>,
    shown: &dyn Fn(&str) -> String,
) -> Vec<Finding> {
    let tree = dockerfile::parse(b"");
    let mut all = Vec::new();
    for (at, document) in loaded.files.iter().enumerate() {
        let path = shown(&document.path);
        let mut file = File::new(&path, &tree, None, options.lang);
        file.project = Some((loaded, at));
        if let Content::Compose(compose) = &document.content {
            file.compose = Some(compose);
        }
        let mut hits = look(&file, registry::COMPOSE, options);
        if let Some(compose) = file.compose {
            compose::suppress(compose, &mut hits);
        }
        all.extend(findings(&path, document.source(), hits, options.lang));
    }
    all
}

/// What the rules see that are wanted.
fn look(file: &File<'_>, rules: &[&'static Rule], options: &Options<'_>) -> Vec<Hit> {
    let named = |rule: &Rule, names: &[&str]| {
        names.iter().any(|name| {
            *name == "all"
                || name.eq_ignore_ascii_case(rule.id)
                || rule
                    .aliases
                    .iter()
                    .any(|alias| name.eq_ignore_ascii_case(alias))
        })
    };
    let mut hits = Vec::new();
    for rule in rules.iter().copied() {
        if (rule.on || named(rule, options.enable)) && !named(rule, options.disable) {
            let first = hits.len();
            (rule.check)(
                file,
                &mut Sink {
                    rule,
                    hits: &mut hits,
                    first,
                },
            );
        }
    }
    hits
}

fn findings(path: &str, source: &Source, hits: Vec<Hit>, lang: Lang) -> Vec<Finding> {
    let mut findings: Vec<Finding> = hits
        .into_iter()
        .map(|hit| finding(path, source, hit, lang))
        .collect();
    findings.sort_by(|a, b| {
        (a.start, a.end, b.severity, &a.rule).cmp(&(b.start, b.end, a.severity, &b.rule))
    });
    findings.dedup();
    findings
}

/// Whether a change would make a shell command of an instruction in exec form: what is put between words in a shell does
/// not belong between the strings of an array. Long arrays are not read again and again, and count as broken.
fn breaks_array(tree: &Dockerfile, span: Span, text: &str) -> bool {
    let after = tree
        .instructions
        .partition_point(|one| one.span.start <= span.start);
    let Some(instruction) = after.checked_sub(1).map(|at| &tree.instructions[at]) else {
        return false;
    };
    let whole = instruction.span;
    if instruction.form() != dockerfile::Form::Exec || span.end > whole.end {
        return false;
    }
    if whole.end - whole.start > 4096 || (span.start == span.end && text.is_empty()) {
        return true;
    }
    let part = |from, to| tree.source.slice(Span::new(from, to));
    let (before, behind) = (part(whole.start, span.start), part(span.end, whole.end));
    let changed = format!("# escape={}\n{before}{text}{behind}\n", tree.escape);
    let changed = dockerfile::parse(changed.as_bytes());
    changed
        .instructions
        .first()
        .is_some_and(|one| one.kind == instruction.kind && one.form() != dockerfile::Form::Exec)
}

/// Whether a path names a Dockerfile.
pub fn is_dockerfile(path: &str) -> bool {
    let name = file_name(path).to_lowercase();
    ["dockerfile", "containerfile"].iter().any(|known| {
        name == *known
            || name
                .strip_prefix(known)
                .is_some_and(|rest| rest.starts_with('.') && rest != ".dockerignore")
            || name
                .strip_suffix(known)
                .is_some_and(|rest| rest.ends_with('.'))
    })
}

/// The name that was meant, where a path is a slip of the pen for it.
pub fn misspelt(path: &str) -> Option<&'static str> {
    let name = file_name(path);
    let near = !is_dockerfile(path) && dockerfile::distance(name, "Dockerfile", 2).is_some();
    near.then_some("Dockerfile")
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The rule of an id or alias.
pub fn rule(name: &str) -> Option<&'static Rule> {
    let by_id = RULES
        .iter()
        .copied()
        .find(|rule| rule.id.eq_ignore_ascii_case(name));
    by_id.or_else(|| {
        RULES.iter().copied().find(|rule| {
            rule.aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(name))
        })
    })
}

/// Applies the fixes of findings to a text, from the start; a fix that overlaps an earlier one waits for the next round.
/// Returns the new bytes and how many fixes are in them.
pub fn apply_fixes(bytes: &[u8], findings: &[Finding]) -> (Vec<u8>, usize) {
    let mut fixes: Vec<&Fix> = findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .collect();
    fixes.sort_by_key(|fix| (fix.start.offset, fix.end.offset));
    let (mut out, mut at, mut count) = (Vec::with_capacity(bytes.len()), 0, 0);
    for fix in fixes {
        let (start, end) = (fix.start.offset, fix.end.offset);
        if start < at
            || end < start
            || end > bytes.len()
            || (count > 0 && start == at && start == end)
        {
            continue;
        }
        out.extend_from_slice(&bytes[at..start]);
        out.extend_from_slice(fix.text.as_bytes());
        at = end;
        count += 1;
    }
    out.extend_from_slice(&bytes[at..]);
    (out, count)
}

/// Where a byte offset stands.
pub fn position(source: &Source, offset: usize) -> Position {
    let place = source.place(offset);
    Position {
        line: place.line,
        column: place.column,
        column_utf16: place.column_utf16,
        offset,
    }
}

fn finding(path: &str, source: &Source, hit: Hit, lang: Lang) -> Finding {
    let at = |span: Span| (position(source, span.start), position(source, span.end));
    let (start, end) = at(hit.span);
    let fix = hit.fix.map(|(title, span, text)| {
        let (start, end) = at(span);
        Fix {
            title,
            start,
            end,
            text,
        }
    });
    Finding {
        rule: hit.rule.id.to_owned(),
        aliases: hit
            .rule
            .aliases
            .iter()
            .map(|alias| (*alias).to_owned())
            .collect(),
        severity: hit.rule.severity,
        message: hit.message,
        why: hit.why.unwrap_or_else(|| hit.rule.why.get(lang).to_owned()),
        mistake: hit.mistake.map(str::to_owned),
        file: path.to_owned(),
        start,
        end,
        fix,
    }
}

#[cfg(test)]
mod tests;
