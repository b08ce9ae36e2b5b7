//! From Start to the first prompt: ours cold and from a warm spare, `docker run` of the same image on the same engine.

use std::time::{Duration, Instant};

use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::{engine, until};
use crate::compare;
use crate::pty::Pty;

const ROUNDS: usize = 7;

pub(crate) async fn measure() {
    let (image, mut cold) = ours("--no-spare").await;
    let mut run = docker_run(&image);
    compare(
        "Start to prompt, cold : docker run -it",
        &mut cold,
        &mut run,
        "at most 1.5",
    );
    let (_, mut warm) = ours("--idle-minutes=30").await;
    let mut run = docker_run(&image);
    compare(
        "Start to prompt, warm spare : docker run -it",
        &mut warm,
        &mut run,
        "at most 0.2",
    );
}

async fn ours(option: &str) -> (String, Vec<Duration>) {
    let home = Home::new();
    let server = Server::start_with(&home, &[option]);
    let spare = option != "--no-spare";
    server.learner().await.start_sandbox().await;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let learner = server.add_learner(&home, &format!("learner {round}")).await;
        if spare {
            let expected = round + 2;
            until("the next spare", || async {
                (workbenches(&home).len() >= expected).then_some(())
            })
            .await;
        }
        let started = Instant::now();
        let answer = learner.request("POST", "/api/sandbox/start", "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut terminal = learner.terminal(1).await;
        terminal.wait_for("$ ").await;
        times.push(started.elapsed());
    }
    let image = workbenches(&home).pop().expect("a workbench");
    (image, times)
}

/// The image ids of the running workbenches.
fn workbenches(home: &Home) -> Vec<String> {
    engine::containers(&home.instance())
        .into_iter()
        .filter(|one| one["Labels"]["docktutor.kind"] == "workbench" && one["State"] == "running")
        .filter_map(|one| one["ImageID"].as_str().map(str::to_owned))
        .collect()
}

fn docker_run(image: &str) -> Vec<Duration> {
    (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let mut shell = Pty::spawn(&format!(
                "docker run --rm -it --init --entrypoint bash {image}"
            ));
            shell.wait_for(b'$');
            let time = started.elapsed();
            shell.send(b"exit\n");
            shell.wait_until_gone();
            time
        })
        .collect()
}
