//! What a beginner does with Docker, through a scope.

use crate::common::{in_world, until};

#[tokio::test]
async fn a_container_lives_from_run_to_rm() {
    in_world(async |world| {
        let alice = &world.alice;
        assert_eq!(
            alice.docker("run --rm debian:12 echo hello").await.ok(),
            "hello"
        );
        assert_eq!(alice.docker("run --rm debian:12 sh -c false").await.code, 1);
        assert_eq!(
            alice
                .docker_with(
                    &["run", "-i", "--rm", "debian:12", "cat"],
                    b"\x00\x01\xff in"
                )
                .await
                .code,
            0
        );

        let id = alice
            .docker("run -d --name web debian:12 sleep 600")
            .await
            .ok();
        assert_eq!(
            alice
                .docker("ps --format {{.Names}}|{{.Image}}|{{.ID}}")
                .await
                .ok(),
            format!("web|debian:12|{}", &id[..12])
        );
        assert_eq!(alice.docker("exec web echo inside").await.ok(), "inside");
        assert_eq!(
            alice
                .docker_with(&["exec", "-i", "web", "cat"], b"half closed")
                .await
                .ok(),
            "half closed"
        );
        let format = "{{.Name}}|{{.Config.Image}}|{{json .Config.Labels}}";
        let shown = alice
            .docker_with(&["inspect", "-f", format, "web"], b"")
            .await
            .ok();
        assert_eq!(shown, "/web|debian:12|{}");
        alice.docker("rename web shop").await.ok();
        alice.docker("restart -t 0 shop").await.ok();
        alice.docker("pause shop").await.ok();
        alice.docker("unpause shop").await.ok();
        assert!(alice.docker("top shop").await.ok().contains("sleep 600"));
        assert!(
            alice
                .docker("stats --no-stream --format {{.Name}} shop")
                .await
                .ok()
                .contains("shop")
        );
        assert!(
            alice
                .docker("rm shop")
                .await
                .fails()
                .contains("running container")
        );
        alice.docker("stop -t 0 shop").await.ok();
        assert_eq!(alice.docker("wait shop").await.ok(), "137");
        alice.docker("rm shop").await.ok();
        assert_eq!(alice.docker("ps -aq").await.ok(), "");
        assert!(world.containers().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn logs_copy_and_changes_work() {
    in_world(async |world| {
        let alice = &world.alice;
        alice
            .docker_with(
                &[
                    "run",
                    "--name",
                    "job",
                    "debian:12",
                    "sh",
                    "-c",
                    "echo one; echo two >&2; echo x > /made",
                ],
                b"",
            )
            .await
            .ok();
        let logs = alice.docker("logs job").await;
        assert_eq!((logs.out.trim(), logs.err.trim()), ("one", "two"));
        assert_eq!(alice.docker("logs --tail 0 job").await.ok(), "");
        assert!(alice.docker("diff job").await.ok().contains("A /made"));
        let file = world.folder.path().join("file");
        std::fs::write(&file, "from outside").expect("a file");
        alice
            .docker(&format!("cp {} job:/copied", file.display()))
            .await
            .ok();
        alice
            .docker(&format!("cp job:/copied {}.back", file.display()))
            .await
            .ok();
        assert_eq!(
            std::fs::read_to_string(format!("{}.back", file.display())).expect("copied"),
            "from outside"
        );
        assert!(alice.docker("start -a job").await.ok().contains("one"));
    })
    .await;
}

#[tokio::test]
async fn volumes_follow_the_usual_rules() {
    in_world(async |world| {
        let alice = &world.alice;
        alice
            .docker_with(
                &[
                    "run",
                    "--rm",
                    "-v",
                    "data:/d",
                    "-v",
                    "/anon",
                    "debian:12",
                    "sh",
                    "-c",
                    "echo kept > /d/f",
                ],
                b"",
            )
            .await
            .ok();
        assert_eq!(
            alice.docker("volume ls -q").await.ok(),
            "data",
            "--rm takes the anonymous one along"
        );
        assert_eq!(
            alice
                .docker("run --rm -v data:/d:ro debian:12 cat /d/f")
                .await
                .ok(),
            "kept"
        );
        alice
            .docker("run --rm -v data:/d:ro debian:12 touch /d/g")
            .await
            .fails();
        alice
            .docker("run -d --name one -v /anon debian:12 sleep 600")
            .await
            .ok();
        assert_eq!(alice.docker("volume ls -q").await.ok().lines().count(), 2);
        alice.docker("rm -f one").await.ok();
        assert_eq!(
            alice.docker("volume ls -q").await.ok().lines().count(),
            2,
            "rm -f keeps it"
        );
        alice
            .docker("run -d --name two -v /anon debian:12 sleep 600")
            .await
            .ok();
        alice.docker("rm -fv two").await.ok();
        assert_eq!(
            alice.docker("volume ls -q").await.ok().lines().count(),
            2,
            "rm -v takes it"
        );
        alice.docker("volume prune -f").await.ok();
        assert_eq!(alice.docker("volume ls -q").await.ok(), "");
        assert!(world.volumes().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn names_resolve_on_own_networks_only() {
    in_world(async |world| {
        let alice = &world.alice;
        alice.docker("network create shop").await.ok();
        alice
            .docker("run -d --name db --network shop --network-alias store debian:12 sleep 600")
            .await
            .ok();
        alice
            .docker("run -d --name lone debian:12 sleep 600")
            .await
            .ok();
        for name in ["db", "store"] {
            alice
                .docker(&format!(
                    "run --rm --network shop debian:12 getent hosts {name}"
                ))
                .await
                .ok();
        }
        alice
            .docker("run --rm debian:12 getent hosts lone")
            .await
            .fails();
        alice
            .docker("run --rm --network shop debian:12 getent hosts lone")
            .await
            .fails();
        alice.docker("network connect shop lone").await.ok();
        alice
            .docker("run --rm --network shop debian:12 getent hosts lone")
            .await
            .ok();
        assert!(
            alice
                .docker("network rm shop")
                .await
                .fails()
                .contains("has active endpoints")
        );
        alice.docker("network disconnect shop lone").await.ok();
        let shown = alice
            .docker("network inspect shop -f {{.Name}}:{{range.Containers}}{{.Name}}{{end}}")
            .await
            .ok();
        assert_eq!(shown, "shop:db");
        alice.docker("rm -f db").await.ok();
        alice.docker("network rm shop").await.ok();
        assert_eq!(
            alice.docker("network ls --format {{.Name}}").await.ok(),
            "bridge\nhost\nnone"
        );
    })
    .await;
}

#[tokio::test]
async fn a_removed_catalogue_image_comes_back_by_pull() {
    in_world(async |world| {
        let alice = &world.alice;
        assert!(
            alice
                .docker("pull debian:12")
                .await
                .ok()
                .contains("Image is up to date")
        );
        alice.docker("rmi debian:12").await.ok();
        assert!(
            !alice
                .docker("images --format {{.Repository}}")
                .await
                .ok()
                .contains("debian")
        );
        alice
            .docker("run --rm --pull never debian:12 true")
            .await
            .fails();
        assert!(
            world
                .bob
                .docker("images --format {{.Repository}}")
                .await
                .ok()
                .contains("debian")
        );
        assert!(
            alice
                .docker("pull debian:12")
                .await
                .ok()
                .contains("Downloaded newer image")
        );
        alice.docker("run --rm debian:12 true").await.ok();
        assert!(
            alice
                .docker("pull debian:99")
                .await
                .fails()
                .contains("debian:12"),
            "what there is, is said"
        );
    })
    .await;
}

#[tokio::test]
async fn events_are_ones_own() {
    in_world(async |world| {
        world
            .bob
            .docker("run --rm --name secret debian:12 true")
            .await
            .ok();
        world
            .alice
            .docker("run --rm --name mine -v data:/d debian:12 true")
            .await
            .ok();
        // The command line cuts times to seconds: until the next one, so that the last events are in.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let next = now.expect("after 1970").as_secs() + 1;
        let line = format!("events --since 120s --until {next}");
        let events = world.alice.docker(&line).await.ok();
        assert!(
            events.contains("container start")
                && events.contains("name=mine")
                && events.contains("image=debian:12"),
            "{events}"
        );
        assert!(events.contains("volume mount data"), "{events}");
        assert!(
            !events.contains("secret") && !events.contains("docktutor"),
            "{events}"
        );
    })
    .await;
}

#[tokio::test]
async fn published_ports_are_ones_own_localhost() {
    in_world(async |world| {
        let serve = "$s=IO::Socket::INET->new(LocalPort=>80,Listen=>9) or die; while($c=$s->accept){print $c $ENV{SAY};close $c}";
        let read = "$s=IO::Socket::INET->new(q(127.0.0.1:8080)) or exit 1; print <$s>";
        let mut desks = Vec::new();
        for side in [&world.alice, &world.bob] {
            let scope = world.scope(side);
            let label = format!("docktutor.instance={}", world.instance);
            let network = scope.network_id();
            let desk = world.raw.docker(&format!("run -d --label {label} --network {network} {} sleep 600", world.image)).await.ok();
            scope.set_workbench(Some(desk.clone()));
            let say = format!("SAY={}", side.name);
            side.docker_with(&["run", "-d", "--name", "web", "-e", &say, "-p", "8080:80", "-P", "debian:12", "perl", "-MIO::Socket::INET", "-e", serve], b"").await.ok();
            assert_eq!(side.docker("port web").await.ok(), "80/tcp -> 0.0.0.0:8080");
            desks.push((side, desk));
        }
        for (side, desk) in &desks {
            until("the page is served", async || {
                let page = world.raw.docker_with(&["exec", desk, "perl", "-MIO::Socket::INET", "-e", read], b"").await;
                page.out == side.name
            })
            .await;
            assert!(side.docker("run -d --name second -p 8080:80 debian:12 sleep 600").await.fails().contains("port is already allocated"));
            side.docker("rm -f web").await.ok();
            side.docker("start second").await.ok();
            let page = world.raw.docker_with(&["exec", desk, "perl", "-MIO::Socket::INET", "-e", read], b"").await;
            assert_eq!(page.out, "", "nobody listens in the second container");
            side.docker("stop -t 0 second").await.ok();
            assert_eq!(side.docker("port second").await.out.trim(), "");
        }
        // A new namespace: the ports of what runs are bound again.
        let (side, desk) = &desks[0];
        let say = format!("SAY={}", side.name);
        side.docker_with(&["run", "-d", "--name", "again", "-e", &say, "-p", "8080:80", "debian:12", "perl", "-MIO::Socket::INET", "-e", serve], b"").await.ok();
        world.raw.docker(&format!("restart -t 0 {desk}")).await.ok();
        until("the ports are bound again", async || {
            let page = world.raw.docker_with(&["exec", desk, "perl", "-MIO::Socket::INET", "-e", read], b"").await;
            page.out == side.name
        })
        .await;
    })
    .await;
}
