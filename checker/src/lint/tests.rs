mod coverage;

use super::*;
use crate::Severity;

fn all<'a>() -> Options<'a> {
    Options {
        enable: &["all"],
        ..Options::default()
    }
}

/// The text without its marks, and what they mark.
fn unmark(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut plain, mut marks, mut open) = (String::new(), Vec::new(), None);
    for c in text.chars() {
        match c {
            '⟦' => open = Some(plain.len()),
            '⟧' => marks.push((open.take().expect("⟦ before ⟧"), plain.len())),
            c => plain.push(c),
        }
    }
    (plain, marks)
}

fn hits(rule: &Rule, text: &str, lang: Lang) -> Vec<Finding> {
    let options = Options { lang, ..all() };
    judge(rule, text, &options)
        .into_iter()
        .filter(|finding| finding.rule == rule.id)
        .collect()
}

/// Everything in a text of the kind that a rule is for.
fn judge(rule: &Rule, text: &str, options: &Options<'_>) -> Vec<Finding> {
    if registry::COMPOSE.iter().any(|known| known.id == rule.id) {
        judge_compose(text, options)
    } else {
        lint_dockerfile("Dockerfile", text.as_bytes(), options)
    }
}

/// An example of several files: each begins at its line `# file: name`, the first may go without and is `compose.yaml`.
fn judge_compose(text: &str, options: &Options<'_>) -> Vec<Finding> {
    let starts: Vec<usize> = text
        .match_indices("# file: ")
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || text[..*at].ends_with('\n'))
        .collect();
    if starts.is_empty() {
        return lint_compose("compose.yaml", text.as_bytes(), options);
    }
    let mut bounds = starts.clone();
    if bounds[0] != 0 {
        bounds.insert(0, 0);
    }
    let mut files = std::collections::BTreeMap::new();
    let mut offsets = std::collections::BTreeMap::new();
    for (number, start) in bounds.iter().enumerate() {
        let part = &text[*start..*bounds.get(number + 1).unwrap_or(&text.len())];
        let name = part
            .strip_prefix("# file: ")
            .and_then(|rest| rest.lines().next());
        let name = name.unwrap_or("compose.yaml").to_owned();
        files.insert(name.clone(), part.as_bytes().to_vec());
        offsets.insert(name, *start);
    }
    let loaded = project::load(&files, &Settings::default());
    let mut found = lint_project(&loaded, options, &str::to_owned);
    for finding in &mut found {
        let base = offsets[&finding.file];
        finding.start.offset += base;
        finding.end.offset += base;
    }
    found
}

