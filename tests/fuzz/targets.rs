//! What each parser must hold for any bytes. `fuzz_targets/` looks for bytes that break it, and the ordinary tests run it
//! over the corpus that was kept (`replay.rs`).

#[path = "engine.rs"]
pub(crate) mod engine;
#[path = "../../dockerfile/tests/meaning/mod.rs"]
mod meaning;
#[path = "gateway.rs"]
mod scope;

use std::collections::BTreeMap;

use checker::compose::{Compose, model, project};
use checker::lint::{Options, apply_fixes, lint_compose, lint_dockerfile};
use checker::spec::Exercise;
use checker::{Finding, Lang, command};
use dockerfile::ignore::Ignore;
use dockerfile::{Span, parse, print, scopes};

use meaning::{is_complete, meaning};
pub(crate) use scope::SCOPE;

/// A Dockerfile: parsed, its variables followed, linted with every rule and mended, printed and parsed again.
pub(crate) fn dockerfile(bytes: &[u8]) {
    let file = parse(bytes);
    let text = file.source.text();
    assert_eq!(text.len(), bytes.len());
    let spans = file.problems.iter().map(|problem| problem.span);
    let spans = spans.chain(file.instructions.iter().map(|instruction| instruction.span));
    for Span { start, end } in spans {
        assert!(text.get(start..end).is_some(), "{start}..{end}");
    }
    let scopes = scopes(&file);
    for at in 0..file.instructions.len().min(50) {
        let scope = scopes.at(&file, at);
        for name in scope.names() {
            let _ = scope.get(name);
        }
    }
    let options = Options {
        lang: Lang::En,
        ignore: Some(b"node_modules\n*.md\n"),
        enable: &["all"],
        disable: &[],
    };
    let findings = lint_dockerfile("Dockerfile", bytes, &options);
    lie_in(&findings, text);
    let (mended, _) = apply_fixes(bytes, &findings);
    let _ = parse(&mended);
    if is_complete(&file) && file.source.bad_bytes().is_empty() {
        let printed = print(&file);
        assert_eq!(
            meaning(&file),
            meaning(&parse(printed.as_bytes())),
            "{printed}"
        );
    }
}

/// A `.dockerignore`, whose last line is also a path to look up.
pub(crate) fn ignore(bytes: &[u8]) {
    let ignore = Ignore::parse(bytes);
    for pattern in ignore.patterns() {
        assert!(pattern.span.start <= pattern.span.end && pattern.span.end <= bytes.len());
    }
    let text = String::from_utf8_lossy(bytes);
    let path = text.lines().last().unwrap_or_default();
    for path in [path, "src/main.py", "a/b/c/d/e/f/g"] {
        let deciding = ignore.deciding(path);
        assert!(deciding.is_some() || !ignore.excludes(path));
    }
}

/// A Compose file: read, and linted with every rule; then a project, where lines `=== PATH` begin further files.
pub(crate) fn compose(bytes: &[u8]) {
    let compose = Compose::parse(bytes);
    let text = compose.source.text();
    let options = Options {
        lang: Lang::Ko,
        ignore: None,
        enable: &["all"],
        disable: &[],
    };
    let findings = lint_compose("compose.yaml", bytes, &options);
    lie_in(&findings, text);
    let (mended, _) = apply_fixes(bytes, &findings);
    let _ = Compose::parse(&mended);

    let text = String::from_utf8_lossy(bytes);
    let mut files = BTreeMap::new();
    let mut parts = text.split("\n=== ");
    let first = parts.next().unwrap_or_default();
    files.insert("compose.yaml".to_owned(), first.as_bytes().to_vec());
    for part in parts.take(8) {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        files.insert(path.to_owned(), content.as_bytes().to_vec());
    }
    let settings = project::Settings {
        folder: "board".to_owned(),
        profiles: vec!["debug".to_owned()],
        ..project::Settings::default()
    };
    let loaded = project::load(&files, &settings);
    for issue in &loaded.issues {
        let text = loaded.files[issue.file].source().text();
        assert!(text.get(issue.span.range()).is_some(), "{issue:?}");
    }
    let _ = (
        model::to_json(&loaded.tree),
        model::to_json(&loaded.declared),
    );
}

/// Commands: explained, compared with a reference and with themselves.
pub(crate) fn command(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let explained = command::explain(&text, Lang::En);
    for part in &explained.parts {
        assert!(text.get(part.start..part.end).is_some(), "{part:?}");
    }
    let reference = "docker run -d --name web -p 8080:80 -v data:/d nginx\ndocker compose up -d";
    let facts = command::compare(reference, &text, Lang::Ko);
    let itself = command::compare(&text, &text, Lang::En);
    for fact in explained.facts.iter().chain(&facts).chain(&itself) {
        assert!(text.get(fact.start..fact.end).is_some(), "{fact:?}");
    }
    let differs = |fact: &&command::Fact| fact.kind == command::FactKind::Different;
    assert_eq!(
        itself.iter().find(differs),
        None,
        "a text differs from itself"
    );
}

/// An `exercise.yaml`.
pub(crate) fn exercise(bytes: &[u8]) {
    if let Ok(yaml) = std::str::from_utf8(bytes) {
        match Exercise::parse_all(yaml) {
            Ok(exercise) => {
                let _ = (exercise.max_points(), exercise.text_files());
            }
            Err(errors) => assert!(!errors.is_empty()),
        }
    }
}

/// A request to a scope of the gateway, whose engine judges what reaches it.
pub(crate) fn gateway(bytes: &[u8]) {
    scope::run(bytes);
}

fn lie_in(findings: &[Finding], text: &str) {
    for finding in findings {
        let fix = finding
            .fix
            .as_ref()
            .map(|fix| (fix.start.offset, fix.end.offset));
        for (start, end) in [(finding.start.offset, finding.end.offset)]
            .into_iter()
            .chain(fix)
        {
            assert!(
                text.get(start..end).is_some(),
                "{}: {start}..{end}",
                finding.rule
            );
        }
    }
}
