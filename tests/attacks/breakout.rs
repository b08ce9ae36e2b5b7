//! Out of the container, by what the command line offers.

use crate::attacker::{assert_harmless, begin};
use crate::common::home::Home;

#[tokio::test]
async fn host_folders_in_every_spelling() {
    let home = Home::new();
    let (server, mut attacker) = begin(&home).await;
    let data = home.data();
    let data = data.display();
    attacker
        .run("ln -s / /work/root; ln -s /etc /work/etc; ln -s ../../.. /work/up; mkdir /work/dir")
        .await;
    for command in [
        "docker run --rm -v /:/host busybox cat /host/etc/shadow",
        "docker run --rm -v /etc:/host:ro busybox cat /host/shadow",
        "docker run --rm -v /etc/shadow:/f busybox cat /f",
        "docker run --rm -v /work/../etc:/host busybox cat /host/shadow",
        "docker run --rm -v //etc:/host busybox cat /host/shadow",
        "docker run --rm -v /workshop:/host busybox ls /host",
        "docker run --rm -v /var/run/docker.sock:/s busybox ls /s",
        "docker run --rm -v /run/docktutor:/s busybox ls /s",
        "docker run --rm --mount type=bind,source=/etc,target=/host busybox cat /host/shadow",
        "docker run --rm --mount type=bind,source=/work/../etc,target=/host busybox cat /host/shadow",
        "docker run --rm --mount type=bind,source=/work,target=/host,bind-propagation=shared busybox ls",
        "docker run --rm --mount type=volume,target=/host,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/etc busybox cat /host/shadow",
        "docker run --rm --mount type=volume,target=/host,volume-driver=other busybox ls",
        "docker volume create --opt type=none --opt o=bind --opt device=/etc evil",
        "docker volume create --driver other evil",
        "docker run --rm --volume-driver other -v v:/host busybox ls",
        "docker run --rm --volumes-from $(hostname) busybox ls /run/docktutor",
    ] {
        attacker.refused(command).await;
        assert_harmless(&home);
    }
    // Links in the workspace are the workspace's: they may be refused or be empty, and never lead out.
    for source in [
        "/work/root",
        "/work/root/etc",
        "/work/etc",
        "/work/up",
        "/work/root/root",
        "/work/etc/../etc",
    ] {
        let outcome = attacker
            .run(&format!(
                "docker run --rm -v {source}:/host busybox cat /host/shadow /host/etc/shadow"
            ))
            .await;
        assert!(
            !outcome.said.contains("root:"),
            "{source}: {}",
            outcome.said
        );
    }
    let token = attacker
        .run(&format!(
            "cat {data}/token; ls {data}; find / -name docktutor.sqlite 2>/dev/null"
        ))
        .await;
    assert!(
        !token.said.contains(server.token()) && !token.said.contains("/docktutor.sqlite"),
        "{}",
        token.said
    );
    // What is allowed still works.
    let fine = attacker
        .run("docker run --rm -v data:/d busybox sh -c 'echo mine > /d/f'; docker run --rm -v data:/d busybox cat /d/f")
        .await;
    assert_eq!(fine.said.trim(), "mine");
}

#[tokio::test]
async fn powers_that_a_container_must_not_have() {
    let home = Home::new();
    let (_server, mut attacker) = begin(&home).await;
    for flags in [
        "--privileged",
        "--cap-add ALL",
        "--cap-add SYS_ADMIN",
        "--cap-add cap_sys_ptrace",
        "--device /dev/kmsg",
        "--device-cgroup-rule 'c *:* rwm'",
        "--gpus all",
        "--security-opt seccomp=unconfined",
        "--security-opt apparmor=unconfined",
        "--security-opt no-new-privileges=false",
        "--runtime other",
        "--net host",
        "--net container:$(hostname)",
        "--pid host",
        "--pid container:$(hostname)",
        "--ipc host",
        "--ipc container:$(hostname)",
        "--uts host",
        "--userns host",
        "--cgroupns host",
        "--cgroup-parent /",
        "--sysctl net.ipv4.ip_forward=1",
        "--oom-kill-disable",
        "--oom-score-adj -1000",
        "--log-driver syslog --log-opt syslog-address=tcp://127.0.0.1:1",
        "--storage-opt size=100G",
        "--link $(hostname):x",
        "--blkio-weight 1000 --device-write-bps /dev/vda:1gb",
    ] {
        attacker
            .refused(&format!("docker run --rm {flags} busybox true"))
            .await;
        assert_harmless(&home);
    }
    // What would open the kernel's files is put right instead of being refused.
    attacker
        .run("docker run -d --security-opt systempaths=unconfined busybox sleep 1000")
        .await;
    assert_harmless(&home);
    let inside = attacker
        .run("docker run --rm busybox sh -c 'mount -t tmpfs x /mnt; mknod /tmp/k c 1 11; echo b > /proc/sysrq-trigger; echo 1 > /proc/sys/kernel/panic; cat /proc/1/status | grep CapEff'")
        .await;
    assert!(
        inside.said.contains("CapEff") && !inside.said.contains("ffffffff"),
        "{}",
        inside.said
    );
}

