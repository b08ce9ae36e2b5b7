//! What a client could try on the connection itself.

use crate::common::in_world;
use crate::side::PATIENCE;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Sends bytes as they are and reads all that comes until the other side has been silent or gone.
async fn send(socket: &Path, text: &str) -> String {
    let mut stream = UnixStream::connect(socket)
        .await
        .expect("the socket answers");
    stream.write_all(text.as_bytes()).await.expect("written");
    let mut all = Vec::new();
    let mut part = [0u8; 4096];
    while let Ok(Ok(length @ 1..)) =
        tokio::time::timeout(std::time::Duration::from_secs(2), stream.read(&mut part)).await
    {
        all.extend_from_slice(&part[..length]);
        if String::from_utf8_lossy(&all).contains("END") {
            break;
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn statuses(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3))
        .collect()
}

#[tokio::test]
async fn odd_paths_lead_nowhere() {
    in_world(async |world| {
        let victim = world.bob.docker("run -d --name victim debian:12 sleep 600").await.ok();
        for path in [
            format!("/containers/../containers/{victim}/kill"), format!("//containers/{victim}/kill"),
            format!("/containers/{victim}%2Fkill"), format!("/containers%2F{victim}/kill"), format!("/%63ontainers/{victim}/kill"),
            format!("/v1.041/containers/{victim}/kill"), format!("/v1.41/v1.41/containers/{victim}/kill"),
            format!("/v9.99/containers/{victim}/kill"), format!("/v1.41//containers/{victim}/kill"),
            format!("/containers/{victim}/kill/"), format!("/containers/{victim}/kill%00"), format!("/containers/x/../{victim}/kill"),
            format!("http://docker/containers/{victim}/kill"), format!("/containers/{victim}/kill?signal=KILL&signal=KILL"),
        ] {
            let text = format!("POST {path} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let answer = send(&world.alice.socket, &text).await;
            assert!(statuses(&answer).iter().all(|status| status.starts_with('4')), "{path}: {answer}");
        }
        assert_eq!(world.inspect(&victim).await["State"]["Running"], true);
    })
    .await;
}

#[tokio::test]
async fn requests_with_two_lengths_and_other_protocols_are_refused() {
    in_world(async |world| {
        let smuggled = "GET /containers/json HTTP/1.1\r\nHost: x\r\n\r\n";
        let both = format!(
            "POST /containers/x/kill HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
            smuggled.len() + 5
        );
        assert!(!statuses(&send(&world.alice.socket, &both).await).contains(&"200"));
        let twice = "POST /containers/x/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n";
        assert_eq!(statuses(&send(&world.alice.socket, twice).await), ["400"]);
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        assert!(!send(&world.alice.socket, preface).await.contains("200"));
        let connect = "CONNECT docker:80 HTTP/1.1\r\nHost: docker\r\n\r\n";
        assert!(!statuses(&send(&world.alice.socket, connect).await).contains(&"200"));
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_that_the_engine_declines_is_no_tunnel() {
    in_world(async |world| {
        let victim = world.bob.docker("run -d debian:12 sleep 600").await.ok();
        let stopped = world.alice.docker("create debian:12 true").await.ok();
        for target in [victim.as_str(), "nothing", stopped.as_str()] {
            let text = format!(
                "POST /containers/{target}/exec HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nContent-Length: 14\r\n\r\n{{\"Cmd\":[\"id\"]}}\
                 POST /containers/{victim}/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            );
            let answer = send(&world.alice.socket, &text).await;
            assert!(statuses(&answer).iter().all(|status| status.starts_with('4')), "{target}: {answer}");
        }
        assert_eq!(world.inspect(&victim).await["State"]["Running"], true);
    })
    .await;
}

#[tokio::test]
async fn a_large_body_is_cut_off_and_an_empty_one_is_empty() {
    in_world(async |world| {
        let large = format!(
            r#"{{"Image":"debian:12","Env":["A={}"]}}"#,
            "x".repeat(2 << 20)
        );
        let reply = world
            .alice
            .call(hyper::Method::POST, "/containers/create", Some(large))
            .await;
        assert_eq!(reply.status, 413);
        let reply = world
            .alice
            .call(hyper::Method::POST, "/containers/create", None)
            .await;
        assert_eq!(reply.status, 400);
        assert!(world.containers().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_crowd_of_slow_and_idle_connections_leaves_neighbours_alone() {
    in_world(async |world| {
        let (alice, bob) = (&world.alice, &world.bob);
        let mut crowd = Vec::new();
        for nth in 0..600 {
            let mut stream = UnixStream::connect(&alice.socket)
                .await
                .expect("the socket takes connections");
            let begun: &[u8] = match nth % 4 {
                0 => b"",
                1 => b"GET /containers/json HTTP/1.1\r\nHost: docker\r\nX-Slow: ",
                2 => b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 1000000\r\n\r\n{",
                _ => b"POST /build?t=x HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            };
            // Beyond what a scope may have, the connection is closed at once.
            let _ = stream.write_all(begun).await;
            crowd.push(stream);
        }
        // Each of them is as if nobody else were there; a call that waits for the crowd runs into its own deadline.
        for _ in 0..20 {
            assert_eq!(bob.get("/containers/json").await.status, 200);
        }
        assert_eq!(bob.docker("run --rm debian:12 echo here").await.ok(), "here");
        let ended = closed(&mut crowd).await;
        assert!((300..600).contains(&ended), "{ended} of 600 were closed");
        drop(crowd);
        // What was held is free again, as soon as the gateway has seen that they are gone.
        let freed = async { while alice.docker("ps").await.code != 0 {} };
        tokio::time::timeout(PATIENCE, freed)
            .await
            .expect("alice's scope answers again");
    })
    .await;
}

/// How many connections the other side has closed.
async fn closed(crowd: &mut [UnixStream]) -> usize {
    let mut count = 0;
    for stream in crowd {
        let mut byte = [0u8; 1];
        let read =
            tokio::time::timeout(std::time::Duration::from_millis(5), stream.read(&mut byte));
        count += usize::from(matches!(read.await, Ok(Ok(0) | Err(_))));
    }
    count
}