#[test]
fn every_bad_example_fires_at_exactly_what_is_wrong() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for bad in rule.bad {
            let (text, marks) = unmark(bad);
            for lang in [Lang::Ko, Lang::En] {
                let found: Vec<_> = hits(rule, &text, lang)
                    .iter()
                    .map(|f| (f.start.offset, f.end.offset))
                    .collect();
                if found != marks {
                    let shown: Vec<_> = found.iter().map(|&(a, b)| &text[a..b]).collect();
                    wrong.push(format!("{} in {bad:?}: found {shown:?}", rule.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_good_example_is_silent() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for good in rule.good {
            let findings = judge(rule, good, &all());
            let own = findings.iter().filter(|finding| finding.rule == rule.id);
            let errors = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error);
            for finding in own.chain(errors) {
                wrong.push(format!(
                    "{} in {good:?}: {} {}",
                    rule.id, finding.rule, finding.message
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_are_complete() {
    let mut ids = std::collections::HashSet::new();
    for rule in RULES {
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id.chars().all(kebab), "{}", rule.id);
        assert!(!rule.good.is_empty(), "{} has no good example", rule.id);
        for text in [rule.title, rule.what, rule.why] {
            assert!(
                text.ko.chars().any(|c| ('가'..='힣').contains(&c)),
                "{}: {}",
                rule.id,
                text.ko
            );
            assert!(
                !text.en.chars().any(|c| ('가'..='힣').contains(&c)),
                "{}: {}",
                rule.id,
                text.en
            );
        }
        assert!(!rule.why.ko.contains("당신"), "{}", rule.id);
    }
    // Rules whose bad example is a file of a certain size or name have tests of their own below.
    let no_example = [
        "file-too-large",
        "line-too-long",
        "dockerfile-name",
        "copy-ignored-file",
        "compose-too-large",
    ];
    for rule in RULES.iter().filter(|rule| !no_example.contains(&rule.id)) {
        assert!(!rule.bad.is_empty(), "{} has no bad example", rule.id);
    }
}

#[test]
fn messages_are_in_the_language_asked_for() {
    for rule in RULES {
        for bad in rule.bad {
            let (text, _) = unmark(bad);
            let in_file = text.chars().any(|c| ('가'..='힣').contains(&c));
            for finding in hits(rule, &text, Lang::En).iter().filter(|_| !in_file) {
                assert!(
                    finding.message.is_ascii() || !bad.is_ascii(),
                    "{}: {}",
                    rule.id,
                    finding.message
                );
            }
            for finding in hits(rule, &text, Lang::Ko) {
                assert!(
                    finding.message.chars().any(|c| ('가'..='힣').contains(&c)),
                    "{}: {}",
                    rule.id,
                    finding.message
                );
            }
        }
    }
}

#[test]
fn every_fix_mends_what_it_is_for() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for bad in rule.bad {
            let (text, _) = unmark(bad);
            let found = hits(rule, &text, Lang::En);
            let fixable = found.iter().filter(|finding| finding.fix.is_some()).count();
            if fixable == 0 {
                continue;
            }
            let (fixed, _) = apply_fixes(text.as_bytes(), &found);
            let fixed = String::from_utf8(fixed).expect("still text");
            if hits(rule, &fixed, Lang::En).len() + fixable > found.len() {
                wrong.push(format!("{} in {bad:?} becomes {fixed:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_notes_own_mistake_is_explained() {
    let text = "# 베이스 이미지 지정\nFROM python:3.11 -slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\nEXPOSE 8000\nCMD [\"uvicorn\", \"main:app\", \"--host\", \"0.0.0.0\"]\n";
    let findings = lint_file("Dockerfile", text.as_bytes(), Lang::Ko);
    let errors: Vec<_> = findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    let [error] = errors.as_slice() else {
        panic!("{errors:#?}")
    };
    assert_eq!(error.mistake.as_deref(), Some("from-space"));
    assert_eq!(&text[error.start.offset..error.end.offset], "-slim");
    assert_eq!((error.start.line, error.start.column), (2, 18));
    let (fixed, count) = apply_fixes(text.as_bytes(), std::slice::from_ref(error));
    assert_eq!(count, 1);
    assert!(
        String::from_utf8(fixed)
            .expect("text")
            .contains("FROM python:3.11-slim\n")
    );
}

#[test]
fn files_are_known_by_their_names() {
    for path in [
        "Dockerfile",
        "a/Dockerfile.dev",
        "web.Dockerfile",
        "dockerfile",
        "Containerfile",
        "Dokcerfile",
    ] {
        assert!(!lint_file(path, b"FORM x", Lang::En).is_empty(), "{path}");
    }
    for path in ["values.yaml", "Dockerfile.dockerignore", "main.py", ""] {
        assert!(lint_file(path, b"FORM x", Lang::En).is_empty(), "{path}");
    }
    let findings = lint_file("web/Dokcerfile", b"FROM alpine:3.22\n", Lang::En);
    assert_eq!(findings[0].mistake.as_deref(), Some("dockerfile-typo"));
}

#[test]
fn size_and_line_have_limits() {
    let large = lint_file("Dockerfile", &vec![b'a'; 2 << 20], Lang::En);
    assert_eq!(large.len(), 1, "{large:?}");
    assert_eq!(large[0].rule, "file-too-large");
    let long = format!("FROM alpine:3.22\nRUN echo {}\n", "a".repeat(70_000));
    assert!(
        lint_file("Dockerfile", long.as_bytes(), Lang::En)
            .iter()
            .any(|f| f.rule == "line-too-long")
    );
}

#[test]
fn comments_switch_rules_off() {
    let silent = |text: &str, rule: &str| {
        !lint_file("Dockerfile", text.as_bytes(), Lang::En)
            .iter()
            .any(|finding| finding.rule == rule)
    };
    for comment in [
        "# docktutor ignore=exec-form",
        "# hadolint ignore=DL3006,DL3025",
        "# check=skip=JSONArgsRecommended",
        "# docktutor ignore = exec-form because we like it",
    ] {
        let text = format!("FROM alpine:3.22\n{comment}\nCMD a\nENTRYPOINT b\n");
        let found: Vec<_> = lint_file("Dockerfile", text.as_bytes(), Lang::En)
            .into_iter()
            .filter(|f| f.rule == "exec-form")
            .map(|f| f.start.line)
            .collect();
        assert_eq!(found, [4], "{comment}");
    }
    assert!(silent(
        "# check=skip=JSONArgsRecommended;error=true\nFROM alpine:3.22\nCMD a\n",
        "exec-form"
    ));
    assert!(silent(
        "# docktutor global ignore=exec-form\nFROM alpine:3.22\nCMD a\n",
        "exec-form"
    ));
    assert!(silent(
        "# check=skip=all\nFROM alpine:3.22\nCMD a\n",
        "exec-form"
    ));
    assert!(silent(
        "FROM alpine:3.22\n#\n# check=skip=JSONArgsRecommended\nFROM alpine:3.22 AS b\nRUN ls\nCMD a\n",
        "exec-form"
    ));
    assert!(!silent(
        "# check=skip=all\nFROM alpine:3.22\nRNU a\n",
        "unknown-instruction"
    ));
}

/// Each of these would take minutes if some rule compared every line with every other.
#[test]
fn hostile_files_are_judged_in_bounded_time() {
    let size = 1 << 16;
    for part in [
        "FROM a AS b\n",
        "FROM a\nCOPY --from=b c d\n",
        "FROM a AS c\nCOPY --from=c c d\n",
        "ENV A=$A$A\n",
        "FROM $A\n",
        "FROM a\nRUN cd x && sudo apt-get install y | z\n",
        "WORKDIR $A\n",
        "CMD ['a']\n",
        "CMD a\n",
        "VOLUME /a\nRUN touch /a/b\n",
        "# check=skip=x\nCMD a\n",
        "USER root\nEXPOSE 1:2\n",
        "ARG TAGETARCH\n",
        "$(",
        "RUN a | ",
        "RUN `",
        "COPY a* b ",
    ] {
        let text = format!("FROM scratch\nRUN {}", part.repeat(size / part.len()));
        for text in [text.clone(), text.replace("RUN ", "")] {
            let start = std::time::Instant::now();
            let findings = lint_dockerfile(
                "Dockerfile",
                text.as_bytes(),
                &Options {
                    ignore: Some(b"**/a*b*c\n*.x\n"),
                    ..all()
                },
            );
            assert!(
                start.elapsed().as_secs() < 4,
                "{part:?} took {:?}",
                start.elapsed()
            );
            assert!(findings.len() < 20_000);
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_judged_and_places_lie_in_the_file(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        check_places(&bytes)?;
    }

    #[test]
    fn anything_like_a_dockerfile_is_judged(
        lines in proptest::collection::vec("(FROM|RUN|CMD|COPY|ENV|ARG|ADD|USER|EXPOSE|HEALTHCHECK|ONBUILD|WORKDIR|run|#) [-a-z0-9:=$\\{\\}\"'\\[\\],./ &|;<\\\\한]{0,30}", 0..12)
    ) {
        check_places(lines.join("\n").as_bytes())?;
    }
}

fn check_places(bytes: &[u8]) -> Result<(), proptest::test_runner::TestCaseError> {
    let source = dockerfile::Source::new(bytes);
    let findings = lint_dockerfile("Dockerfile", bytes, &all());
    for finding in &findings {
        let text = source.text().get(finding.start.offset..finding.end.offset);
        proptest::prop_assert!(text.is_some(), "{:?}", finding);
        if let Some(fix) = &finding.fix {
            proptest::prop_assert!(
                source
                    .text()
                    .get(fix.start.offset..fix.end.offset)
                    .is_some(),
                "{:?}",
                finding
            );
        }
    }
    proptest::prop_assert_eq!(findings, lint_dockerfile("Dockerfile", bytes, &all()));
    Ok(())
}
