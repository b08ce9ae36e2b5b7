//! The server's memory: idle, and with 20 terminals of 5 learners open.

use crate::common::home::Home;
use crate::common::server::Server;
use crate::row;

pub(crate) async fn measure() {
    let home = Home::new();
    let server = Server::start(&home);
    server.learner().await.start_sandbox().await;
    row(
        "server memory, idle",
        &resident(server.pid()),
        "",
        "",
        "40 MiB",
    );
    let mut terminals = Vec::new();
    for number in 0..5 {
        let learner = server
            .add_learner(&home, &format!("learner {number}"))
            .await;
        learner.start_sandbox().await;
        for number in 1..=4 {
            let mut terminal = learner.terminal(number).await;
            terminal.run("docker ps; seq 1 1000").await;
            terminals.push(terminal);
        }
    }
    row(
        "server memory, 20 terminals",
        &resident(server.pid()),
        "",
        "",
        "60 MiB",
    );
}

fn resident(pid: u32) -> String {
    mebibytes(kibibytes(pid, "VmRSS:"))
}

/// The most memory that a process has had, in KiB.
pub(crate) fn peak(pid: u32) -> u32 {
    kibibytes(pid, "VmHWM:")
}

/// What the kernel says of a process's memory.
pub(crate) fn kibibytes(pid: u32, what: &str) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    line.and_then(|size| size.trim().strip_suffix(" kB")?.trim().parse().ok())
        .expect("a size")
}

pub(crate) fn mebibytes(kib: u32) -> String {
    format!("{:.1} MiB", f64::from(kib) / 1024.0)
}
