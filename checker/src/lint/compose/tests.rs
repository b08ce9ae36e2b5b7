use std::time::Instant;

use crate::lint::{Options, apply_fixes, lint_compose, lint_file};
use crate::{Finding, Lang, Severity};

fn look(text: &str) -> Vec<Finding> {
    lint_file("compose.yaml", text.as_bytes(), Lang::En)
}

/// Rule and marked text of each finding.
fn seen<'a>(text: &'a str, findings: &'a [Finding]) -> Vec<(&'a str, &'a str)> {
    findings
        .iter()
        .map(|f| (f.rule.as_str(), &text[f.start.offset..f.end.offset]))
        .collect()
}

/// The study note's own file, as it stands there.
const NOTE: &str = "version: \"3.8 \"
services:
   frontend:
      build:
         context: ./frontend
         dockerfile: Dockerfile
      ports: \"3000:3000\"
      volumes: ./frontend/src:/app/src
      depends_on: backend
   backend:
      build: ./backend
      ports: \"8000:8000\"
      environment:
         DATABASE_URL=postgresql://user.pass@db:5432/kmap
      depends_on: db
   db:
      image: postgres:15
      environment:
         POSTGRES_USER=user
         POSTGRES_PASSWORD=pass
         POSTGRES_DB=kmap
      volumes: db_data:/var/lib/postgresql/data
";

#[test]
fn compose_note_yields_exactly_its_mistakes() {
    let findings = look(NOTE);
    let pairs = "POSTGRES_USER=user\n         POSTGRES_PASSWORD=pass\n         POSTGRES_DB=kmap";
    assert_eq!(
        seen(NOTE, &findings),
        [
            ("compose-version", "version: \"3.8 \""),
            ("compose-ports-scalar", "\"3000:3000\""),
            ("compose-volumes-scalar", "./frontend/src:/app/src"),
            ("compose-depends-scalar", "backend"),
            ("compose-ports-scalar", "\"8000:8000\""),
            (
                "compose-env-string",
                "DATABASE_URL=postgresql://user.pass@db:5432/kmap"
            ),
            ("db-url", "user.pass"),
            ("compose-depends-scalar", "db"),
            ("depends-not-ready", "db"),
            ("compose-env-string", pairs),
            ("undeclared-volume", "db_data"),
            ("compose-volumes-scalar", "db_data:/var/lib/postgresql/data"),
        ]
    );
    for finding in &findings {
        assert_eq!(finding.mistake.as_deref(), Some(finding.rule.as_str()));
    }
    assert!(findings[0].message.contains("blank"), "{:?}", findings[0]);
    let volume = findings.iter().find(|f| f.rule == "undeclared-volume");
    let start = volume.expect("found").start;
    assert_eq!((start.line, start.column), (22, 16));
}

