use std::collections::BTreeMap;

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::compose::model::to_json;
use crate::lint::{Options, lint_project};

type Folder = BTreeMap<String, Vec<u8>>;

fn folder(files: &[(&str, &str)]) -> Folder {
    let pairs = files.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

/// File, marked text and kind of each issue.
fn issues(files: &[(&str, &str)]) -> Vec<(String, String, IssueKind)> {
    let loaded = load(&folder(files), &Settings::default());
    let issues = loaded.issues.iter().map(|issue| {
        let file = &loaded.files[issue.file];
        let text = file.source().slice(issue.span).to_owned();
        (file.path.clone(), text, issue.kind.clone())
    });
    issues.collect()
}

#[test]
fn issues_name_the_right_file_and_all_come_at_once() {
    let found = issues(&[
        (
            "compose.yaml",
            "include: [gone.yaml]\nservices:\n  web: {image: \"a:${TAG}\", env_file: none.env}\n",
        ),
        (
            "compose.override.yaml",
            "services:\n  web: {extends: {file: ../up.yaml, service: x}, labels: {a: \"${B:?why}\"}}\n",
        ),
        (".env", "BAD NAME=1\n"),
    ]);
    let seen: Vec<(&str, &str)> = found
        .iter()
        .map(|(f, t, _)| (f.as_str(), t.as_str()))
        .collect();
    for expected in [
        ("compose.yaml", "gone.yaml"),
        ("compose.yaml", "none.env"),
        ("compose.override.yaml", "../up.yaml"),
        (".env", "BAD NAME"),
    ] {
        assert!(seen.contains(&expected), "{expected:?} in {found:?}");
    }
    assert!(found.iter().any(|(file, _, kind)| {
        file == "compose.override.yaml"
            && matches!(
                kind,
                IssueKind::Variable(crate::compose::interpolate::Event::Required(..))
            )
    }));
}

#[test]
fn nothing_outside_of_the_folder_is_read() {
    struct Watch;
    impl Files for Watch {
        fn read(&self, path: &str) -> Read {
            assert!(!path.starts_with('/') && !path.contains(".."), "{path}");
            match path {
                "compose.yaml" => Read::Bytes(
                    b"include: [/etc/passwd, ../x.yaml, a/../../y.yaml]\nservices:\n  a: {image: b, env_file: [/etc/shadow, ~/x], extends: {file: ../z.yaml, service: q}}\n"
                        .to_vec(),
                ),
                _ => Read::Missing,
            }
        }
    }
    let loaded = load(&Watch, &Settings::default());
    let outside = loaded
        .issues
        .iter()
        .filter(|issue| matches!(issue.kind, IssueKind::Outside { .. }));
    assert_eq!(outside.count(), 6, "{:?}", loaded.issues);
}

#[test]
fn circles_end() {
    let found = issues(&[
        (
            "compose.yaml",
            "include: [b.yaml]\nservices: {a: {extends: {file: b.yaml, service: b}}}\n",
        ),
        (
            "b.yaml",
            "include: [compose.yaml]\nservices: {b: {extends: {file: compose.yaml, service: a}}}\n",
        ),
    ]);
    let has = |wanted: fn(&IssueKind) -> bool| found.iter().any(|(_, _, kind)| wanted(kind));
    assert!(
        has(|kind| matches!(kind, IssueKind::IncludeCycle { .. })),
        "{found:?}"
    );
    assert!(
        has(|kind| matches!(kind, IssueKind::ExtendsCycle { .. })),
        "{found:?}"
    );
}

#[test]
fn services_of_two_files_that_wait_for_each_other_are_a_circle() {
    let found = issues(&[
        (
            "compose.yaml",
            "services: {a: {image: x, depends_on: [b]}, b: {image: x}}\n",
        ),
        (
            "compose.override.yaml",
            "services: {b: {depends_on: [a]}}\n",
        ),
    ]);
    assert!(
        matches!(&found[..], [(_, _, IssueKind::Circle { .. })]),
        "{found:?}"
    );
}

/// Each would take minutes, or all memory, if something were not bounded.
#[test]
fn hostile_projects_are_loaded_in_bounded_time() {
    use std::fmt::Write as _;
    let mut many = "services:\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(
            many,
            "  s{number}: {{image: a, depends_on: [s{}]}}",
            (number + 1) % 10_000
        );
    }
    let mut chain = "services:\n".to_owned();
    for number in 0..5000 {
        let _ = writeln!(
            chain,
            "  s{number}: {{extends: s{}, labels: {{l{number}: x}}}}",
            number + 1
        );
    }
    let mut big = format!(
        "services:\n  base: {{image: a, labels: [{}]}}\n",
        "\"a=b\", ".repeat(2000)
    );
    for number in 0..5000 {
        let _ = writeln!(big, "  s{number}: {{extends: base}}");
    }
    let scalar = format!(
        "services: {{a: {{image: \"{}\"}}}}\n",
        "x".repeat(1_000_000)
    );
    let open = format!("services: {{a: {{image: \"{}\"}}}}\n", "${".repeat(100_000));
    let deep = format!(
        "services: {{a: {{image: \"{}\"}}}}\n",
        "${A:-".repeat(100_000)
    );
    let ports =
        "services: {a: {image: a, ports: [\"1-65535:1-65535\", \"1-65535:1-65535/udp\"]}}\n"
            .to_owned();
    let include = format!("include: [{}]\n", "compose.yaml, ".repeat(10_000));
    for (name, text) in [
        ("many", many),
        ("chain", chain),
        ("big", big),
        ("scalar", scalar),
        ("open", open),
        ("deep", deep),
        ("ports", ports),
        ("include", include),
    ] {
        let began = Instant::now();
        let env = "A=${B:-".repeat(1000);
        let files = folder(&[
            ("compose.yaml", &text),
            (".env", &env),
            ("compose.override.yaml", &text),
        ]);
        let loaded = load(&files, &Settings::default());
        let findings = lint_project(&loaded, &Options::default(), &str::to_owned);
        let _ = (loaded.project.edges(), loaded.project.start_order());
        // All together take seconds of a processor; the limit leaves room for a machine that does much else.
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{name}: {:?}",
            began.elapsed()
        );
        assert!(!findings.is_empty(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn places_lie_in_their_files(
        text in "(services|include|  a: |extends: a\n|image: \\$\\{[A-Z?:}-]{0,4}|\\{|\\}|\n|  |한|env_file: x){0,24}",
        env in "([A-C]=|\"|'|\\$\\{A|\n|#| |가|export ){0,16}",
    ) {
        let files = folder(&[("compose.yaml", &text), ("compose.override.yaml", &text), (".env", &env), ("x", &env)]);
        let loaded = load(&files, &Settings::default());
        for issue in &loaded.issues {
            let text = loaded.files[issue.file].source().text();
            prop_assert!(text.get(issue.span.start..issue.span.end).is_some(), "{:?}", issue);
        }
    }

    #[test]
    fn an_empty_file_on_top_changes_nothing(
        ports in proptest::collection::vec("[1-9][0-9]{0,2}:[1-9][0-9]", 0..4),
        variables in proptest::collection::btree_map("[A-Z]{1,3}", "[a-z0-9 ]{0,4}", 0..4),
        command in "[a-z]{1,4}( [a-z]{1,4}){0,3}",
    ) {
        let variables: Vec<String> =
            variables.iter().map(|(name, value)| format!("{name}: \"{value}\"")).collect();
        let text = format!(
            "services: {{a: {{image: x, command: {command}, ports: {ports:?}, environment: {{{}}}, depends_on: [b]}}, b: {{build: .}}}}\n",
            variables.join(", "),
        );
        let one = load(&folder(&[("compose.yaml", &text)]), &Settings::default());
        for empty in ["services: {}\n", "# nothing\n", "services: {a: {}}\n"] {
            let files = folder(&[("compose.yaml", &text), ("compose.override.yaml", empty)]);
            let two = load(&files, &Settings::default());
            prop_assert_eq!(to_json(&one.tree), to_json(&two.tree));
        }
        let twice = folder(&[("compose.yaml", &text), ("compose.override.yaml", &text)]);
        let two = load(&twice, &Settings::default());
        prop_assert_eq!(to_json(&one.tree), to_json(&two.tree));
    }
}
