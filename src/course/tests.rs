//! The shipped course is whole, and every way of breaking a course is told with its place.

use super::*;

const YAML: &str = r#"id: web/serve
title: { ko: 응답, en: Serve }
lesson: 01-first
covers: [FROM]
kind: files
difficulty: 1
minutes: 5
images: ["python:3.11-slim"]
files: [Dockerfile]
checks:
  - id: text
    title: { ko: 글, en: Text }
    points: 1
    failure: { ko: 실수, en: A slip }
    assert:
      dockerfile: { clean: error }
hints:
  - when:
      dockerfile: { finding: [from-space] }
    ko: 보세요
    en: Look
"#;

const PAGE: &str =
    "Words.\n\n## Part\n\n```sh\necho a # comment\n```\n\n```exercise\nweb/serve\n```\n";

/// A small course that is whole.
fn course() -> Files {
    let mut files = Files::default();
    for (path, text) in [
        ("lessons/coverage.yaml", "instructions: [FROM, COPY]\n"),
        (
            "lessons/01-first/lesson.yaml",
            "id: 01-first\norder: 1\ntitle: {ko: 첫, en: First}\nsummary: {ko: 하나, en: One}\nminutes: 5\ncovers: [FROM]\nexercises: [web/serve]\n",
        ),
        ("lessons/01-first/ko.md", PAGE),
        ("lessons/01-first/en.md", PAGE),
        ("exercises/web/serve/exercise.yaml", YAML),
        ("exercises/web/serve/text.ko.md", "고쳐요."),
        ("exercises/web/serve/text.en.md", "Mend it."),
        (
            "exercises/web/serve/starter/Dockerfile",
            "FROM python:3.11 -slim\n",
        ),
        ("exercises/web/serve/starter/main.py", "pass\n"),
        (
            "exercises/web/serve/solution/Dockerfile",
            "FROM python:3.11-slim\n",
        ),
        (
            "exercises/web/serve/alternative/other/Dockerfile",
            "FROM python:3.11-slim AS web\n",
        ),
        ("exercises/web/serve/wrong/a/Dockerfile", "FRM x\n"),
        (
            "exercises/web/serve/wrong/a/expect.yaml",
            "misunderstanding: a\nfails: [text]\n",
        ),
        ("exercises/web/serve/wrong/b/Dockerfile", "x\n"),
        (
            "exercises/web/serve/wrong/b/expect.yaml",
            "misunderstanding: b\nfails: [text]\nfindings: [unknown-instruction]\n",
        ),
        ("exercises/images/python/Dockerfile", "FROM scratch\n"),
        ("exercises/images.yaml", "[]\n"),
    ] {
        files.insert(path, text.as_bytes().to_vec());
    }
    files
}

/// HTML without what stands in `code`, where `==` and `[!` are no Markdown.
fn without_code(html: &str) -> String {
    let mut pieces = html.split("<code");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |prose, piece| {
        prose + piece.split_once("</code>").map_or("", |(_, after)| after)
    })
}

#[test]
fn the_shipped_course_is_whole() {
    let course = Course::embedded().unwrap_or_else(|error| panic!("{error}"));
    assert!(!course.lessons().is_empty() && !course.exercises().is_empty());
    for lesson in course.lessons() {
        let words = lesson.page(Lang::En).words;
        assert!(
            (600..=1200).contains(&words),
            "{} has {words} English words",
            lesson.id
        );
        for lang in [Lang::Ko, Lang::En] {
            let prose = without_code(&lesson.page(lang).html);
            assert!(!prose.contains("=="), "{}: {prose}", lesson.id);
            assert!(!prose.contains("[!"), "{}: {prose}", lesson.id);
        }
    }
}

#[test]
fn the_folder_gives_the_same_course_as_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let from_folder = Course::load(folder).unwrap_or_else(|error| panic!("{error}"));
    let embedded = Course::embedded().unwrap_or_else(|error| panic!("{error}"));
    let hashes = |course: &Course| -> Vec<String> {
        course
            .exercises()
            .iter()
            .map(|exercise| exercise.hash.clone())
            .collect()
    };
    assert_eq!(hashes(&from_folder), hashes(&embedded));
    assert_eq!(from_folder.lessons().len(), embedded.lessons().len());
}

