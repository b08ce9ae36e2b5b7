//! Writers against a scope's share of the disk: each write works on the raw engine, and ends here where the limit is.

mod images;

use crate::common::{World, in_world_with, set_catalogue, until};
use crate::side::Side;
use gateway::{Access, Config, Gateway, Limits, ScopeSpec};
use serde_json::Value;

const MIB: u64 = 1 << 20;

/// 20 MiB; what goes on writing is stopped at 22.
fn small() -> Limits {
    Limits {
        disk: 20 << 20,
        ..Limits::default()
    }
}

/// What the scope's own socket says of its disk, looked at anew if need be.
async fn disk(side: &Side) -> Value {
    side.get("/_docktutor/usage").await.json()["disk"].clone()
}

async fn mib(side: &Side, part: &str) -> u64 {
    disk(side).await[part].as_u64().expect("it is measured") / MIB
}

/// Waits until a part takes so many MiB: files are counted a moment after they were written.
async fn grows(side: &Side, part: &str, least: u64) {
    until("it is counted", async || mib(side, part).await >= least).await;
}

/// Writes 24 MiB at once and then one more again and again, 60 in all.
const WRITER: &str = "head -c 25165824 /dev/zero > $0/large; \
                      i=1; while [ $i -le 60 ]; do echo $i; head -c 1048576 /dev/zero > $0/f$i; i=$((i+1)); sleep 0.5; done";

async fn write(side: &Side, options: &[&str], image: &str, folder: &str) {
    let mut arguments = vec!["run", "-d"];
    arguments.extend(options);
    arguments.extend([image, "sh", "-c", WRITER, folder]);
    side.docker_with(&arguments, b"").await.ok();
}

async fn is_killed(side: &Side, name: &str) -> bool {
    let format = "{{.State.Running}} {{.State.ExitCode}}";
    side.docker_with(&["inspect", "-f", format, name], b"")
        .await
        .ok()
        == "false 137"
}

/// The same write on the engine itself, by this world's label, so that it goes away whatever happens.
async fn works_on_the_engine(world: &World) {
    let label = format!("docktutor.instance={}", world.instance);
    let name = format!("raw-{}", world.instance);
    write(
        &world.raw,
        &["--name", &name, "--label", &label],
        &world.image,
        "/tmp",
    )
    .await;
    until("it writes on and on", async || {
        let log = world.raw.docker(&format!("logs {name}")).await;
        log.out.lines().any(|line| line == "4")
    })
    .await;
    world.raw.docker(&format!("rm -f {name}")).await.ok();
}

#[tokio::test]
async fn a_container_that_writes_on_is_stopped_and_removing_it_makes_room() {
    in_world_with(small(), async |world| {
        let (alice, bob) = (&world.alice, &world.bob);
        works_on_the_engine(world).await;
        for side in [alice, bob] {
            side.docker("run -d --name calm debian:12 sleep 600")
                .await
                .ok();
        }
        // It would come up again by itself if it had only ended.
        let options = ["--name", "big", "--restart", "always"];
        write(alice, &options, "debian:12", "/tmp").await;
        until("it is stopped", async || is_killed(alice, "big").await).await;
        let log = alice.docker("logs big").await.ok();
        assert!(
            !log.lines().any(|line| line == "60"),
            "it did not come to its end"
        );
        let why = ["inspect", "-f", "{{.State.Error}}", "big"];
        let why = alice.docker_with(&why, b"").await.ok();
        assert!(why.contains("at most 20 MiB of disk"), "{why}");
        for refused in [
            "run --rm debian:12 true",
            "volume create more",
            "start big",
            "restart big",
            "commit calm copy",
        ] {
            let said = alice.docker(refused).await.fails();
            for words in [
                "at most 20 MiB of disk",
                "files in containers",
                "docker rm",
                "went on writing: big",
            ] {
                assert!(said.contains(words), "{refused}: {said}");
            }
        }
        // What tidies up works, and who did not write runs on.
        assert_eq!(alice.docker("exec calm echo alive").await.ok(), "alive");
        assert_eq!(bob.docker("exec calm echo alive").await.ok(), "alive");
        assert_eq!(
            bob.docker("run --rm debian:12 echo fine").await.ok(),
            "fine"
        );
        assert!(alice.docker("ps -as").await.ok().contains("big"));
        assert!(alice.docker("system df").await.ok().contains("Containers"));
        alice.docker("rm big").await.ok();
        assert_eq!(
            alice.docker("run --rm debian:12 echo again").await.ok(),
            "again"
        );
        let audit = std::fs::read_to_string(world.folder.path().join("ledger/audit.jsonl"))
            .unwrap_or_default();
        let noted = audit.lines().any(|line| {
            line.contains("\"container kill\"")
                && line.contains("\"big\"")
                && line.contains("\"limit\"")
        });
        assert!(noted, "{audit}");
    })
    .await;
}

