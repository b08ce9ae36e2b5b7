//! Ten assertions on one image (four commands, five files, one on its metadata), beside container-structure-test.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use checker::Lang;
use checker::check::{Endpoint, Job};
use checker::spec::Exercise;

use crate::common::engine;
use crate::{compare, course_image, row};

const ROUNDS: usize = 7;

const COMMANDS: [(&str, &str); 4] = [
    ("echo hello", "hello"),
    ("uname -s", "Linux"),
    ("ls /etc/passwd", "/etc/passwd"),
    ("id -u", "0"),
];
const FILES: [&str; 5] = [
    "/bin/sh",
    "/etc/passwd",
    "/etc/group",
    "/bin/ls",
    "/etc/hostname",
];

pub(crate) async fn measure() {
    let peer = std::env::var("CONTAINER_STRUCTURE_TEST");
    let peer = peer.unwrap_or_else(|_| "container-structure-test".to_owned());
    if Command::new(&peer)
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        row("10 image assertions", "-", "not there", "-", "at most 0.1");
        return;
    }
    // Its command is bash.
    let image = course_image("debian");
    let dir = tempfile::tempdir().expect("a folder");
    let config = dir.path().join("test.yaml");
    std::fs::write(&config, theirs()).expect("a file");
    let exercise = Exercise::parse(&exercise(&image)).unwrap_or_else(|error| panic!("{error}"));
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let job = Job {
            exercise: &exercise,
            exercise_hash: String::new(),
            dir: dir.path(),
            engine: Some(Endpoint::Unix(engine::socket())),
            probe_image: String::new(),
            history: None,
            lang: Lang::En,
            deadline: Duration::from_secs(60),
        };
        let report = checker::check::run(job, &mut |_| {}).await;
        assert!(report.passed, "{report:#?}");
        ours.push(started.elapsed());
        let started = Instant::now();
        let output = Command::new(&peer)
            .args(["test", "--image", &image, "--config"])
            .arg(&config)
            .env(
                "DOCKER_HOST",
                format!("unix://{}", engine::socket().display()),
            )
            .output()
            .expect("the peer can be run");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        others.push(started.elapsed());
    }
    let what = "10 image assertions : container-structure-test";
    compare(what, &mut ours, &mut others, "at most 0.1");
}

fn exercise(image: &str) -> String {
    let files: Vec<String> = FILES
        .iter()
        .map(|path| format!("{{path: {path}}}"))
        .collect();
    let commands: Vec<String> = COMMANDS
        .iter()
        .map(|(command, says)| {
            let words = command.replace(' ', ", ");
            format!("{{command: [{words}], stdout: {{contains: '{says}'}}}}")
        })
        .collect();
    let head = |id| {
        format!(
            "id: {id}\n    title: {{ko: a, en: a}}\n    points: 1\n    failure: {{ko: a, en: a}}"
        )
    };
    format!(
        "id: bench/one\ntitle: {{ko: a, en: a}}\nlesson: 01-a\nkind: files\ndifficulty: 1\nminutes: 1\nimages: ['{image}']\nchecks:\n  - {}\n    assert: {{image: {{image: '{image}', cmd: [bash], files: [{}]}}}}\n  - {}\n    assert: {{run: {{image: '{image}', commands: [{}]}}}}\n",
        head("image"),
        files.join(", "),
        head("commands"),
        commands.join(", ")
    )
}

fn theirs() -> String {
    let mut yaml = "schemaVersion: 2.0.0\ncommandTests:\n".to_owned();
    for (command, says) in COMMANDS {
        let (program, argument) = command.split_once(' ').expect("two words");
        yaml += &format!(
            "- {{name: c, command: {program}, args: [{argument}], expectedOutput: ['{says}']}}\n"
        );
    }
    yaml += "fileExistenceTests:\n";
    for path in FILES {
        yaml += &format!("- {{name: f, path: {path}, shouldExist: true}}\n");
    }
    yaml + "metadataTest: {cmd: [bash]}\n"
}