#[tokio::test]
async fn limits_cannot_be_taken_off() {
    let home = Home::new();
    let (_server, mut attacker) = begin(&home).await;
    attacker
        .run("docker run -d --name big --memory 0 --cpus 0 --pids-limit -1 busybox sleep 1000")
        .await;
    assert_harmless(&home);
    attacker
        .run("docker update --memory 100g --memory-swap -1 --pids-limit -1 --cpus 64 big")
        .await;
    assert_harmless(&home);
    attacker.run("docker run -d --name huge --memory 100g --memory-swap -1 --cpus 64 --pids-limit 1000000 busybox sleep 1000").await;
    assert_harmless(&home);
    for container in crate::common::engine::learners_containers(&home.instance()) {
        let id = container["Id"].as_str().expect("an id");
        let host =
            crate::common::engine::get(&format!("/containers/{id}/json"))["HostConfig"].clone();
        assert!(
            host["Memory"]
                .as_i64()
                .is_some_and(|bytes| bytes <= 4 << 30),
            "{}",
            host["Memory"]
        );
        assert!(
            host["PidsLimit"].as_i64().is_some_and(|pids| pids <= 4096),
            "{}",
            host["PidsLimit"]
        );
    }
    attacker.refused("docker exec --privileged big true").await;
}

#[tokio::test]
async fn builds_do_not_reach_out() {
    let home = Home::new();
    let (_server, mut attacker) = begin(&home).await;
    attacker
        .run("mkdir /work/b; cd /work/b; echo 'FROM busybox' > Dockerfile")
        .await;
    for command in [
        "docker build --network host .",
        "docker build --cgroup-parent / .",
        "docker build http://127.0.0.1:1/context.tar",
        "docker build git://127.0.0.1/repo.git",
        "docker build --security-opt seccomp=unconfined .",
        "printf 'FROM busybox\\nADD http://169.254.169.254/latest /x\\n' | docker build -",
        "printf 'FROM docktutor/workbench\\n' | docker build -",
        "printf 'FROM busybox\\nCOPY --from=docktutor/workbench /etc /x\\n' | docker build -",
        "printf 'FROM busybox\\nCOPY ../../../etc/shadow /x\\n' > Dockerfile.up; docker build -f Dockerfile.up .",
        "docker build -f /etc/shadow .",
        "docker import http://127.0.0.1:1/image.tar",
        "docker pull 127.0.0.1:1/anything",
        "docker push 127.0.0.1:1/anything",
        "docker login -u a -p b 127.0.0.1:1",
        "docker search --limit 1 anything",
        "docker swarm init",
        "docker plugin install --grant-all-permissions vieux/sshfs",
        "docker network create --driver host evil",
        "docker network create --driver macvlan evil",
        "docker network create --subnet 127.0.0.0/8 evil",
        "docker network create --opt com.docker.network.bridge.name=eth0 evil",
        "docker network connect host $(docker create busybox)",
    ] {
        attacker.refused(command).await;
    }
    assert_harmless(&home);
    let fine = attacker
        .run("docker build -t fine . && docker run --rm fine echo built")
        .await;
    assert!(fine.said.contains("built"), "{}", fine.said);
}

#[tokio::test]
async fn the_workbench_itself_is_a_cell() {
    let home = Home::new();
    let (_server, mut attacker) = begin(&home).await;
    let status = attacker
        .run("id -u; sed -n '/^Cap/p; /^NoNewPrivs/p' /proc/self/status")
        .await;
    assert!(status.said.starts_with("1000\n"), "{}", status.said);
    assert!(status.said.contains("NoNewPrivs:\t1"), "{}", status.said);
    for line in status.said.lines().filter(|line| line.starts_with("Cap")) {
        assert!(line.ends_with("0000000000000000"), "{line}");
    }
    let sockets = attacker
        .run("find / -xdev -type s 2>/dev/null; ls -A /run/docktutor")
        .await;
    assert!(!sockets.said.contains("containerd"), "{}", sockets.said);
    for command in [
        "mount -t tmpfs x /mnt",
        "cat /dev/vda",
        "touch /usr/bin/x",
        "echo x > /run/docktutor/docker.sock.new",
        "rm -f /run/docktutor/docker.sock",
        "unshare -r -m true && unshare -r -m mount -t tmpfs x /mnt",
        "kill -9 1",
    ] {
        let outcome = attacker.run(command).await;
        let harmless = outcome.code != 0 || command.starts_with("kill");
        assert!(harmless, "{command} went through: {}", outcome.said);
    }
    assert!(
        attacker
            .run("docker ps")
            .await
            .said
            .contains("CONTAINER ID"),
        "the sandbox still works"
    );
    // The learner cannot touch the workbench through the engine.
    for command in [
        "docker stop",
        "docker rm -f",
        "docker exec -u 0",
        "docker inspect",
    ] {
        let outcome = attacker.run(&format!("{command} $(hostname) true")).await;
        assert!(
            outcome.said.contains("No such"),
            "{command}: {}",
            outcome.said
        );
    }
}
