//! `docktutor grade` on a real engine: broken and hostile submissions beside good ones, and a run that is killed.
//! `docktutor watch` in a terminal.
//!
//! `scripts/test.sh` starts the engine and prepares its images; these tests are not part of a plain `cargo test`.

mod commands;
#[path = "../common/mod.rs"]
mod common;
mod watch;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use docktutor::course::Course;
use serde_json::Value;

use common::home::Home;
use common::{EXERCISE, PATIENCE, engine};

/// A submission as the solution has it, with one line of the Dockerfile in the place of `EXPOSE`.
fn submit(folder: &Path, name: &str, line: &str) -> PathBuf {
    let course = Course::embedded().unwrap_or_else(|error| panic!("{error}"));
    let exercise = course.exercise(EXERCISE).expect("the exercise");
    let folder = folder.join(name);
    for (path, bytes) in &exercise.solution {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    let dockerfile = folder.join("Dockerfile");
    let text = std::fs::read_to_string(&dockerfile).expect("a Dockerfile");
    assert!(text.contains("EXPOSE 8000"), "{text}");
    std::fs::write(dockerfile, text.replace("EXPOSE 8000", line)).expect("a Dockerfile");
    folder
}

/// The outcome of each submission, by its name.
fn outcomes(results: &Path) -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(results.join("summary.json")).expect("a summary");
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    let all = summary["submissions"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter()
        .map(|one| {
            (
                text(&one["name"]),
                (text(&one["outcome"]), text(&one["reason"])),
            )
        })
        .collect()
}

/// What checks of this installation have on the engine; they label it with ids of their own.
fn left(home: &Home) -> Vec<String> {
    let instance = home.instance();
    let stem = &instance[..instance.len() - 1];
    ["0", "1", "l", "o"]
        .iter()
        .flat_map(|letter| engine::all_of(&format!("{stem}{letter}")))
        .collect()
}

/// Containers of any kind that run now, builds' too.
fn running() -> Vec<String> {
    let all = engine::get("/containers/json");
    let commands = all.as_array().into_iter().flatten();
    commands.map(|one| one["Command"].to_string()).collect()
}

#[test]
fn broken_and_hostile_submissions_stop_nobody() {
    let home = Home::new();
    let all = home.beside("submissions");
    for name in ["good1", "good2", "good3"] {
        submit(&all, name, "EXPOSE 8000");
    }
    submit(&all, "wrong", "RUN false");
    submit(&all, "noise", "RUN yes");
    submit(&all, "loop", "RUN while :; do :; done");
    submit(&all, "silent", "RUN sleep 7777");
    submit(&all, "bomb", "RUN f() { f | f & }; f; sleep 7777");
    submit(&all, "disk", "RUN dd if=/dev/zero of=/big bs=1M count=8000");
    let out = submit(&all, "leads-out", "EXPOSE 8000");
    symlink("/etc/passwd", out.join("passwd")).expect("a link");
    let huge = submit(&all, "huge", "EXPOSE 8000");
    std::fs::File::create(huge.join("model.bin"))
        .and_then(|file| file.set_len(1 << 40))
        .expect("a file with a hole");
    std::fs::write(all.join("torn.tar.gz"), "not an archive").expect("a file");
    std::fs::create_dir(all.join("empty")).expect("a folder");

    let results = home.beside("results");
    let output = home.run(&[
        "grade",
        EXERCISE,
        &all.to_string_lossy(),
        "--jobs",
        "3",
        "--timeout",
        "60",
        "--disk",
        "600",
        "--lang",
        "en",
        "--out",
        &results.to_string_lossy(),
    ]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let found = outcomes(&results);
    assert_eq!(found.len(), 13, "{found:#?}\n{said}");
    for (name, (outcome, reason)) in &found {
        let wanted = if name.starts_with("good") {
            "passed"
        } else {
            "failed"
        };
        assert_eq!(outcome, wanted, "{name}: {reason}\n{said}");
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
    let reason = |name: &str| found[name].1.as_str();
    assert!(
        reason("leads-out").contains("leads out"),
        "{}",
        reason("leads-out")
    );
    assert!(reason("huge").contains("larger than"), "{}", reason("huge"));
    assert!(reason("torn").contains("archive"), "{}", reason("torn"));
    assert!(
        reason("disk").contains("wrote more than"),
        "{}",
        reason("disk")
    );
    assert!(results.join("results.csv").is_file());
    assert_eq!(left(&home), Vec::<String>::new());
    let builds = running();
    assert!(
        !builds
            .iter()
            .any(|command| command.contains("7777") || command.contains("yes")),
        "{builds:#?}"
    );
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let home = Home::new();
    let all = home.beside("submissions");
    for number in 1..=6 {
        // Each one builds something of its own, so that it takes a while.
        submit(
            &all,
            &format!("s{number}"),
            &format!("RUN sleep 1; echo {number}"),
        );
    }
    let results = home.beside("results");
    let (all, out) = (
        all.to_string_lossy().into_owned(),
        results.to_string_lossy().into_owned(),
    );
    let arguments = [
        "grade", EXERCISE, &all, "--jobs", "2", "--lang", "en", "--out", &out,
    ];
    let reports = || {
        let entries = std::fs::read_dir(results.join("reports"))
            .into_iter()
            .flatten()
            .flatten();
        let times = entries.filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let modified = entry.metadata().ok()?.modified().ok()?;
            name.ends_with(".json").then_some((name, modified))
        });
        times.collect::<BTreeMap<_, _>>()
    };

    let mut first = home
        .command(&arguments)
        .spawn()
        .expect("docktutor can be run");
    let deadline = Instant::now() + PATIENCE;
    while reports().len() < 2 {
        assert!(Instant::now() < deadline, "no result comes");
        assert!(
            first.try_wait().expect("a process").is_none(),
            "it ended early"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    first.kill().expect("it can be killed");
    first.wait().expect("it has ended");
    let kept = reports();
    assert!(kept.len() < 6, "it was killed too late to see anything");

    let output = home.run(&arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let now = reports();
    assert_eq!(now.len(), 6);
    for (name, modified) in &kept {
        assert_eq!(&now[name], modified, "{name} was graded again");
    }
    assert!(said.contains("graded before"), "{said}");
    assert_eq!(left(&home), Vec::<String>::new());
    assert!(!home.data().join("check/0/copies").exists());

    // A changed submission is graded again, and only that one.
    submit(Path::new(&all), "s1", "RUN false");
    let output = home.run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let changed: Vec<String> = reports()
        .into_iter()
        .filter(|(name, modified)| now[name] != *modified)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, ["s1.json"]);
}