#[tokio::test]
async fn a_volume_is_full_until_it_is_removed() {
    in_world_with(small(), async |world| {
        let alice = &world.alice;
        write(
            alice,
            &["--name", "db", "-v", "data:/data"],
            "debian:12",
            "/data",
        )
        .await;
        until("it is stopped", async || is_killed(alice, "db").await).await;
        assert!(mib(alice, "volumes").await >= 20);
        let sizes = alice.docker("system df -v").await.ok();
        assert!(
            sizes
                .lines()
                .any(|line| line.starts_with("data ") && line.contains("MB")),
            "{sizes}"
        );
        alice.docker("rm db").await.ok();
        let said = alice.docker("run --rm debian:12 true").await.fails();
        assert!(
            said.contains("(volumes ") && said.contains("docker volume rm"),
            "{said}"
        );
        alice.docker("volume rm data").await.ok();
        assert_eq!(
            alice.docker("run --rm debian:12 echo again").await.ok(),
            "again"
        );
        assert_eq!(mib(alice, "used").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_little_over_the_limit_everything_runs_on_and_can_be_tidied_up() {
    in_world_with(small(), async |world| {
        let alice = &world.alice;
        alice
            .docker_with(
                &["run", "-d", "--name", "shop", "debian:12", "sleep", "600"],
                b"",
            )
            .await
            .ok();
        let fill = [
            "exec",
            "shop",
            "sh",
            "-c",
            "head -c 22020096 /dev/zero > /large",
        ];
        alice.docker_with(&fill, b"").await.ok();
        grows(alice, "layers", 20).await;
        let said = alice.docker("run --rm debian:12 true").await.fails();
        assert!(said.contains("uses 22 (files in containers 22)"), "{said}");
        assert!(!said.contains("went on writing"), "{said}");
        alice.docker("exec shop rm /large").await.ok();
        until("there is room", async || {
            alice.docker("run --rm debian:12 true").await.code == 0
        })
        .await;
        // The workspace counts where it is the scope's own.
        std::fs::write(alice.workspace().join("file"), vec![1; 21 << 20]).expect("a file");
        grows(alice, "workspace", 21).await;
        let said = alice.docker("run --rm debian:12 true").await.fails();
        assert!(said.contains("delete files in /work"), "{said}");
        std::fs::remove_file(alice.workspace().join("file")).expect("removed");
        until("there is room", async || {
            alice.docker("run --rm debian:12 true").await.code == 0
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_file_without_a_name_hides_nothing() {
    in_world_with(small(), async |world| {
        let alice = &world.alice;
        let hidden = "exec 3> /tmp/x; rm /tmp/x; head -c 25165824 /dev/zero >&3; echo hidden; \
                      for i in $(seq 60); do head -c 1048576 /dev/zero >&3; sleep 0.5; done; sleep 600";
        alice
            .docker_with(
                &["run", "-d", "--name", "sly", "debian:12", "sh", "-c", hidden],
                b"",
            )
            .await
            .ok();
        until("it is stopped", async || is_killed(alice, "sly").await).await;
        // With its last process the file is gone, and there is room again.
        until("there is room", async || {
            alice.docker("run --rm debian:12 true").await.code == 0
        })
        .await;
        assert_eq!(alice.docker("logs sly").await.ok(), "hidden");
    })
    .await;
}

/// An engine whose files the gateway cannot read: it is asked for what containers wrote into themselves.
#[tokio::test]
async fn on_a_remote_engine_the_files_of_containers_count() {
    in_world_with(small(), async |world| {
        let side = Side {
            name: "remote".to_owned(),
            socket: world.folder.path().join("remote.sock"),
            home: world.alice.home.clone(),
        };
        let gateway = Gateway::open(Config {
            upstream: world.raw.socket.clone(),
            local: false,
            runtime: None,
            folder: world.folder.path().join("remote"),
            instance: format!("{}r", world.instance),
        })
        .await
        .expect("a gateway");
        set_catalogue(&gateway, &world.image_id);
        let spec = ScopeSpec {
            name: side.name.clone(),
            socket: side.socket.clone(),
            access: Access::Owner,
            workspace: None,
            limits: small(),
        };
        gateway.open_scope(spec).await.expect("a scope");
        let ran = side
            .docker_with(
                &[
                    "run",
                    "-d",
                    "--name",
                    "big",
                    "debian:12",
                    "sh",
                    "-c",
                    WRITER,
                    "/tmp",
                ],
                b"",
            )
            .await;
        let killed = async {
            while side
                .docker("inspect -f {{.State.ExitCode}} big")
                .await
                .out
                .trim()
                != "137"
            {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        let killed = tokio::time::timeout(std::time::Duration::from_secs(30), killed).await;
        let (seen, refused) = (
            disk(&side).await,
            side.docker("create debian:12 true").await,
        );
        // Nothing of this gateway's may stay, whatever was seen.
        gateway.remove_scope("remote").await.expect("removed");
        gateway.shutdown().await;
        ran.ok();
        assert!(killed.is_ok(), "it was not stopped: {seen}");
        assert!(
            seen["layers"]
                .as_u64()
                .is_some_and(|bytes| bytes >= 22 * MIB),
            "{seen}"
        );
        assert!(
            seen["volumes"].is_null() && seen["images"].is_null(),
            "{seen}"
        );
        assert!(refused.fails().contains("at most 20 MiB of disk"));
    })
    .await;
}
