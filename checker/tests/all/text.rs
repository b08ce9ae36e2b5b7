//! What is judged without an engine: texts, bad files, hints.

use checker::check::{Endpoint, EngineCall, Surroundings, fitting_hints, fitting_hints_in};
use checker::spec::Exercise;
use checker::{Event, Lang, Report, Stage, Status};

use crate::ground::{check, exercise, folder, head, result};

async fn judged(assertion: &str, files: &[(&str, &str)]) -> Report {
    let dir = folder(files);
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{dockerfile: {assertion}}}\n",
        head("it")
    ));
    check(&exercise, dir.path(), None, "", 10).await.0
}

const BOARD: &str = "FROM base:1 AS build\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install \\\n    -r requirements.txt\nCOPY . .\nENV MODE=study TEAM=\"board\"\n\nFROM build\nCMD [\"python\", \"main.py\"]\n";

#[tokio::test]
async fn a_dockerfile_is_judged_by_what_it_says() {
    for (assertion, passes) in [
        ("{base: \"base:1\"}", true),
        ("{has: [{instruction: workdir, args: [/app]}]}", true),
        ("{has: [{instruction: WORKDIR, args: [/srv]}]}", false),
        (
            "{has: [{instruction: RUN, contains: pip install -r requirements.txt}]}",
            true,
        ),
        (
            "{has: [{instruction: ENV, args: [MODE=study, TEAM=board]}]}",
            true,
        ),
        ("{has: [{instruction: COPY, flag: --from}]}", false),
        ("{lacks: [{instruction: ADD}]}", true),
        ("{lacks: [{instruction: COPY, args: [., .]}]}", false),
        (
            "{order: [{instruction: COPY, contains: requirements.txt}, {instruction: RUN}, {instruction: COPY, args: [., .]}]}",
            true,
        ),
        (
            "{order: [{instruction: COPY, args: [., .]}, {instruction: RUN}]}",
            false,
        ),
        (
            "{order: [{instruction: COPY}, {instruction: VOLUME}]}",
            false,
        ),
        ("{form: {CMD: exec}}", true),
        ("{form: {CMD: shell}}", false),
        ("{form: {ENTRYPOINT: exec}}", false),
    ] {
        let report = judged(assertion, &[("Dockerfile", BOARD)]).await;
        let it = result(&report, "it");
        let wanted = if passes { Status::Pass } else { Status::Fail };
        assert_eq!(it.status, wanted, "{assertion}: {it:#?}");
        if !passes {
            assert!(it.expected.is_some() && it.actual.is_some(), "{it:#?}");
            assert_eq!(it.message, "the author's words");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_shown_with_its_line() {
    let report = judged(
        "{lacks: [{instruction: COPY, args: [., .]}]}",
        &[("Dockerfile", BOARD)],
    )
    .await;
    assert_eq!(
        result(&report, "it").actual.as_deref(),
        Some("line 6: COPY . .")
    );
    let wrong = [("Dockerfile", "FROM python:3.11 -slim\n")];
    let report = judged("{base: \"base:1\"}", &wrong).await;
    assert_eq!(
        result(&report, "it").actual.as_deref(),
        Some("python:3.11 -slim")
    );
}

#[tokio::test]
async fn a_missing_file_is_a_failure_that_names_what_is_there_instead() {
    let report = judged(
        "{has: [{instruction: FROM}]}",
        &[("dockerfile.txt", "FROM x\n")],
    )
    .await;
    let it = result(&report, "it");
    assert_eq!(it.status, Status::Fail);
    assert!(it.message.contains("`dockerfile.txt`"), "{}", it.message);
    let report = judged("{has: [{instruction: FROM}]}", &[("Dockerfile/x", "")]).await;
    assert!(result(&report, "it").message.contains("not a regular file"));
}

#[tokio::test]
async fn a_link_that_leads_out_a_pipe_and_a_huge_file_are_refused() {
    let yaml = format!(
        "  - {}\n    assert: {{dockerfile: {{has: [{{instruction: FROM}}]}}}}\n",
        head("it")
    );
    let exercise = exercise(&yaml);
    let outside = folder(&[("Dockerfile", "FROM x\n")]);

    let linked = folder(&[]);
    let target = outside.path().join("Dockerfile");
    std::os::unix::fs::symlink(target, linked.path().join("Dockerfile")).unwrap();
    let (report, _) = check(&exercise, linked.path(), None, "", 10).await;
    let it = result(&report, "it");
    assert_eq!(it.status, Status::Fail);
    assert!(it.message.contains("out of this folder"), "{}", it.message);

    let piped = folder(&[]);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        piped.path().join("Dockerfile"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    let (report, _) = check(&exercise, piped.path(), None, "", 10).await;
    assert!(result(&report, "it").message.contains("not a regular file"));

    let huge = folder(&[]);
    let file = std::fs::File::create(huge.path().join("Dockerfile")).unwrap();
    file.set_len(100 * 1024 * 1024).unwrap();
    let (report, _) = check(&exercise, huge.path(), None, "", 10).await;
    assert!(result(&report, "it").message.contains("100 MiB"));
}

#[tokio::test]
async fn a_context_that_is_too_large_is_a_failure_that_names_the_file() {
    let dir = folder(&[("Dockerfile", "FROM base:1\n"), ("a", "")]);
    let file = std::fs::File::create(dir.path().join("data.bin")).unwrap();
    file.set_len(60 * 1024 * 1024).unwrap();
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{build: {{}}}}\n",
        head("it")
    ));
    let (report, _) = check(&exercise, dir.path(), None, "", 10).await;
    let it = result(&report, "it");
    assert_eq!(it.status, Status::Fail);
    assert!(it.message.contains("`data.bin`"), "{}", it.message);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error() {
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{dockerfile: {{has: [{{instruction: FROM}}]}}}}\n",
        head("it")
    ));
    let nowhere = std::path::Path::new("/nowhere/at/all");
    let (report, _) = check(&exercise, nowhere, None, "", 10).await;
    assert_eq!(result(&report, "it").status, Status::Error);
}

