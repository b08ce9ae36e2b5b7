//! Mistakes that authors make in `exercise.yaml`: each is told where it stands, and with a guess where there is one.

use super::tests::GOOD;
use super::{Exercise, SpecError};

/// A piece of the good exercise and what an author wrote in its place; then line, column, words of the message, guess.
type Mistake = (
    &'static str,
    &'static str,
    (usize, usize),
    &'static str,
    Option<&'static str>,
);

const KEYS: [Mistake; 12] = [
    (
        "lesson: 01",
        "leson: 01",
        (3, 1),
        "unknown field `leson`",
        Some("lesson"),
    ),
    (
        "minutes: 10",
        "minutes: 10\nauthor: me",
        (8, 1),
        "unknown field `author`",
        None,
    ),
    (
        "    points: 2",
        "    point: 2",
        (13, 5),
        "unknown field `point`",
        Some("points"),
    ),
    (
        "{ko: 글, en: Text}",
        "{ko: 글, en: Text, fr: Texte}",
        (12, 30),
        "unknown field `fr`",
        None,
    ),
    (
        "        base: ",
        "        bsae: ",
        (18, 9),
        "unknown field `bsae`",
        Some("base"),
    ),
    (
        "{instruction: WORKDIR",
        "{intsruction: WORKDIR",
        (19, 16),
        "`intsruction`",
        Some("instruction"),
    ),
    (
        "{tag: \"board:1\"}",
        "{tga: \"board:1\"}",
        (25, 22),
        "unknown field `tga`",
        Some("tag"),
    ),
    (
        "body: {contains",
        "body: {contians",
        (31, 33),
        "unknown field `contians`",
        Some("contains"),
    ),
    (
        "when: {dockerfile: {finding",
        "wehn: {dockerfile: {finding",
        (33, 50),
        "`wehn`",
        Some("when"),
    ),
    (
        "{finding: [from",
        "{findng: [from",
        (33, 70),
        "unknown field `findng`",
        Some("finding"),
    ),
    (
        "      http: {",
        "      htpt: {",
        (31, 7),
        "unknown variant `htpt`",
        Some("http"),
    ),
    (
        "when: {dockerfile:",
        "when: {dockerflie:",
        (33, 57),
        "`dockerflie`",
        Some("dockerfile"),
    ),
];

const VALUES: [Mistake; 15] = [
    (
        "kind: files",
        "kind: file",
        (5, 7),
        "unknown variant `file`",
        Some("files"),
    ),
    (
        "clean: error",
        "clean: errror",
        (17, 16),
        "unknown variant `errror`",
        Some("error"),
    ),
    (
        "{CMD: exec}",
        "{CMD: exce}",
        (20, 21),
        "unknown variant `exce`",
        Some("exec"),
    ),
    (
        "difficulty: 1",
        "difficulty: easy",
        (6, 13),
        "invalid type: string \"easy\"",
        None,
    ),
    (
        "minutes: 10",
        "minutes: \"10\"",
        (7, 10),
        "invalid type: string \"10\"",
        Some("10"),
    ),
    (
        "minutes: 10",
        "minutes: -1",
        (7, 10),
        "invalid type: integer `-1`",
        None,
    ),
    (
        "files: [Dockerfile]",
        "files: Dockerfile",
        (9, 8),
        "expected a sequence",
        None,
    ),
    (
        "title: {ko: 글, en: Text}",
        "title: Text",
        (12, 12),
        "expected struct Text",
        None,
    ),
    (
        "    points: 3",
        "    points: many",
        (23, 13),
        "checks[1].points",
        None,
    ),
    (
        "{port: 8000",
        "{port: 80000",
        (31, 20),
        "invalid value",
        None,
    ),
    ("{port: 8000", "{port: web", (31, 20), "invalid type", None),
    (
        "assert: {build: {tag: \"board:1\"}}",
        "assert: build",
        (25, 13),
        "its kind and what it demands",
        None,
    ),
    (
        "assert: {build: {tag: \"board:1\"}}",
        "assert: {build: {}, http: {port: 80}}",
        (25, 13),
        "",
        None,
    ),
    (
        "assert: {build: {tag: \"board:1\"}}",
        "assert: {container: {name: web, exists: yes}}",
        (25, 45),
        "expected a boolean",
        Some("true"),
    ),
    (
        "checks:\n",
        "checks: none\nother:\n",
        (10, 9),
        "expected a sequence",
        None,
    ),
];

const MISSING: [Mistake; 6] = [
    (
        "id: images/first-dockerfile\n",
        "",
        (1, 1),
        "missing field `id`",
        None,
    ),
    ("kind: files\n", "", (1, 1), "missing field `kind`", None),
    (
        "    points: 3\n",
        "",
        (21, 5),
        "missing field `points`",
        None,
    ),
    (
        "title: {ko: 빌드, en: Build}",
        "title: {en: Build}",
        (22, 12),
        "missing field `ko`",
        None,
    ),
    (
        "    assert: {build: {tag: \"board:1\"}}\n",
        "",
        (21, 5),
        "missing field `assert`",
        None,
    ),
    (
        "{instruction: WORKDIR, args: [/app]}",
        "{args: [/app]}",
        (19, 15),
        "missing field `instruction`",
        None,
    ),
];

