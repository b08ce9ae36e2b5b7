//! A scope that uses up what it may have: it stays within its limits as a whole, and can still be tidied up.

use crate::common::{in_world_with, until};
use crate::side::Side;
use futures_util::future::join_all;
use gateway::{Limits, Usage};
use hyper::Method;
use serde_json::json;
use std::time::{Duration, Instant};

fn tight() -> Limits {
    Limits {
        memory: 96 << 20,
        pids: 60,
        ..Limits::default()
    }
}

/// Whether this host lets us make control groups; then the kernel must hold the whole scope, else this test says so.
fn measured(usage: &Usage) -> (gateway::Share, gateway::Share) {
    match (usage.memory, usage.pids) {
        (Some(memory), Some(pids)) => (memory, pids),
        _ => panic!("the scope has no control group of its own: {usage:?}"),
    }
}

/// What a learner must be able to do however full it is.
async fn tidy_up(side: &Side, names: &[&str]) {
    let listed = side.docker("ps --format {{.Names}}").await.ok();
    assert!(names.iter().all(|name| listed.contains(name)), "{listed}");
    for name in names {
        side.docker(&format!("rm -f {name}")).await.ok();
    }
    assert_eq!(
        side.docker("run --rm debian:12 echo alive").await.ok(),
        "alive"
    );
}

#[tokio::test]
async fn a_fork_bomb_in_several_containers_stays_within_the_scopes_processes() {
    in_world_with(tight(), async |world| {
        let (alice, scope) = (&world.alice, world.scope(&world.alice));
        // Bounded twice: by the scope, and by themselves.
        let bomb = "i=0; while [ $i -lt 50 ]; do sleep 300 & i=$((i+1)); done; wait";
        for name in ["bomb1", "bomb2", "bomb3"] {
            alice
                .docker_with(
                    &["run", "-d", "--name", name, "debian:12", "bash", "-c", bomb],
                    b"",
                )
                .await;
        }
        until("the processes are used up", async || {
            measured(&scope.usage()).1.used >= 55
        })
        .await;
        let (_, pids) = measured(&scope.usage());
        assert!(pids.used <= 60, "{pids:?}");
        let raw: u64 = {
            let mut sum = 0;
            for id in world.containers().await {
                let top = world.raw.get(&format!("/containers/{id}/top")).await.json();
                sum += top["Processes"].as_array().map_or(0, Vec::len) as u64;
            }
            sum
        };
        assert!((40..=60).contains(&raw), "{raw} processes on the engine");
        let said = alice.docker("run --rm debian:12 true").await.fails();
        assert!(
            said.contains("at most 60 processes") && said.contains("docker rm -f"),
            "{said}"
        );
        // A neighbour does not notice.
        assert_eq!(
            world.bob.docker("run --rm debian:12 echo fine").await.ok(),
            "fine"
        );
        let names = alice.docker("ps --format {{.Names}}").await.ok();
        tidy_up(alice, &names.lines().collect::<Vec<_>>()).await;
    })
    .await;
}

#[tokio::test]
async fn memory_of_several_containers_and_of_builds_counts_together() {
    in_world_with(tight(), async |world| {
        let (alice, scope) = (&world.alice, world.scope(&world.alice));
        // Each takes 60 MiB and keeps it: two of them are more than the scope has.
        let hog = "$x = 'x' x (60 << 20); sleep 300";
        for name in ["hog1", "hog2"] {
            alice
                .docker_with(
                    &["run", "-d", "--name", name, "debian:12", "perl", "-e", hog],
                    b"",
                )
                .await
                .ok();
        }
        until("the kernel ended one of them", async || {
            let ids = world.containers().await;
            let states = join_all(ids.iter().map(|id| world.inspect(id))).await;
            states.iter().any(|state| state["State"]["ExitCode"] == 137)
        })
        .await;
        let (memory, _) = measured(&scope.usage());
        assert!(memory.used <= 96 << 20, "{memory:?}");
        let build = b"FROM debian:12\nRUN perl -e '$x = \"x\" x (80 << 20); print length $x'\n";
        let failed = alice
            .docker_with(&["build", "--no-cache", "-"], build)
            .await
            .fails();
        assert!(failed.contains("non-zero code"), "{failed}");
        assert_eq!(
            world.bob.docker("run --rm debian:12 echo fine").await.ok(),
            "fine"
        );
        let names = alice.docker("ps --format {{.Names}}").await.ok();
        tidy_up(alice, &names.lines().collect::<Vec<_>>()).await;
    })
    .await;
}