#[tokio::test]
async fn the_same_files_give_the_same_hash_and_others_another() {
    let assertion = "{has: [{instruction: FROM}]}";
    let one = judged(assertion, &[("Dockerfile", "FROM x\n")]).await;
    let same = judged(assertion, &[("Dockerfile", "FROM x\n")]).await;
    let other = judged(assertion, &[("Dockerfile", "FROM y\n")]).await;
    assert_eq!(one.submission_hash, same.submission_hash);
    assert_ne!(one.submission_hash, other.submission_hash);
    assert_eq!(one.submission_hash.len(), 64);
}

#[test]
fn a_hint_with_a_condition_shows_only_where_it_fits() {
    let yaml = format!(
        "id: test/one\ntitle: {{ko: 시험, en: Test}}\nlesson: 01-test\nkind: files\ndifficulty: 1\nminutes: 1\nfiles: [Dockerfile]\nchecks:\n  - {}\n    assert: {{dockerfile: {{has: [{{instruction: FROM}}]}}}}\nhints:\n  - {{ko: 둘, en: you used ADD, when: {{dockerfile: {{has: [{{instruction: ADD}}]}}}}}}\n  - {{ko: 하나, en: always}}\n",
        head("it")
    );
    let exercise = Exercise::parse(&yaml).unwrap();
    let hints = |text: &str| -> Vec<String> {
        let dir = folder(&[("Dockerfile", text)]);
        fitting_hints(&exercise, dir.path(), Lang::En)
            .iter()
            .map(|hint| hint.get(Lang::En).to_owned())
            .collect()
    };
    assert_eq!(hints("FROM x\nCOPY a b\n"), ["always"]);
    assert_eq!(hints("FROM x\nADD a b\n"), ["you used ADD", "always"]);
}

