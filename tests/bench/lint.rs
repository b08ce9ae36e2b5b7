//! `docktutor lint` and hadolint, both as whole processes: a thousand Dockerfiles, and one of ten lines; the memory of
//! both; and one file of fifty lines without a process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use checker::Lang;
use checker::lint::{Options, lint_dockerfile};

use crate::{compare, median, row};

const FILES: usize = 1000;
const LINES: usize = 12;
/// Of one file. All files are one run of the peer, because that takes long, with one of ours before and one after.
const SMALL_ROUNDS: usize = 30;
/// Without a process.
const CALLS: usize = 2000;

pub(crate) fn measure() {
    in_process();
    let peer = std::env::var("HADOLINT").unwrap_or_else(|_| "hadolint".to_owned());
    let there = Command::new(&peer)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !there {
        row("lint : hadolint", "-", "not there", "-", "at most 0.005");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = (0..FILES)
        .map(|number| {
            let path = folder.path().join(format!("{number}.Dockerfile"));
            std::fs::write(&path, dockerfile(number, LINES)).expect("written");
            path
        })
        .collect();
    let ours = env!("CARGO_BIN_EXE_docktutor");
    let (before, lint_memory) = heavy(ours, &["lint", "--format", "json"], &files);
    let (theirs, peer_memory) = heavy(&peer, &["--no-fail", "--format", "json"], &files);
    let (after, _) = heavy(ours, &["lint", "--format", "json"], &files);
    compare(
        "docktutor lint : hadolint, 1,000 Dockerfiles",
        &mut [before, after],
        &mut [theirs],
        "at most 0.005",
    );
    row(
        "  peak resident memory",
        &format!("{:.1} MiB", lint_memory / 1024.0),
        &format!("{:.1} MiB", peer_memory / 1024.0),
        &format!("{:.4}", lint_memory / peer_memory),
        "below 1",
    );

    let small = folder.path().join("Dockerfile");
    std::fs::write(&small, dockerfile(0, 10)).expect("written");
    let small = [small];
    let (mut lint, mut hadolint) = (Vec::new(), Vec::new());
    for _ in 0..SMALL_ROUNDS {
        lint.push(time(ours, &["lint", "--format", "json"], &small));
        hadolint.push(time(&peer, &["--no-fail", "--format", "json"], &small));
    }
    compare(
        "docktutor lint : hadolint, one file of 10 lines",
        &mut lint,
        &mut hadolint,
        "at most 0.1",
    );
}

fn in_process() {
    let text = dockerfile(7, 50);
    assert_eq!(text.lines().count(), 50);
    let options = Options {
        lang: Lang::En,
        ignore: None,
        enable: &[],
        disable: &[],
    };
    let mut times: Vec<Duration> = (0..CALLS)
        .map(|_| {
            let began = Instant::now();
            let findings = lint_dockerfile(
                "Dockerfile",
                std::hint::black_box(text.as_bytes()),
                &options,
            );
            let time = began.elapsed();
            assert!(!findings.is_empty(), "the file has mistakes");
            time
        })
        .collect();
    let micros = median(&mut times).as_secs_f64() * 1e6;
    row(
        "lint of 50 lines, in process",
        &format!("{micros:.1} µs"),
        "",
        "",
        "below 100 µs",
    );
}

fn command(program: &str, arguments: &[&str], files: &[PathBuf]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(files)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

/// Until the end, with all output read. Mistakes are no failure, and nothing found is one: the files have mistakes.
fn time(program: &str, arguments: &[&str], files: &[PathBuf]) -> Duration {
    let mut command = command(program, arguments, files);
    let began = Instant::now();
    let output = command.output().expect("it runs");
    let time = began.elapsed();
    assert!(
        output.stdout.len() > 100 && output.status.code().is_some_and(|code| code < 2),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    time
}

/// The time of a run, and the most memory that it had, in KiB, as GNU time sees it.
fn heavy(program: &str, arguments: &[&str], files: &[PathBuf]) -> (Duration, f64) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = folder.path().join("memory");
    let said_name = said.to_str().expect("UTF-8");
    let mut all = vec!["--format=%M", "--output", said_name, "--quiet", program];
    all.extend(arguments);
    let time = time("/usr/bin/time", &all, files);
    (time, number(&said))
}

fn number(file: &Path) -> f64 {
    let text = std::fs::read_to_string(file).expect("what GNU time says");
    text.trim().parse().expect("a number of KiB")
}

/// A Dockerfile like those that learners write: so many lines, half of them `RUN`, no two files alike, some mistakes.
fn dockerfile(number: usize, lines: usize) -> String {
    let images = [
        "python:3.12-slim",
        "node:20-alpine",
        "debian:bookworm",
        "ubuntu",
    ];
    let steps = [
        "RUN apt-get update && apt-get install -y curl git",
        "RUN apt-get update && apt-get install -y --no-install-recommends gcc=4:12.2.0-3 && rm -rf /var/lib/apt/lists/*",
        "RUN pip install -r requirements.txt",
        "RUN cd /srv && for name in a b c; do mkdir -p \"/srv/$name\"; done",
        "RUN if [ -f /etc/alpine-release ]; then apk add --no-cache bash; else echo $HOME; fi",
        "RUN curl -fsSL https://example.com/file.tar.gz | tar -xz -C /opt",
        "RUN useradd --create-home app && chown -R app:app /app",
        "RUN [\"python\", \"-m\", \"compileall\", \"/app\"]",
    ];
    let others = [
        "COPY requirements.txt .",
        "ENV MODE=production",
        "WORKDIR /app",
        "# The next step is slow.",
        "LABEL stage=\"final\"",
        "COPY . .",
        "EXPOSE 8000",
        "ARG VERSION=1.2.3",
    ];
    let mut out = vec![format!("FROM {}", images[number % images.len()])];
    for line in 0..lines - 2 {
        let from = if line % 2 == 0 { &steps } else { &others };
        let text = from[(line / 2 + number) % from.len()];
        out.push(match text.strip_prefix("ENV MODE=") {
            Some(mode) => format!("ENV MODE_{number}_{line}={mode}"),
            None => text.to_owned(),
        });
    }
    out.push("CMD [\"python\", \"main.py\"]".to_owned());
    out.join("\n") + "\n"
}
