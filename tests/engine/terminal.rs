//! The terminal over its real WebSocket.

use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::terminal::connect;

#[tokio::test]
async fn docker_works_in_the_terminal() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    assert!(terminal.run("docker ps").await.contains("CONTAINER ID"));
    assert_eq!(
        terminal
            .must("docker run --rm busybox echo from-a-container")
            .await
            .trim(),
        "from-a-container"
    );
    assert!(
        terminal
            .run("docker compose version")
            .await
            .contains("Docker Compose version")
    );
    assert_eq!(terminal.run("pwd").await.trim(), "/work");
    assert_eq!(terminal.run("tput colors").await.trim(), "256");
}

#[tokio::test]
async fn every_byte_value_passes_both_ways() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;

    // Output: a chunk that begins with 0, 1 or 2 looks like the header of a multiplexed stream to a careless reader.
    for first in 0..=2u8 {
        let from = terminal.seen_bytes().len();
        let line = format!(
            "stty -opost; printf 'out'; sleep 0.2; printf '\\{first:03o}\\000\\000\\000\\000\\000\\000\\005hello'; stty opost\r"
        );
        terminal.send(line.as_bytes()).await;
        let mut wanted = b"out".to_vec();
        wanted.extend_from_slice(&[first, 0, 0, 0, 0, 0, 0, 5]);
        wanted.extend_from_slice(b"hello");
        terminal.wait_for_bytes(from, &wanted).await;
    }

    // All 256 values out.
    let all: Vec<u8> = (0..=255).collect();
    let from = terminal.seen_bytes().len();
    terminal
        .send(b"stty -opost; for i in $(seq 0 255); do printf \"\\\\$(printf %03o $i)\"; done > all; cat all; stty opost\r")
        .await;
    terminal.wait_for_bytes(from, &all).await;

    // All 256 values in, to a program that reads raw bytes.
    let from = terminal.seen_bytes().len();
    terminal
        .send(b"stty raw -echo; printf 're''ady'; head -c 256 | od -An -v -tu1 -w256; stty sane\r")
        .await;
    terminal.wait_for_bytes(from, b"ready").await;
    terminal.send(&all).await;
    let listed: Vec<String> = all.iter().map(|byte| format!("{byte:4}")).collect();
    terminal
        .wait_for_bytes(from, listed.concat().as_bytes())
        .await;
}

#[tokio::test]
async fn korean_is_typed_and_shown() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    assert_eq!(
        terminal
            .run("echo '안녕, 도커' | tee 인사.txt")
            .await
            .trim(),
        "안녕, 도커"
    );
    assert_eq!(
        learner
            .read_file("%EC%9D%B8%EC%82%AC.txt")
            .await
            .text
            .as_deref(),
        Some("안녕, 도커\n")
    );
}

#[tokio::test]
async fn the_window_size_reaches_the_shell() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    assert_eq!(terminal.run("stty size").await.trim(), "50 200");
    // The shell is told by a signal that it may see a moment later: ask until it knows.
    terminal.resize(123, 45).await;
    let size = terminal
        .run("until [ \"$(stty size)\" = '45 123' ]; do read -t 0.05 || true; done; stty size")
        .await;
    assert_eq!(size.trim(), "45 123");
    // A container learns it a moment after its start.
    let ask = "docker run --rm -it busybox sh -c 'until stty size 2>/dev/null | grep \"45 123\"; do sleep 0.1; done'";
    assert_eq!(terminal.must(ask).await.trim(), "45 123");
}

#[tokio::test]
async fn a_dropped_connection_loses_nothing_and_repeats_nothing() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    assert_eq!(terminal.run("kept=value-$((40 + 2))").await, "");

    // The shell goes on printing while nobody listens.
    terminal.send(b"for i in $(seq 1 400); do echo line-$i; read -t 0.005 || true; done; echo al''l-printed\r").await;
    terminal.wait_for("line-20\r").await;
    for wanted in ["line-60\r", "line-150\r", "all-printed"] {
        let broken = terminal.break_off();
        terminal = broken.resume().await;
        terminal.wait_for(wanted).await;
    }
    let seen = terminal.seen();
    for line in 1..=400 {
        assert_eq!(
            seen.matches(&format!("line-{line}\r\n")).count(),
            1,
            "line-{line}"
        );
    }

    // Input that was sent and maybe not taken is sent again under its number; it runs once.
    let number = terminal.next_input();
    let command = b"echo run >> runs; wc -l < runs | sed s/^/ru''ns:/\r";
    terminal.send(command).await;
    terminal = terminal.break_off().resume().await;
    terminal.send_numbered(number, command).await;
    terminal.wait_for("runs:1").await;
    terminal.send_numbered(number, command).await;
    terminal = terminal.break_off().resume().await;
    assert_eq!(terminal.run("cat runs").await.trim(), "run");
    assert_eq!(terminal.run("echo $kept").await.trim(), "value-42");
}

#[tokio::test]
async fn a_page_that_comes_anew_gets_the_scrollback() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut first = learner.terminal(1).await;
    first.run("echo remember-$((1000 + 1))").await;
    let mut second = learner.terminal(1).await;
    second.wait_for("remember-1001").await;
    // Both pages look at the same shell from now on.
    second.send(b"echo bo''th\r").await;
    second.wait_for("both").await;
    first.wait_for("both").await;
}

#[tokio::test]
async fn terminals_are_shells_of_their_own_in_one_workbench() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut first = learner.terminal(1).await;
    let mut second = learner.terminal(2).await;
    assert_eq!(first.run("here=1; echo file > shared").await, "");
    assert_eq!(
        second.run("cat shared; echo \"[$here]\"").await,
        "file\n[]\n"
    );
    assert_eq!(first.run("hostname").await, second.run("hostname").await);
    let headers = [
        ("origin", learner.origin()),
        ("cookie", learner.cookie().to_owned()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    for number in [0, 5] {
        assert_eq!(
            connect(&learner, number, &headers).await.err(),
            Some(404),
            "terminal {number}"
        );
    }
}

#[tokio::test]
async fn a_shell_that_ends_is_replaced_at_the_next_key() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    let first = terminal.run("echo $$").await;
    terminal.send(b"exit\r").await;
    terminal.wait_for_exit().await;
    terminal.send(b"\r").await;
    let second = terminal.run("echo $$").await;
    assert_ne!(first.trim(), second.trim());
}

#[tokio::test]
async fn a_flood_of_output_does_not_stop_the_server() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    // Four megabytes, more than the scrollback holds, to a page that does not read meanwhile.
    terminal.send(b"seq 1 600000; echo fl''ood-over\r").await;
    for _ in 0..20 {
        assert_eq!(learner.get("/api/status").await.status, 200);
    }
    let mut other = learner.terminal(2).await;
    assert_eq!(other.run("echo fine").await.trim(), "fine");
    let mut again = learner.terminal(1).await;
    again.allow_skips();
    again.wait_for("flood-over").await;
}