#[tokio::test]
async fn a_hint_on_the_state_needs_an_engine_and_history_a_record() {
    let yaml = format!(
        "id: test/one\ntitle: {{ko: 시험, en: Test}}\nlesson: 01-test\nkind: sandbox\ndifficulty: 1\nminutes: 1\nchecks:\n  - {}\n    assert: {{container: {{name: web}}}}\nhints:\n  - {{ko: 하나, en: no web, when: {{container: {{name: web, exists: false}}}}}}\n  - {{ko: 둘, en: built, when: {{history: {{has: [{{call: build}}]}}}}}}\n  - {{ko: 셋, en: always}}\n",
        head("it")
    );
    let exercise = Exercise::parse(&yaml).unwrap();
    let dir = folder(&[]);
    let words = |hints: Vec<&checker::spec::Hint>| -> Vec<String> {
        hints.iter().map(|hint| hint.en.clone()).collect()
    };
    assert_eq!(
        words(fitting_hints(&exercise, dir.path(), Lang::En)),
        ["always"]
    );
    let call = EngineCall {
        kind: "build".to_owned(),
        status: 200,
        ..EngineCall::default()
    };
    let nowhere = Surroundings {
        engine: Endpoint::Unix(dir.path().join("no.sock")),
        probe_image: String::new(),
        history: Some(vec![call]),
    };
    let fitting = fitting_hints_in(&exercise, dir.path(), Lang::En, &nowhere).await;
    assert_eq!(words(fitting), ["built", "always"]);
    for (when, problem) in [
        ("{container: {name: web, within: 3}}", "does not wait"),
        (
            "{container: {name: web, exec: [{command: [id]}]}}",
            "runs no command",
        ),
        ("{resolves: {from: web, name: db}}", "text only"),
    ] {
        let yaml = yaml.replace("{container: {name: web, exists: false}}", when);
        let error = Exercise::parse(&yaml).unwrap_err();
        assert!(error.message.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn one_mistake_stands_in_a_report_once() {
    let check_of = |id: &str, what: &str| {
        format!(
            "  - {}\n    assert: {{command: {{file: a.sh, {what}}}}}\n",
            head(id)
        )
    };
    let exercise = exercise(&format!(
        "{}{}{}",
        check_of("remove", "is: run, has: ['--rm']"),
        check_of("list", "is: ps, has: ['-a']"),
        check_of("all", "equals: [\"docker run --rm x\\ndocker ps -a\"]"),
    ));
    let dir = folder(&[("a.sh", "docker run -rm x\ndocker ps -a\n")]);
    let (report, events) = check(&exercise, dir.path(), None, "", 10).await;
    let told = |id: &str| -> Vec<&str> {
        let findings = result(&report, id).findings.iter();
        findings.map(|one| one.rule.as_str()).collect()
    };
    assert_eq!(result(&report, "list").status, Status::Pass);
    assert_eq!(result(&report, "all").status, Status::Fail);
    assert_eq!(told("remove"), ["command-mistake"]);
    assert_eq!(told("list"), [""; 0]);
    assert!(!told("all").contains(&"command-mistake"), "{report:#?}");
    assert!(result(&report, "all").actual.is_some());
    let streamed = events.iter().filter(|event| {
        matches!(event, Event::Check { result } if result.findings.iter().any(|f| f.rule == "command-mistake"))
    });
    assert_eq!(streamed.count(), 1);
}

#[tokio::test]
async fn a_history_that_fails_leaves_the_state_to_be_judged() {
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{history: {{has: [{{call: volume create}}]}}}}\n  - {}\n    assert: {{volume: {{name: notes}}}}\n",
        head("made"),
        head("there"),
    ));
    let dir = folder(&[]);
    let (report, _) = check(&exercise, dir.path(), None, "", 10).await;
    for (id, says) in [("made", "no record"), ("there", "Docker Engine")] {
        let it = result(&report, id);
        assert_eq!(
            (it.stage, it.status),
            (Stage::Run, Status::Error),
            "{it:#?}"
        );
        assert!(it.message.contains(says), "{it:#?}");
    }
}
