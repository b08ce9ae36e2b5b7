//! One key until its echo: through the server's WebSocket and workbench, and through `docker exec -it`.

use std::time::{Duration, Instant};

use crate::common::engine;
use crate::common::home::Home;
use crate::common::server::Server;
use crate::pty::Pty;
use crate::{compare, median, milliseconds, row};

const KEYS: usize = 400;
/// A line is thrown away before it wraps.
const LINE: usize = 60;
/// Control-U.
const CLEAR: &[u8] = b"\x15";

pub(crate) async fn measure() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    terminal.run("true").await;
    let mut ours = Vec::new();
    for number in 0..KEYS {
        let from = terminal.seen_bytes().len();
        let started = Instant::now();
        terminal.send(b"x").await;
        terminal.wait_for_bytes(from, b"x").await;
        ours.push(started.elapsed());
        if number % LINE == LINE - 1 {
            terminal.send(CLEAR).await;
            terminal.run("true").await;
        }
    }
    let workbench = engine::containers(&home.instance())
        .into_iter()
        .find(|one| one["Labels"]["docktutor.kind"] == "workbench" && one["State"] == "running")
        .expect("the workbench");
    let id = workbench["Id"].as_str().expect("an id").to_owned();
    let mut theirs = tokio::task::spawn_blocking(move || docker_exec(&id))
        .await
        .expect("measured");
    let more = median(&mut ours).saturating_sub(median(&mut theirs));
    compare(
        "terminal echo : docker exec -it",
        &mut ours,
        &mut theirs,
        "",
    );
    row(
        "  more than docker exec -it",
        &milliseconds(more),
        "",
        "",
        "at most 2 ms",
    );
}

fn docker_exec(id: &str) -> Vec<Duration> {
    let mut shell = Pty::spawn(&format!("docker exec -it {id} bash"));
    shell.wait_for(b'$');
    let mut times = Vec::new();
    for number in 0..KEYS {
        shell.drain();
        let started = Instant::now();
        shell.send(b"x");
        shell.wait_for(b'x');
        times.push(started.elapsed());
        if number % LINE == LINE - 1 {
            shell.send(CLEAR);
            shell.send(b"\n");
            shell.wait_for(b'$');
        }
    }
    shell.send(CLEAR);
    shell.send(b"exit\n");
    shell.wait_until_gone();
    times
}
