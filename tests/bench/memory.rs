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
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let kib: u32 = status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .trim()
                .strip_suffix(" kB")?
                .trim()
                .parse()
                .ok()
        })
        .expect("VmRSS");
    format!("{:.1} MiB", f64::from(kib) / 1024.0)
}
