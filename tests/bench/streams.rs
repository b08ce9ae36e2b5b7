//! Long streams through a scope and past it: `docker cp`, `docker logs`, `docker exec`. Both sides look at the same
//! container, which is the scope's, so only the way differs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::engine;
use crate::common::gateway::Open;
use crate::common::home::Home;
use crate::{course_image, median, memory, row};

const ROUNDS: usize = 3;
const MEGABYTE: usize = 1_000_000;
const COPIED: usize = 500;
/// Less than what is kept of a container's output, so it is read several times.
const PRINTED: usize = 17;
const READ: usize = 6;
const SHOWN: usize = 200;

pub(crate) fn measure() {
    let home = Home::new();
    let image = course_image("busybox");
    let scope = Open::start(&home, "bench", &["--image", &image]);
    let (ours, raw) = (scope.socket.as_path(), engine::socket());
    let file = home.beside("file");
    std::fs::write(&file, vec![b'x'; COPIED * MEGABYTE]).expect("a file");
    let file = file.to_str().expect("a path");

    let print = format!("yes {} | head -c {}", "x".repeat(999), PRINTED * MEGABYTE);
    let script = format!("{print}; touch /printed; sleep 1000");
    let id = docker(ours, &["run", "-d", &image, "sh", "-c", &script]);
    let printed = "until test -e /printed; do sleep 0.1; done";
    docker(ours, &["exec", &id, "sh", "-c", printed]);
    let before = memory::peak(scope.pid());

    let (inside, target) = (format!("{id}:/file"), format!("{id}:/file"));
    speed(
        "docker cp into a container",
        COPIED,
        [ours, &raw],
        |socket| {
            drain(socket, &["cp", file, &target]);
        },
    );
    speed("docker cp out of it", COPIED, [ours, &raw], |socket| {
        drain(socket, &["cp", &inside, "-"]);
    });
    speed("docker logs", PRINTED * READ, [ours, &raw], |socket| {
        (0..READ).for_each(|_| drain(socket, &["logs", &id]));
    });
    let size = format!("count={SHOWN}");
    let show = ["exec", &id, "dd", "if=/dev/zero", "bs=1000000", &size];
    speed("docker exec, output", SHOWN, [ours, &raw], |socket| {
        drain(socket, &show);
    });

    let after = memory::peak(scope.pid());
    row(
        "gateway's highest memory, after : before these",
        &memory::mebibytes(after),
        &memory::mebibytes(before),
        &format!("{:.4}", f64::from(after) / f64::from(before)),
        "at most 2",
    );
}

/// Times both by turns; the ratio is that of the speeds.
fn speed(what: &str, megabytes: usize, [ours, raw]: [&Path; 2], work: impl Fn(&Path)) {
    let time = |socket: &Path| {
        let started = Instant::now();
        work(socket);
        started.elapsed()
    };
    let (mut through, mut past) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        through.push(time(ours));
        past.push(time(raw));
    }
    let (through, past) = (median(&mut through), median(&mut past));
    let speed = |time: Duration| format!("{:.0} MB/s", megabytes as f64 / time.as_secs_f64());
    row(
        &format!("{what}, {megabytes} MB, scope : raw"),
        &speed(through),
        &speed(past),
        &format!("{:.4}", past.as_secs_f64() / through.as_secs_f64()),
        "at least 0.8",
    );
}

fn command(socket: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("docker");
    command
        .arg("--host")
        .arg(format!("unix://{}", socket.display()))
        .args(arguments)
        .stdin(Stdio::null());
    command
}

fn docker(socket: &Path, arguments: &[&str]) -> String {
    let output = command(socket, arguments).output().expect("docker runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs it with nobody reading along.
fn drain(socket: &Path, arguments: &[&str]) {
    let status = command(socket, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("docker runs");
    assert!(status.success(), "{arguments:?}");
}