#[tokio::test]
async fn a_scopes_control_group_goes_with_it() {
    in_world_with(tight(), async |world| {
        world.alice.docker("run --rm debian:12 true").await.ok();
        let group = format!("docktutor-{}/alice", world.instance);
        let folders = || {
            let roots = std::fs::read_dir("/sys/fs/cgroup").expect("control groups");
            let mut all: Vec<_> = roots
                .filter_map(|entry| Some(entry.ok()?.path().join(&group)))
                .collect();
            all.push(std::path::Path::new("/sys/fs/cgroup").join(&group));
            all.into_iter().filter(|folder| folder.exists()).count()
        };
        assert!(folders() > 0);
        world.gateway.remove_scope("alice").await.expect("removed");
        assert_eq!(folders(), 0);
    })
    .await;
}

#[tokio::test]
async fn requests_without_a_pause_are_slowed_down_and_neighbours_are_not() {
    let limits = Limits {
        requests_per_second: 20,
        ..Limits::default()
    };
    in_world_with(limits, async |world| {
        let calls = (0..200).map(|_| world.alice.get("/containers/json"));
        let replies = join_all(calls).await;
        let passed = replies.iter().filter(|reply| reply.status == 200).count();
        assert!((100..190).contains(&passed), "{passed} of 200");
        let refused = replies
            .iter()
            .find(|reply| reply.status == 429)
            .expect("some are refused");
        assert!(
            refused.message().contains("20 requests a second"),
            "{}",
            refused.text
        );
        let started = Instant::now();
        assert_eq!(world.bob.get("/containers/json").await.status, 200);
        assert!(started.elapsed() < Duration::from_secs(2));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(
            world.alice.get("/containers/json").await.status,
            200,
            "it ends by itself"
        );
    })
    .await;
}

#[tokio::test]
async fn execs_builds_and_archives_have_limits_and_usage_is_shown() {
    let limits = Limits {
        execs: 3,
        build_seconds: 2,
        archive: 1 << 20,
        ..Limits::default()
    };
    in_world_with(limits, async |world| {
        let alice = &world.alice;
        alice
            .docker("run -d --name web -v data:/d debian:12 sleep 600")
            .await
            .ok();
        let exec = json!({ "Cmd": ["sleep", "60"] });
        let made = join_all((0..20).map(|_| alice.post("/containers/web/exec", &exec))).await;
        assert_eq!(made.iter().filter(|reply| reply.status == 201).count(), 3);
        let refused = made
            .iter()
            .find(|reply| reply.status != 201)
            .expect("the rest");
        assert!(
            refused.message().contains("at most 3 commands"),
            "{}",
            refused.text
        );

        let started = Instant::now();
        let slow = alice
            .docker_with(
                &["build", "--no-cache", "-"],
                b"FROM debian:12\nRUN sleep 60\n",
            )
            .await;
        assert!(slow.fails().contains("2 seconds"));
        assert!(started.elapsed() < Duration::from_secs(30));

        let large = world.folder.path().join("large");
        std::fs::write(&large, vec![b'x'; 3 << 20]).expect("a file");
        let file = large.display().to_string();
        // Those execs were never started; the container forgets them when it is restarted.
        alice.docker("restart -t 0 web").await.ok();
        alice.docker(&format!("cp {file} web:/large")).await.fails();
        let arrived = [
            "exec",
            "web",
            "sh",
            "-c",
            "test $(stat -c %s /large || echo 0) -le 1048576",
        ];
        alice.docker_with(&arrived, b"").await.ok();
        assert!(
            alice
                .docker(&format!("load -i {file}"))
                .await
                .fails()
                .contains("1 MiB")
        );

        let usage = alice.get("/_docktutor/usage").await.json();
        assert_eq!(usage["containers"], json!({ "used": 1, "limit": 20 }));
        assert_eq!(usage["volumes"], json!({ "used": 1, "limit": 20 }));
        assert_eq!(usage["running"], 1);
        assert!(
            usage["memory"]["used"]
                .as_u64()
                .is_some_and(|bytes| bytes > 0),
            "{usage}"
        );
        assert_eq!(
            alice
                .call(Method::POST, "/_docktutor/usage", None)
                .await
                .status,
            403
        );
    })
    .await;
}
