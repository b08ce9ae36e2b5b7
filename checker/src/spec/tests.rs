use super::*;

/// An exercise with nothing wrong in it.
pub(crate) const GOOD: &str = r#"id: images/first-dockerfile
title: {ko: 첫 Dockerfile, en: Your first Dockerfile}
lesson: 01-images-and-containers
covers: [dockerfile, from-space]
kind: files
difficulty: 1
minutes: 10
images: ["python:3.11-slim"]
files: [Dockerfile]
checks:
  - id: text
    title: {ko: 글, en: Text}
    points: 2
    failure: {ko: 다시 보세요., en: Look again.}
    assert:
      dockerfile:
        clean: error
        base: python:3.11-slim
        has: [{instruction: WORKDIR, args: [/app]}]
        form: {CMD: exec}
  - id: build
    title: {ko: 빌드, en: Build}
    points: 3
    failure: {ko: 빌드가 안 돼요., en: It does not build.}
    assert: {build: {tag: "board:1"}}
  - id: answers
    title: {ko: 응답, en: Answer}
    points: 5
    failure: {ko: 응답이 달라요., en: The answer differs.}
    assert:
      http: {port: 8000, body: {contains: board}}
hints:
  - {ko: 첫 줄을 보세요., en: Look at the first line., when: {dockerfile: {finding: [from-space]}}}
  - {ko: 태그에는 빈칸이 없어요., en: A tag has no space.}
"#;

fn error(from: &str, to: &str) -> SpecError {
    assert!(GOOD.contains(from), "{from}");
    Exercise::parse(&GOOD.replacen(from, to, 1)).expect_err("this is wrong")
}

#[test]
fn a_whole_exercise_is_read() {
    let exercise = Exercise::parse(GOOD).unwrap();
    assert_eq!(exercise.max_points(), 10);
    assert_eq!(exercise.title.get(Lang::Ko), "첫 Dockerfile");
    let stages: Vec<Stage> = exercise.checks.iter().map(Check::stage).collect();
    assert_eq!(stages, [Stage::Text, Stage::Build, Stage::Run]);
    assert!(exercise.hints[0].when.is_some());
    assert_eq!(exercise.text_files(), ["Dockerfile"]);
    let again = serde_yaml::to_string(&exercise).unwrap();
    assert_eq!(Exercise::parse(&again).unwrap(), exercise);
}

#[test]
fn a_misspelt_field_is_told_with_its_place_and_a_guess() {
    let top = error("minutes: 10", "minuts: 10");
    assert_eq!((top.line, top.column), (7, 1));
    assert_eq!(top.suggestion.as_deref(), Some("minutes"));

    let check = error("    points: 3", "    pionts: 3");
    assert_eq!((check.line, check.column), (23, 5));
    assert_eq!(check.suggestion.as_deref(), Some("points"));

    let inner = error("clean: error", "claen: error");
    assert_eq!((inner.line, inner.column), (17, 9));
    assert_eq!(inner.suggestion.as_deref(), Some("clean"));

    let flow = error("{port: 8000, body", "{prot: 8000, body");
    assert_eq!((flow.line, flow.column), (31, 14));
    assert_eq!(flow.suggestion.as_deref(), Some("port"));
}

#[test]
fn a_misspelt_assertion_is_told_with_a_guess() {
    let kind = error("assert: {build:", "assert: {biuld:");
    assert_eq!(kind.line, 25);
    assert_eq!(kind.suggestion.as_deref(), Some("build"));
    let value = error("kind: files", "kind: flies");
    assert_eq!((value.line, value.column), (5, 7));
    assert_eq!(value.suggestion.as_deref(), Some("files"));
    let text = error(
        "title: {ko: 글, en: Text}",
        "title: {ko: 글, en: Text, fr: Texte}",
    );
    assert_eq!((text.line, text.suggestion), (12, None));
}

#[test]
fn a_key_that_is_there_twice_is_told_at_its_second_place() {
    let twice = error("difficulty: 1", "difficulty: 1\ndifficulty: 2");
    assert_eq!((twice.line, twice.column), (7, 1));
}

#[test]
fn a_missing_text_is_an_error() {
    let missing = error("title: {ko: 빌드, en: Build}", "title: {en: Build}");
    assert!(missing.message.contains("`ko`"), "{missing}");
    assert_eq!(missing.line, 22);
}

#[test]
fn what_the_types_do_not_say_is_checked_too() {
    for (from, to, message, line) in [
        ("points: 3", "points: 0", "check `build` has no points", 23),
        (
            "- id: build",
            "- id: text",
            "the check `text` is there twice",
            0,
        ),
        (
            "base: python:3.11-slim",
            "base: python:3.12-slim",
            "not listed under `images`",
            18,
        ),
        (
            "files: [Dockerfile]",
            "files: [../Dockerfile]",
            "inside the exercise's folder",
            9,
        ),
        ("instruction: WORKDIR", "instruction: WORKDRI", "WORKDRI", 0),
        (
            "assert: {build: {tag: \"board:1\"}}",
            "assert: {image: {user: app}}",
            "no check builds one",
            0,
        ),
        (
            "{dockerfile: {finding: [from-space]}}",
            "{http: {port: 80}}",
            "text only",
            0,
        ),
        (
            "finding: [from-space]",
            "finding: [from-spcae]",
            "no rule `from-spcae`",
            0,
        ),
        ("difficulty: 1", "difficulty: 9", "from 1 to 4", 6),
        ("port: 8000", "port: 0", "port 0", 0),
        ("id: images/first-dockerfile", "id: First", "topic/name", 1),
    ] {
        let error = error(from, to);
        assert!(error.message.contains(message), "{error}");
        if line > 0 {
            assert_eq!(error.line, line, "{error}");
        }
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let yaml = GOOD
        .replace("difficulty: 1", "difficulty: 9")
        .replace("points: 3", "points: 0");
    let errors = Exercise::parse_all(&yaml).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].line < errors[1].line);
}

#[test]
fn hostile_yaml_is_an_error_and_no_panic() {
    let bomb = format!(
        "a: &a [x,x,x,x,x,x,x,x,x]\n{}",
        (1..12)
            .map(|n| {
                let before = if n == 1 {
                    "a".to_owned()
                } else {
                    format!("b{}", n - 1)
                };
                format!(
                    "b{n}: &b{n} [{}]\n",
                    vec![format!("*{before}"); 9].join(",")
                )
            })
            .collect::<String>()
    );
    for yaml in [
        "",
        "\0",
        "[",
        "id: [",
        "- a",
        bomb.as_str(),
        &"[".repeat(10_000),
    ] {
        assert!(Exercise::parse(yaml).is_err());
    }
}