#[test]
fn compose_note_is_mended_by_its_fixes() {
    let mut text = NOTE.to_owned();
    for _ in 0..5 {
        let (fixed, _) = apply_fixes(text.as_bytes(), &look(&text));
        text = String::from_utf8(fixed).expect("still text");
    }
    // Whether the database is ready is a decision, and no edit.
    let left = look(&text);
    assert_eq!(seen(&text, &left), [("depends-not-ready", "db")], "{text}");
    for line in [
        "         - POSTGRES_DB=kmap\n",
        "      ports:\n        - \"3000:3000\"\n",
        "         - DATABASE_URL=postgresql://user:pass@db:5432/kmap\n",
        "\nvolumes:\n  db_data:\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    assert!(text.starts_with("services:\n"));
}

#[test]
fn compose_files_are_known_by_their_names() {
    for name in [
        "compose.yaml",
        "a/compose.yml",
        "docker-compose.yml",
        "docker-compose.override.yaml",
        "compose.prod.yml",
    ] {
        assert!(!lint_file(name, b"a: [", Lang::Ko).is_empty(), "{name}");
    }
    for name in [
        "my-compose.yaml",
        "composer.yaml",
        "compose.json",
        "k8s.yaml",
    ] {
        assert!(lint_file(name, b"a: [", Lang::Ko).is_empty(), "{name}");
    }
}

#[test]
fn what_may_stand_elsewhere_is_not_missed() {
    let part = "services:\n  web:\n    depends_on: [api]\n    volumes: [\"data:/x\"]\n";
    let of = |name: &str, text: &str| lint_file(name, text.as_bytes(), Lang::En);
    assert_eq!(of("compose.override.yaml", part), []);
    assert_eq!(of("compose.override.yaml", "services: {}\n"), []);
    assert_eq!(
        of("compose.yaml", &format!("include: [a.yaml]\n{part}")),
        []
    );
    assert_eq!(of("compose.yaml", part).len(), 3);
}

#[test]
fn anchors_and_merges_are_followed() {
    let text = "x-base: &base\n  image: nginx:1.29\n  restart: always\nservices:\n  a:\n    <<: *base\n    ports: [\"80:80\"]\n  b:\n    <<: [*base]\n    ports: [\"80:81\"]\n  c: *base\n";
    assert_eq!(
        seen(text, &look(text)),
        [("compose-port-clash", "\"80:81\"")]
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_the_service_and_a_guess() {
    let text = "services:\n  web:\n    imag: nginx\n    restrat: always\n  api:\n    build: {contxt: .}\n    networks: [bakend]\nnetworks:\n  backend:\n";
    let findings = look(text);
    assert_eq!(
        seen(text, &findings),
        [
            ("compose-unknown-key", "imag"),
            ("compose-unknown-key", "restrat"),
            ("compose-unknown-key", "contxt"),
            ("undefined-network", "bakend"),
        ]
    );
    for (finding, (place, guess)) in findings.iter().zip([
        ("`web`", "`image`?"),
        ("`web`", "`restart`?"),
        ("`api.build`", "`context`?"),
        ("`api`", "`backend`?"),
    ]) {
        assert!(finding.message.contains(place), "{}", finding.message);
        assert!(finding.message.ends_with(guess), "{}", finding.message);
    }
}

#[test]
fn places_are_right_in_any_encoding_of_lines() {
    let plain = "# 게시판\nservices:\n  웹: &x\n    imag: 가나다\n    ports: 80\n";
    let crlf = plain.replace('\n', "\r\n");
    for text in [plain.to_owned(), crlf.clone(), format!("\u{feff}{crlf}")] {
        let findings = look(&text);
        assert_eq!(
            seen(&text, &findings),
            [
                ("compose-unknown-key", "imag"),
                ("compose-ports-scalar", "80")
            ],
            "{text:?}"
        );
        assert_eq!((findings[0].start.line, findings[0].start.column), (4, 5));
    }
}

#[test]
fn what_follows_a_syntax_error_is_not_guessed() {
    let text = "services:\n  web:\n    depends_on: [db]\n    imag: nginx\n\tports: x\n";
    let findings = look(text);
    let rules: Vec<_> = findings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["compose-unknown-key", "yaml-syntax"]);
}

#[test]
fn comments_switch_compose_rules_off() {
    let text = "services:\n  web:\n    image: nginx # docktutor ignore=compose-latest\n  api:\n    # docktutor ignore=compose-latest\n    image: nginx\n  c:\n    image: nginx\n";
    assert_eq!(look(text).len(), 1);
    assert_eq!(
        look(&format!("# docktutor global ignore=compose-latest\n{text}")),
        []
    );
}

/// Each would take minutes, or all memory, if something were not bounded.
#[test]
fn hostile_compose_files_are_judged_in_bounded_time() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = level - 1;
        let items = vec![format!("*a{inner}"); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{items}]\n");
    }
    let many = |head: &str, line: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        let mut number = 0;
        while text.len() < 1_000_000 {
            text += &line(number);
            number += 1;
        }
        text
    };
    let cases = [
        ("bomb", bomb),
        ("depth", "[".repeat(100_000)),
        ("blocks", "- ".repeat(100_000)),
        ("keys", "? ".repeat(100_000)),
        ("nested", (0..900).map(|n| " ".repeat(n) + "a:\n").collect()),
        ("large", "a: b\n".repeat(1 << 20)),
        ("line", format!("services: {}", "a".repeat(1_000_000))),
        ("colons", ": ".repeat(500_000)),
        (
            "same",
            many("services:\n", &|_| "  a: {image: a}\n".to_owned()),
        ),
        (
            "services",
            many("services:\n", &|n| {
                format!(
                    "  s{n}: {{image: a, depends_on: [s{}], ports: [\"80:80\"]}}\n",
                    n + 1
                )
            }),
        ),
        (
            "ranges",
            many("services:\n", &|n| {
                format!("  s{n}: {{image: a, ports: [\"1-65535:1-65535\"]}}\n")
            }),
        ),
        (
            "cycle",
            many("services:\n  a:\n    depends_on:\n", &|_| {
                "    - a\n".to_owned()
            }),
        ),
        (
            "urls",
            many("services:\n  a:\n    command: ", &|_| {
                "postgres://a.b@c ".to_owned()
            }),
        ),
        (
            "variables",
            many("services:\n  a:\n    command: ", &|_| "${".to_owned()),
        ),
        ("anchors", many("", &|n| format!("- &a{n} x\n"))),
        ("lines", many("a: b\n", &|_| " c\n".to_owned())),
        ("quotes", many("a: \"", &|_| "\\\n".to_owned())),
        ("unknown", many("", &|n| format!("k{n}:\n"))),
    ];
    for (name, text) in cases {
        let start = Instant::now();
        let findings = look(&text);
        let time = start.elapsed();
        assert!(time.as_secs() < 6, "{name} took {time:?}");
        assert!(!findings.is_empty(), "{name}");
        assert!(findings.len() < 2_000, "{name}: {}", findings.len());
        if matches!(name, "bomb" | "depth" | "blocks" | "large" | "nested") {
            assert!(
                findings
                    .iter()
                    .any(|f| ["compose-too-large", "yaml-syntax"].contains(&f.rule.as_str())),
                "{name}: {findings:?}"
            );
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_compose_bytes_are_judged(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        check_places(&bytes)?;
    }

    #[test]
    fn anything_like_a_compose_file_is_judged(
        lines in proptest::collection::vec(" {0,6}(- |)(services|web|db|image|ports|volumes|environment|depends_on|build|<<|x|\\? |&a|\\*a|version|networks|\"|\\||>|)(: |:|)(\\[|\\{|)[-a-z0-9:=$\\{\\}\"'\\[\\],./ &*!|>#%@`한\t\r]{0,20}", 0..16)
    ) {
        check_places(lines.join("\n").as_bytes())?;
        check_places(format!("services:\n  web:\n    {}", lines.join("\n    ")).as_bytes())?;
    }
}

fn check_places(bytes: &[u8]) -> Result<(), proptest::test_runner::TestCaseError> {
    let source = dockerfile::Source::new(bytes);
    let options = Options {
        enable: &["all"],
        ..Options::default()
    };
    let findings = lint_compose("compose.yaml", bytes, &options);
    for finding in &findings {
        let fix = finding.fix.iter().map(|fix| (fix.start, fix.end));
        for (start, end) in fix.chain([(finding.start, finding.end)]) {
            let text = source.text().get(start.offset..end.offset);
            proptest::prop_assert!(text.is_some(), "{:?}", finding);
        }
        proptest::prop_assert!(finding.severity >= Severity::Info);
    }
    proptest::prop_assert_eq!(findings, lint_compose("compose.yaml", bytes, &options));
    Ok(())
}
