//! Folders of the workspace in containers: live, and no way out of the workspace.

use crate::common::{World, in_world};
use gateway::Gateway;
use serde_json::json;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn anchors(world: &World) -> PathBuf {
    world.folder.path().join("ledger/binds")
}

async fn cat(world: &World, container: &str, path: &str) -> String {
    let ran = world
        .alice
        .docker(&format!("exec {container} cat {path}"))
        .await;
    if ran.code == 0 { ran.out } else { ran.err }
}

#[tokio::test]
async fn a_bound_folder_is_live_in_both_directions() {
    in_world(async |world| {
        let (alice, work) = (&world.alice, world.alice.workspace());
        std::fs::create_dir(work.join("site")).expect("a folder");
        std::fs::write(work.join("site/index"), "one").expect("a file");
        std::os::unix::fs::chown(&work, Some(1000), Some(1000)).expect("an owner");
        alice
            .docker("run -d --name web -v /work/site:/s -v /work:/all:ro -v /work/site/index:/one -v /work/new/deep:/new --mount type=bind,source=/work/site,target=/m,readonly debian:12 sleep 600")
            .await
            .ok();
        for path in ["/s/index", "/all/site/index", "/one", "/m/index"] {
            assert_eq!(cat(world, "web", path).await, "one", "{path}");
        }
        std::fs::write(work.join("site/index"), "two").expect("a file");
        assert_eq!(cat(world, "web", "/s/index").await, "two");
        assert_eq!(cat(world, "web", "/one").await, "two");
        alice
            .docker_with(&["exec", "web", "sh", "-c", "echo -n back > /s/made"], b"")
            .await
            .ok();
        assert_eq!(std::fs::read_to_string(work.join("site/made")).expect("made"), "back");
        for target in ["/all", "/m"] {
            alice.docker(&format!("exec web touch {target}/x")).await.fails();
        }
        // No device can be left in the workspace for others to open.
        alice.docker("exec web mknod /s/device b 7 0").await.fails();
        let made = std::fs::metadata(work.join("new/deep")).expect("it was made");
        assert_eq!((made.uid(), made.gid()), (1000, 1000));
        let missing = alice
            .docker("run --rm --mount type=bind,source=/work/nothing,target=/x debian:12 true")
            .await
            .fails();
        assert!(missing.contains("bind source path does not exist: /work/nothing"), "{missing}");
        assert!(!work.join("nothing").exists());

        let shown = alice.get("/containers/web/json").await.json();
        let mounts = shown["Mounts"].as_array().expect("mounts");
        let source = |target: &str| {
            let mount = mounts.iter().find(|mount| mount["Destination"] == target);
            mount.map(|mount| (mount["Source"].clone(), mount["RW"].clone()))
        };
        assert_eq!(source("/s"), Some((json!("/work/site"), json!(true))));
        assert_eq!(source("/all"), Some((json!("/work"), json!(false))));
        assert_eq!(source("/m"), Some((json!("/work/site"), json!(false))));
        let asked = shown["HostConfig"]["Binds"].as_array().expect("binds");
        assert!(asked.contains(&json!("/work/site:/s")), "{asked:?}");
        let listed = alice.get("/containers/json").await.json();
        for text in [shown.to_string(), listed.to_string()] {
            let host = world.folder.path().to_str().expect("plain");
            assert!(!text.contains(host) && !text.contains("binds/"), "{text}");
        }

        assert_eq!(std::fs::read_dir(anchors(world)).expect("anchors").count(), 5);
        alice.docker("rm -f web").await.ok();
        crate::common::until("the last anchor takes the folder with it", async || {
            !anchors(world).exists()
        })
        .await;
        alice.docker("run --rm -v /work/site:/s debian:12 true").await.ok();
        crate::common::until("the anchor goes with its container", async || !anchors(world).exists()).await;
        assert!(work.join("site/index").exists(), "what was bound is still there");
    })
    .await;
}

#[tokio::test]
async fn only_the_own_workspace_can_be_bound() {
    in_world(async |world| {
        let (alice, work) = (&world.alice, world.alice.workspace());
        let host = work.to_str().expect("plain").to_owned();
        symlink("/etc", work.join("etc")).expect("a link");
        symlink("../bob.work", work.join("bob")).expect("a link");
        symlink("/proc/self/root/etc", work.join("magic")).expect("a link");
        let _socket = std::os::unix::net::UnixListener::bind(work.join("sock")).expect("a socket");
        for path in [
            "/etc",
            "/",
            "/var/run/docker.sock",
            "/work/../etc",
            "/work/etc",
            "/work/etc/passwd",
            "/work/bob",
            "/work/magic",
            "/work/sock",
            "/workbench",
            "/proc/1/root/work",
            &host,
        ] {
            let body =
                json!({ "Image": "debian:12", "Cmd": ["true"], "HostConfig": { "Binds": [format!("{path}:/x")] } });
            let bind = alice.post("/containers/create", &body).await;
            assert_eq!(bind.status, 403, "{path}: {}", bind.message());
            assert!(
                bind.message().contains(&format!("{path:?}")),
                "{}",
                bind.message()
            );
            let mount = json!({ "Type": "bind", "Source": path, "Target": "/x" });
            let body = json!({ "Image": "debian:12", "Cmd": ["true"], "HostConfig": { "Mounts": [mount] } });
            assert_eq!(
                alice.post("/containers/create", &body).await.status,
                403,
                "{path}"
            );
        }
        assert!(world.containers().await.is_empty());
        assert!(!anchors(world).exists());
    })
    .await;
}

