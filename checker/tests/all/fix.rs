//! What `lint --fix` does to the corpus of the agreement: nothing but what a finding is about.

use std::path::Path;

use checker::lint::{self, Options, apply_fixes};
use checker::{Finding, Severity};
use dockerfile::{Dockerfile, Instruction, Tree};
use serde_json::Value;

fn judge(bytes: &[u8]) -> Vec<Finding> {
    let options = Options {
        enable: &["all"],
        ..Options::default()
    };
    lint::lint_dockerfile("Dockerfile", bytes, &options)
}

fn errors(bytes: &[u8]) -> usize {
    let findings = judge(bytes);
    let errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    errors.count()
}

fn of(rule: &str, findings: &[Finding]) -> usize {
    findings.iter().filter(|one| one.rule == rule).count()
}

/// The printed instructions without their places, each with its span.
fn meaning(tree: &Dockerfile) -> Vec<((usize, usize), Value)> {
    let mut json = serde_json::to_value(Tree(tree)).expect("JSON");
    let printed = json["instructions"].as_array_mut().expect("instructions");
    let bare = printed.iter_mut().map(|one| {
        let object = one.as_object_mut().expect("an object");
        object.remove("lines");
        object.remove("span");
        one.take()
    });
    let span = |one: &Instruction| (one.span.start, one.span.end);
    tree.instructions.iter().map(span).zip(bare).collect()
}

/// What is wrong with one fix of one file.
fn broken(bytes: &[u8], finding: &Finding, findings: &[Finding]) -> Option<&'static str> {
    let fix = finding.fix.as_ref()?;
    let (after, count) = apply_fixes(bytes, std::slice::from_ref(finding));
    if count != 1 {
        return Some("is not made");
    }
    if errors(&after) > errors(bytes) {
        return Some("adds an error");
    }
    if of(&finding.rule, &judge(&after)) >= of(&finding.rule, findings) {
        return Some("leaves the finding");
    }
    let crlf = |bytes: &[u8]| {
        let bare = |at: &usize| bytes[*at] == b'\n' && (*at == 0 || bytes[at - 1] != b'\r');
        (0..bytes.len()).any(|at| bare(&at))
    };
    if !crlf(bytes) && crlf(&after) {
        return Some("mixes line endings");
    }
    let (start, end) = (fix.start.offset, fix.end.offset);
    let new = meaning(&dockerfile::parse(&after));
    for ((from, to), one) in meaning(&dockerfile::parse(bytes)) {
        let touched = if start == end {
            from <= start && start <= to
        } else {
            start < to && from < end
        };
        let moved = |at: usize| {
            if at >= end {
                at + fix.text.len() - (end - start)
            } else {
                at
            }
        };
        let place = (moved(from), moved(to));
        if !touched && !new.iter().any(|(at, other)| *at == place && *other == one) {
            return Some("changes another instruction");
        }
    }
    None
}

#[test]
fn a_fix_mends_its_finding_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/corpus");
    let (mut wrong, mut fixes) = (Vec::new(), 0);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "Dockerfile")
        })
        .collect();
    paths.sort();
    for path in &paths {
        let name = path.file_name().expect("a name").to_string_lossy();
        let unix = std::fs::read_to_string(path)
            .expect("text")
            .replace("\r\n", "\n");
        for (kind, text) in [
            ("", unix.clone()),
            (" with CRLF", unix.replace('\n', "\r\n")),
        ] {
            let findings = judge(text.as_bytes());
            for finding in &findings {
                fixes += usize::from(finding.fix.is_some());
                if let Some(reason) = broken(text.as_bytes(), finding, &findings) {
                    let (line, rule) = (finding.start.line, &finding.rule);
                    wrong.push(format!(
                        "{name}{kind}, line {line}: the fix of {rule} {reason}"
                    ));
                }
            }
            // All at once, until nothing is left to mend.
            let (mut bytes, mut rounds) = (text.clone().into_bytes(), 0);
            loop {
                let (after, count) = apply_fixes(&bytes, &judge(&bytes));
                if count == 0 || rounds == 10 {
                    break;
                }
                (bytes, rounds) = (after, rounds + 1);
            }
            if rounds == 10 {
                wrong.push(format!("{name}{kind}: fixes without end"));
            }
            if errors(&bytes) > errors(text.as_bytes()) {
                wrong.push(format!("{name}{kind}: an error more when all is mended"));
            }
        }
    }
    assert!(fixes > 100, "only {fixes} fixes in the corpus");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
