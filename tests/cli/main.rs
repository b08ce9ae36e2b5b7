//! The command line on bad input: each file gets a clear finding or error, in bounded time and memory, and never a panic.
//! No engine is needed.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Nothing that is read here may take longer, in a debug build on a busy machine.
const MOST: Duration = Duration::from_secs(20);

/// Address space of a run, in KiB: far below what a file of 100 MB would need if it were read whole and cut up.
const MEMORY: u64 = 700 * 1024;

/// A run that has ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs the binary with bounded memory.
fn docktutor(folder: &Path, arguments: &[&str]) -> Ran {
    ended(command(folder, arguments).output())
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            &format!("ulimit -v {MEMORY}; exec timeout 60 \"$@\""),
            "sh",
        ])
        .arg(env!("CARGO_BIN_EXE_docktutor"))
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

fn ended(output: std::io::Result<Output>) -> Ran {
    let output = output.expect("the binary can be run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let ran = Ran {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    };
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Lints one file of this content; what it prints must hold `says`.
fn lint(name: &str, bytes: &[u8], code: i32, says: &str) {
    let folder = folder();
    std::fs::write(folder.path().join(name), bytes).expect("a file");
    let began = Instant::now();
    let ran = docktutor(folder.path(), &["lint", name]);
    let took = began.elapsed();
    let (out, err): (String, String) = (ran.out.chars().take(2000).collect(), ran.err);
    assert_eq!(ran.code, Some(code), "{name}: {out}{err}");
    assert!(ran.out.contains(says), "{name}: {out}{err}");
    assert!(took < MOST, "{name}: {took:?}");
    // The same in JSON is one document.
    let json = docktutor(folder.path(), &["lint", "--format", "json", name]);
    assert_eq!(json.code, Some(code));
    serde_json::from_str::<serde_json::Value>(&json.out).expect("JSON");
}

#[test]
fn bytes_that_are_no_text_are_findings() {
    lint(
        "Dockerfile",
        b"FROM alpine\nRUN echo \xff\xfe\n",
        1,
        "UTF-8",
    );
    lint("Dockerfile", b"FROM alpine\nRUN echo \0x\n", 1, "NUL");
    lint(
        "compose.yaml",
        b"services:\n  web:\n    image: \xff\n",
        1,
        "UTF-8",
    );
    lint(
        "compose.yaml",
        b"services:\n  web:\n    image: a\0b\n",
        1,
        "error",
    );
    lint("Dockerfile", b"", 1, "empty");
}

#[test]
fn a_mark_at_the_start_and_windows_lines_do_no_harm() {
    let file =
        "\u{feff}FROM alpine:3.22\r\nWORKDIR /app\r\nCOPY . .\r\nUSER 1000\r\nCMD [\"ls\"]\r\n";
    lint("Dockerfile", file.as_bytes(), 0, "");
    let compose = "\u{feff}services:\r\n  web:\r\n    image: nginx:1.29\r\n";
    lint("compose.yaml", compose.as_bytes(), 0, "");
}

#[test]
fn files_that_are_too_large_are_told_and_not_read() {
    for name in ["Dockerfile", "compose.yaml"] {
        lint(name, &vec![b'a'; 100_000_000], 1, "1 MiB");
        lint(name, &vec![b'a'; 1_000_000], 1, "error");
    }
}

#[test]
fn ten_thousand_stages_are_read() {
    let file: String = (0..10_000)
        .map(|at| format!("FROM alpine:3.22 AS s{at}\nRUN true\n"))
        .collect();
    lint("Dockerfile", file.as_bytes(), 0, "");
}

#[test]
fn a_key_that_stands_twice_is_told() {
    lint(
        "compose.yaml",
        b"services:\n  web:\n    image: a\n    image: b\n",
        1,
        "image",
    );
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f]\nservices: *g\n";
    lint("compose.yaml", bomb.as_bytes(), 1, "error");
    lint("compose.yaml", "[".repeat(200_000).as_bytes(), 1, "error");
}

#[test]
fn what_is_no_file_is_wrong_usage() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("Dockerfile")).expect("a folder");
    for (name, says) in [("Dockerfile", "folder"), ("missing", "No such file")] {
        let ran = docktutor(folder.path(), &["lint", name]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    // The files beside it are looked at all the same.
    std::fs::write(folder.path().join("good.Dockerfile"), "FROM x y z\n").expect("a file");
    let ran = docktutor(folder.path(), &["lint", "missing", "good.Dockerfile"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.out.contains("good.Dockerfile"), "{}", ran.out);
}

#[test]
fn an_endless_file_is_bounded() {
    let folder = folder();
    let began = Instant::now();
    let ran = docktutor(folder.path(), &["lint", "/dev/zero"]);
    assert!(
        matches!(ran.code, Some(1 | 2)),
        "{:?} {}",
        ran.code,
        ran.err
    );
    let mut child = command(folder.path(), &["lint", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut stdin = child.stdin.take().expect("a pipe");
    let line = [b"RUN true\n".as_slice(); 4096].concat();
    // It stops reading at its limit, and the pipe breaks.
    while stdin.write_all(&line).is_ok() && began.elapsed() < MOST {}
    drop(stdin);
    let ran = ended(child.wait_with_output());
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.out.contains("1 MiB"));
    assert!(began.elapsed() < MOST);
}

#[test]
fn a_file_without_rights_is_wrong_input() {
    let folder = folder();
    let path = folder.path().join("Dockerfile");
    std::fs::write(&path, "FROM alpine:3.22\n").expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("rights");
    // Root reads everything: without its capability it is anybody.
    let mut command = Command::new("setpriv");
    command
        .args([
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--reuid=65534",
            "--clear-groups",
        ])
        .arg(env!("CARGO_BIN_EXE_docktutor"));
    if !rustix::process::geteuid().is_root() {
        command = Command::new(env!("CARGO_BIN_EXE_docktutor"));
    }
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
        .expect("rights");
    let ran = ended(command.arg("lint").arg(&path).output());
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("ermission denied"), "{}", ran.err);
}

#[test]
fn commands_of_any_kind_are_explained() {
    let folder = folder();
    for (text, code, says) in [
        ("docker run -rm nginx:1.29", 1, "--rm"),
        ("docker ps", 0, "docker ps"),
        ("docker build -t board", 1, "build context"),
        ("docker run -v .:/app x", 0, "relative path"),
        ("ls -la", 0, "another program"),
    ] {
        let ran = docktutor(folder.path(), &["explain", text]);
        assert_eq!(ran.code, Some(code), "{text}: {}", ran.out);
        assert!(ran.out.contains(says), "{text}: {}", ran.out);
    }
    assert_eq!(docktutor(folder.path(), &["explain", " "]).code, Some(2));
    assert_eq!(docktutor(folder.path(), &["explain"]).code, Some(2));
    let long = format!("docker run {}", "-rm ".repeat(30_000));
    let began = Instant::now();
    assert_eq!(docktutor(folder.path(), &["explain", &long]).code, Some(1));
    assert!(began.elapsed() < MOST);
}

#[test]
fn a_broken_exercise_is_wrong_input() {
    let folder = folder();
    let exercise = folder.path().join("exercise");
    for yaml in [
        &b"id: a\nid: b\n"[..],
        b"\xff\xfe",
        b"",
        b"id: \0",
        b"[[[[[[[[",
        &vec![b'['; 300_000],
    ] {
        std::fs::create_dir_all(&exercise).expect("a folder");
        std::fs::write(exercise.join("exercise.yaml"), yaml).expect("a file");
        let began = Instant::now();
        let ran = docktutor(folder.path(), &["check", "exercise", "."]);
        assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
        assert!(!ran.err.is_empty());
        assert!(began.elapsed() < MOST);
    }
}