const YAML: [Mistake; 8] = [
    ("    points: 2", "\tpoints: 2", (13, 1), "a tab", None),
    (
        "difficulty: 1",
        "difficulty: 1\ndifficulty: 2",
        (7, 1),
        "`difficulty` is there twice",
        None,
    ),
    (
        "    points: 3",
        "    points: 3\n    points: 4",
        (24, 5),
        "in line 23 too",
        None,
    ),
    (
        "{port: 8000",
        "{env: {A: 1, A: 2}, port: 8000",
        (31, 26),
        "`A` is there twice",
        None,
    ),
    (
        "en: Look at the first line.",
        "en: \"Look at the first line.",
        (33, 25),
        "a quote",
        None,
    ),
    (
        "files: [Dockerfile]",
        "files: [Dockerfile",
        (10, 7),
        "",
        None,
    ),
    ("id: images", "id: *images", (1, 5), "anchor", None),
    ("en: Look again.}", "en: Look: again.}", (14, 36), "", None),
];

const MEANING: [Mistake; 17] = [
    (
        "id: images/first-dockerfile",
        "id: First",
        (1, 5),
        "topic/name",
        None,
    ),
    (
        "- id: build",
        "- id: Build it",
        (21, 9),
        "not kebab-case",
        None,
    ),
    (
        "- id: build",
        "- id: text",
        (21, 9),
        "`text` is there twice",
        None,
    ),
    (
        "covers: [dockerfile, from-space]",
        "covers: [dockerfile, dockerfile]",
        (4, 22),
        "there twice",
        None,
    ),
    (
        "difficulty: 1",
        "difficulty: 9",
        (6, 13),
        "from 1 to 4",
        None,
    ),
    ("minutes: 10", "minutes: 0", (7, 10), "more than 0", None),
    (
        "    points: 3",
        "    points: 0",
        (23, 13),
        "has no points",
        None,
    ),
    (
        "title: {ko: 빌드, en: Build}",
        "title: {ko: 빌드, en: \" \"}",
        (22, 25),
        "empty text",
        None,
    ),
    (
        "files: [Dockerfile]",
        "files: [../Dockerfile]",
        (9, 9),
        "inside the exercise's folder",
        None,
    ),
    (
        "base: python:3.11-slim",
        "base: python:3.12-slim",
        (18, 15),
        "not listed under `images`",
        None,
    ),
    (
        "instruction: WORKDIR",
        "instruction: WORKDRI",
        (19, 29),
        "WORKDRI",
        Some("WORKDIR"),
    ),
    (
        "finding: [from-space]",
        "finding: [from-spcae]",
        (33, 80),
        "no rule `from-spcae`",
        Some("from-space"),
    ),
    (
        "when: {dockerfile: {finding: [from-space]}}",
        "when: {http: {port: 80}}",
        (33, 56),
        "text only",
        None,
    ),
    (
        "kind: files",
        "kind: quiz",
        (5, 7),
        "needs a check with `answer`",
        None,
    ),
    (
        "assert: {build: {tag: \"board:1\"}}",
        "assert: {container: {name: web, state: runing}}",
        (25, 44),
        "`runing` is no `state`",
        Some("running"),
    ),
    (
        "assert: {build: {tag: \"board:1\"}}",
        "assert: {history: {has: [{call: container strat}]}}",
        (25, 37),
        "is no call",
        Some("container start"),
    ),
    (
        "assert: {build: {tag: \"board:1\"}}",
        "assert: {image: {user: app}}",
        (25, 13),
        "no check builds one",
        None,
    ),
];

#[test]
fn every_mistake_is_told_at_its_place() {
    let mut differences = Vec::new();
    for (from, to, place, says, guess) in [&KEYS[..], &VALUES, &MISSING, &YAML, &MEANING].concat() {
        assert!(GOOD.contains(from), "{from}");
        let Err(error) = Exercise::parse(&GOOD.replacen(from, to, 1)) else {
            differences.push(format!("{to:?}: taken for good"));
            continue;
        };
        let SpecError {
            line,
            column,
            message,
            suggestion,
        } = &error;
        if (*line, *column) != place || !message.contains(says) || suggestion.as_deref() != guess {
            differences.push(format!(
                "{to:?}: {error}\n    not {place:?} {says:?} {guess:?}"
            ));
        }
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[test]
fn a_key_that_is_missing_is_told_where_its_mapping_begins_also_behind_a_mark_and_windows_lines() {
    let windows = format!(
        "\u{feff}{}",
        GOOD.replace("    points: 3\n", "").replace('\n', "\r\n")
    );
    let error = Exercise::parse(&windows).expect_err("points are missing");
    assert_eq!((error.line, error.column), (21, 5), "{error}");
    let good = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    assert!(Exercise::parse(&good).is_ok());
}