#[test]
fn a_whole_course_has_all_its_parts() {
    let course = Course::from_files(&course()).unwrap_or_else(|error| panic!("{error}"));
    let exercise = course.exercise("web/serve").expect("the exercise");
    let paths = |files: &[CourseFile]| {
        files
            .iter()
            .map(|(path, _)| path.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(paths(&exercise.starter), ["Dockerfile", "main.py"]);
    // Solution, alternatives and wrong cases are complete: what they do not change comes from the starter.
    assert_eq!(paths(&exercise.solution), ["Dockerfile", "main.py"]);
    assert_eq!(exercise.solution[0].1, b"FROM python:3.11-slim\n");
    assert_eq!(exercise.alternatives[0].name, "other");
    assert_eq!(
        paths(&exercise.alternatives[0].files),
        ["Dockerfile", "main.py"]
    );
    assert_eq!(paths(&exercise.wrong[0].0.files), ["Dockerfile", "main.py"]);
    assert_eq!(exercise.wrong[1].1.findings, ["unknown-instruction"]);
    assert_eq!(exercise.hints_html(Lang::En), ["<p>Look</p>\n"]);
    assert_eq!(exercise.text_html(Lang::Ko), "<p>고쳐요.</p>\n");
    assert_eq!(exercise.hash.len(), 64);
    let lesson = course.lesson("01-first").expect("the lesson");
    assert!(
        lesson
            .page(Lang::En)
            .html
            .contains("data-exercise=\"web/serve\"")
    );
}

#[test]
fn the_hash_follows_what_a_result_depends_on() {
    let hash = |files: &Files| {
        let course = Course::from_files(files).unwrap_or_else(|error| panic!("{error}"));
        course
            .exercise("web/serve")
            .expect("the exercise")
            .hash
            .clone()
    };
    let mut changed = course();
    changed.insert(
        "exercises/web/serve/text.en.md",
        b"Mend it, please.".to_vec(),
    );
    assert_eq!(hash(&course()), hash(&changed));
    changed.insert("exercises/web/serve/starter/main.py", b"exit()\n".to_vec());
    assert_ne!(hash(&course()), hash(&changed));
}

/// Breaks the course by one change, and expects one problem at that place.
#[track_caller]
fn broken(path: &str, from: &str, to: &str, expected: &[&str]) {
    let mut files = course();
    let old = files
        .bytes(path)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let old = old.unwrap_or_default();
    assert!(
        from.is_empty() || old.contains(from),
        "{path} has no `{from}`"
    );
    let new = if from.is_empty() {
        to.to_owned()
    } else {
        old.replacen(from, to, 1)
    };
    files.insert(path, new.into_bytes());
    let problems: Vec<String> = Course::problems(&files)
        .iter()
        .map(Problem::to_string)
        .collect();
    assert_eq!(problems, expected);
}

#[track_caller]
fn missing(path: &str, expected: &[&str]) {
    let mut files = course();
    files.remove(path).expect("the file was there");
    let problems: Vec<String> = Course::problems(&files)
        .iter()
        .map(Problem::to_string)
        .collect();
    assert_eq!(problems, expected);
}

#[test]
fn a_missing_file_is_told() {
    missing(
        "lessons/01-first/ko.md",
        &[
            "exercises/web/serve/exercise.yaml: there is no lesson `01-first`",
            "lessons: there is no lesson",
            "lessons/01-first/ko.md: the file is missing",
        ],
    );
    missing(
        "exercises/web/serve/text.en.md",
        &["exercises/web/serve/text.en.md: the file is missing"],
    );
    missing(
        "exercises/web/serve/starter/Dockerfile",
        &["exercises/web/serve/exercise.yaml:9: the starter has no file `Dockerfile`"],
    );
    missing(
        "exercises/web/serve/solution/Dockerfile",
        &["exercises/web/serve/solution: there is no solution"],
    );
    missing(
        "exercises/web/serve/wrong/a/expect.yaml",
        &[
            "exercises/web/serve/wrong: there must be at least two wrong cases, each from a real misunderstanding",
            "exercises/web/serve/wrong/a/expect.yaml: the file is missing",
        ],
    );
    missing(
        "exercises/web/serve/wrong/a/Dockerfile",
        &["exercises/web/serve/wrong/a: the case has no file that differs from the solution"],
    );
}

#[test]
fn what_stands_in_one_language_only_is_told() {
    let ko = "lessons/01-first/ko.md";
    let en = "lessons/01-first/en.md";
    broken(
        en,
        "## Part",
        "### Part",
        &[
            "lessons/01-first/en.md:3: here is a heading of level 3; ko.md:3 has a heading of level 2",
        ],
    );
    broken(
        en,
        "echo a",
        "echo b",
        &["lessons/01-first/en.md:5: here is `sh` code `echo b`; ko.md:5 has `sh` code `echo a`"],
    );
    // A comment is written for its readers.
    broken(ko, "# comment", "# 설명", &[]);
    broken(
        ko,
        "## Part",
        "Part",
        &["lessons/01-first/en.md:3: ko.md has nothing that answers to a heading of level 2"],
    );
    broken(
        "exercises/web/serve/text.ko.md",
        "",
        "고쳐요.\n\n```sh\nls\n```\n",
        &[
            "exercises/web/serve/text.ko.md:3: text.en.md has nothing that answers to `sh` code `ls`",
        ],
    );
}

#[test]
fn unknown_ids_are_told() {
    broken(
        "lessons/01-first/lesson.yaml",
        "covers: [FROM]",
        "covers: [FROMM]",
        &["lessons/01-first/lesson.yaml:6: `FROMM` is not in lessons/coverage.yaml"],
    );
    broken(
        "exercises/web/serve/exercise.yaml",
        "covers: [FROM]",
        "covers: [COPI]",
        &["exercises/web/serve/exercise.yaml:4: `COPI` is not in lessons/coverage.yaml"],
    );
    broken(
        "exercises/web/serve/exercise.yaml",
        "lesson: 01-first",
        "lesson: 02-second",
        &[
            "exercises/web/serve/exercise.yaml: there is no lesson `02-second`",
            "lessons/01-first/lesson.yaml: the exercise `web/serve` says that it belongs to `02-second`",
        ],
    );
    broken(
        "lessons/01-first/lesson.yaml",
        "[web/serve]",
        "[web/serve, web/more]",
        &[
            "lessons/01-first/en.md: the text shows the exercises [\"web/serve\"], lesson.yaml lists [\"web/serve\", \"web/more\"]",
            "lessons/01-first/ko.md: the text shows the exercises [\"web/serve\"], lesson.yaml lists [\"web/serve\", \"web/more\"]",
            "lessons/01-first/lesson.yaml: there is no exercise `web/more`",
        ],
    );
    broken(
        "exercises/web/serve/wrong/a/expect.yaml",
        "[text]",
        "[txt]",
        &["exercises/web/serve/wrong/a/expect.yaml:2: there is no check `txt`"],
    );
    broken(
        "lessons/01-first/lesson.yaml",
        "id: 01-first",
        "id: 01-last",
        &["lessons/01-first/lesson.yaml:1: the id is `01-last` and the folder `01-first`"],
    );
    broken(
        "lessons/01-first/lesson.yaml",
        "order: 1",
        "order: 2",
        &["lessons/01-first/lesson.yaml:2: the order is 2 and the folder `01-first`"],
    );
}

#[test]
fn questions_are_compared_with_those_that_are_there() {
    let yaml = "exercises/web/serve/exercise.yaml";
    let with = |before: &str| format!("minutes: 5\nbefore: {before}\nimages");
    broken(
        yaml,
        "minutes: 5\nimages",
        &with("web/none"),
        &["exercises/web/serve/exercise.yaml: there is no exercise `web/none` (`before`)"],
    );
    let mut files = course();
    let text = YAML.replace("minutes: 5\nimages", &with("web/serve"));
    files.insert(yaml, text.into_bytes());
    assert_eq!(Course::problems(&files), []);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    broken(
        "lessons/01-first/lesson.yaml",
        "minutes: 5",
        "minuets: 5",
        &[
            "exercises/web/serve/exercise.yaml: there is no lesson `01-first`",
            "lessons: there is no lesson",
            "lessons/01-first/lesson.yaml:5: unknown field `minuets`, expected one of `id`, `order`, `title`, `summary`, `minutes`, `covers`, `exercises` at line 5 column 1",
        ],
    );
    broken(
        "exercises/web/serve/exercise.yaml",
        "kind: files",
        "kinds: files",
        &[
            "exercises/web/serve/exercise.yaml:5: unknown field `kinds`, expected one of `id`, `title`, `lesson`, `covers`, `kind`, `difficulty`, `minutes`, `images`, `files`, `checks`, `hints`, `before` (did you mean `kind`?)",
        ],
    );
    broken(
        "lessons/01-first/en.md",
        "Words.",
        "# Words\n\n[a](javascript:b)",
        &[
            "lessons/01-first/en.md:1: here is a heading of level 1; ko.md:3 has a heading of level 2",
            "lessons/01-first/en.md:1: the title stands in lesson.yaml; headings in the text begin with `##`",
            "lessons/01-first/en.md:3: a link to `javascript:b` is not allowed",
        ],
    );
    let mut files = course();
    files.insert("lessons/01-first/en.md", b"a\n\xff".to_vec());
    let problems = Course::problems(&files);
    assert!(
        problems
            .iter()
            .any(|p| p.to_string() == "lessons/01-first/en.md:2: the file is not UTF-8"),
        "{problems:?}"
    );
}

#[test]
fn stray_files_are_told() {
    for path in [
        "lessons/notes.txt",
        "lessons/01-first/old.md",
        "exercises/web/serve/README.md",
        "exercises/web/serve/wrong/x",
        "exercises/web/y",
    ] {
        let mut files = course();
        files.insert(path, b"x".to_vec());
        let problems = Course::problems(&files);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            problems[0].to_string(),
            format!("{path}: this file belongs to no lesson and no exercise")
        );
    }
}

#[test]
fn what_a_desktop_leaves_in_folders_is_no_problem() {
    let mut files = course();
    files.insert("lessons/.DS_Store", vec![0]);
    files.insert("exercises/web/serve/starter/._main.py", vec![0]);
    assert_eq!(Course::problems(&files), []);
}

#[test]
fn a_course_without_ids_of_its_own_takes_ours() {
    let mut files = course();
    files
        .remove("lessons/coverage.yaml")
        .expect("the file was there");
    assert_eq!(Course::problems(&files), []);
}

#[test]
fn help_and_cases_are_demanded() {
    broken(
        "exercises/web/serve/exercise.yaml",
        "  - when:\n      dockerfile: { finding: [from-space] }\n    ko",
        "  - ko",
        &["exercises/web/serve/exercise.yaml: no hint depends on what the learner did (`when`)"],
    );
    broken(
        "exercises/web/serve/solution/main.py",
        "",
        "pass\n",
        &[
            "exercises/web/serve/solution/main.py: this file is the same as the starter's; leave it out",
        ],
    );
}

#[test]
fn a_folder_that_is_no_course_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Course::load(folder.path()).expect_err("no course");
    assert!(
        error.to_string().contains("there is no folder `lessons`"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["lessons", "exercises"] {
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("lessons/ko.md")).expect("a link");
    let error = Course::load(folder.path()).expect_err("a link");
    assert!(
        error
            .to_string()
            .contains("lessons/ko.md: it is neither a file nor a folder"),
        "{error}"
    );
}