#[tokio::test]
async fn a_swapped_folder_does_not_lead_out() {
    in_world(async |world| {
        let (alice, work) = (&world.alice, world.alice.workspace());
        let site = work.join("site");
        std::fs::create_dir(&site).expect("a folder");
        std::fs::write(site.join("hostname"), "mine").expect("a file");
        let run = "-v /work/site:/s debian:12 sh";
        alice
            .docker(&format!("create --name fresh {run}"))
            .await
            .ok();
        let up = alice
            .docker("run -d --name up --stop-timeout 0 -v /work/site:/s debian:12 sleep 600")
            .await
            .ok();
        std::fs::rename(&site, work.join("moved")).expect("moved");
        symlink("/etc", &site).expect("a link");

        let start = alice.docker("start fresh").await.fails();
        assert!(
            start.contains("\"/work/site\" leads out of /work"),
            "{start}"
        );
        let restart = alice.docker("restart -t 0 up").await.fails();
        assert!(restart.contains("leads out of /work"), "{restart}");
        assert_eq!(cat(world, "up", "/s/hostname").await, "mine");
        // A restart by the engine itself, as after a crash: the anchor holds what it was.
        world.raw.docker(&format!("restart -t 0 {up}")).await.ok();
        assert_eq!(cat(world, "up", "/s/hostname").await, "mine");

        // A folder that was made anew is what the next start sees.
        std::fs::remove_file(&site).expect("the link");
        std::fs::create_dir(&site).expect("a folder");
        std::fs::write(site.join("hostname"), "anew").expect("a file");
        alice.docker("restart -t 0 up").await.ok();
        assert_eq!(cat(world, "up", "/s/hostname").await, "anew");
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_is_swapped_all_the_time_does_not_lead_out() {
    in_world(async |world| {
        let (alice, work) = (&world.alice, world.alice.workspace());
        std::fs::create_dir_all(work.join("folder/site")).expect("a folder");
        symlink("/etc", work.join("link")).expect("a link");
        let stop = Arc::new(AtomicBool::new(false));
        let (site, other, link) = (work.join("site"), work.join("folder"), work.join("link"));
        let stopped = stop.clone();
        let flipping = std::thread::spawn(move || {
            let mut rounds = 0u64;
            while !stopped.load(Ordering::Relaxed) && site.parent().is_some_and(|at| at.exists()) {
                // The folder, then the link to /etc, under the same name.
                for (from, to) in [
                    (&other, &site),
                    (&site, &other),
                    (&link, &site),
                    (&site, &link),
                ] {
                    let _ = std::fs::rename(from, to);
                }
                rounds += 1;
                std::thread::sleep(std::time::Duration::from_micros(300));
            }
            rounds
        });
        let mut all = Vec::new();
        for _ in 0..10 {
            all.push(
                alice
                    .docker("run --rm -v /work/site:/s debian:12 ls /s")
                    .await,
            );
        }
        stop.store(true, Ordering::Relaxed);
        assert!(flipping.join().expect("it flips") > 100);
        for ran in all {
            assert!(!ran.out.contains("passwd"), "{ran:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn binds_outlive_the_gateway() {
    in_world(async |world| {
        let work = world.alice.workspace();
        std::fs::write(work.join("file"), "one").expect("a file");
        world
            .alice
            .docker("run -d --name up --stop-timeout 0 -v /work:/w debian:12 sleep 600")
            .await
            .ok();
        let id = world.alice.docker("ps -q --no-trunc").await.ok();
        world.restart().await;
        world.reopen().await;
        std::fs::write(work.join("file"), "two").expect("a file");
        assert_eq!(cat(world, "up", "/w/file").await, "two");
        world.alice.docker("restart -t 0 up").await.ok();
        assert_eq!(cat(world, "up", "/w/file").await, "two");

        // As after a reboot: no anchors. The engine by itself fails loudly, a start through the scope makes them anew.
        world.alice.docker("stop -t 0 up").await.ok();
        Gateway::clear_mounts(&world.folder.path().join("ledger")).expect("cleared");
        assert!(!anchors(world).exists());
        world.raw.docker(&format!("start {id}")).await.fails();
        world.alice.docker("start up").await.ok();
        assert_eq!(cat(world, "up", "/w/file").await, "two");

        // A scope that is stopped holds no mounts, and has them again when its containers start.
        world.gateway.stop_scope("alice").await.expect("stopped");
        assert!(!anchors(world).exists());
        world.reopen().await;
        world.alice.docker("start up").await.ok();
        assert_eq!(cat(world, "up", "/w/file").await, "two");

        // What nobody owns is swept when the gateway opens.
        world.raw.docker(&format!("rm -f {id}")).await.ok();
        world.restart().await;
        assert!(!anchors(world).exists());
        world.reopen().await;
    })
    .await;
}
