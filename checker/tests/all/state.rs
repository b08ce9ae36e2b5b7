//! The engine's state on a real engine: containers, volumes, networks, names, running servers.

use std::time::{Duration, Instant};

use bollard::models::{
    ContainerCreateBody, HostConfig, NetworkConnectRequest, NetworkCreateRequest,
    VolumeCreateRequest,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, KillContainerOptions, RemoveContainerOptionsBuilder,
    RemoveVolumeOptions,
};
use checker::{CheckResult, Status};

use crate::ground::{Ground, base_image, exercise, folder, head, result, with_engine};

/// Things on the engine with names of this process; removed at the end, whatever happened.
struct Things<'a> {
    ground: &'a Ground,
    mark: String,
}

impl Things<'_> {
    fn name(&self, what: &str) -> String {
        format!("dt-state-{}-{what}", self.mark)
    }

    async fn container(&self, what: &str, command: &[&str], host: HostConfig) {
        let body = ContainerCreateBody {
            image: Some(base_image()),
            cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new()
            .name(&self.name(what))
            .build();
        let docker = &self.ground.docker;
        docker
            .create_container(Some(options), body)
            .await
            .expect("a container");
        docker
            .start_container(&self.name(what), None)
            .await
            .expect("it starts");
    }

    async fn network(&self, what: &str) {
        let body = NetworkCreateRequest {
            name: self.name(what),
            ..NetworkCreateRequest::default()
        };
        self.ground
            .docker
            .create_network(body)
            .await
            .expect("a network");
    }

    async fn clear(&self, containers: &[&str], networks: &[&str], volumes: &[&str]) {
        let docker = &self.ground.docker;
        for what in containers {
            let force = RemoveContainerOptionsBuilder::new()
                .force(true)
                .v(true)
                .build();
            let _ = docker.remove_container(&self.name(what), Some(force)).await;
        }
        for what in networks {
            let _ = docker.remove_network(&self.name(what)).await;
        }
        for what in volumes {
            let _ = docker
                .remove_volume(&self.name(what), None::<RemoveVolumeOptions>)
                .await;
        }
    }

    /// One assertion, in which `@x` is the name of the thing `x`.
    async fn judge(&self, assertion: &str) -> CheckResult {
        let assertion = assertion.replace('@', &format!("dt-state-{}-", self.mark));
        let exercise = exercise(&format!(
            "  - {}\n    assert: {{{assertion}}}\n",
            head("it")
        ));
        let dir = folder(&[]);
        let (report, _) = self.ground.check(&exercise, dir.path(), 60).await;
        result(&report, "it").clone()
    }

    async fn all(&self, cases: &[(&str, Status, &str)]) {
        for (assertion, status, says) in cases {
            let it = self.judge(assertion).await;
            assert_eq!(it.status, *status, "{assertion}: {it:#?}");
            let said = format!("{} {}", it.message, it.actual.clone().unwrap_or_default());
            assert!(said.contains(says), "{assertion}: {it:#?}");
        }
    }
}

fn things(ground: &Ground) -> Things<'_> {
    Things {
        ground,
        mark: std::process::id().to_string(),
    }
}

#[tokio::test]
async fn containers_volumes_and_files_are_as_they_are() {
    with_engine(|ground| async move {
        let things = things(&ground);
        let volume = VolumeCreateRequest { name: Some(things.name("notes")), ..VolumeCreateRequest::default() };
        ground.docker.create_volume(volume).await.expect("a volume");
        let host = HostConfig {
            binds: Some(vec![format!("{}:/data", things.name("notes"))]),
            memory: Some(64 << 20),
            ..HostConfig::default()
        };
        let script = "echo hello > /data/memo.txt; ln -s memo.txt /data/link; echo ready; exec sleep 1000";
        things.container("web", &["sh", "-c", script], host).await;
        things.container("old", &["sh", "-c", "exit 127"], HostConfig::default()).await;
        things
            .all(&[
                ("container: {name: '@web', state: running, memory: 64m, logs: {contains: ready}, within: 10}", Status::Pass, ""),
                ("container: {name: '@web', mounts: [{type: volume, source: '@notes', target: /data}], ports: []}", Status::Pass, ""),
                ("container: {name: '@web', files: [{path: /data/link, content: {equals: hello}}, {path: /none, exists: false}]}", Status::Pass, ""),
                ("container: {name: '@web', processes: {has: [sleep 1000], count: {exactly: 1}}}", Status::Pass, ""),
                ("container: {name: '@web', exec: [{command: [cat, /data/memo.txt], output: {equals: hello}}]}", Status::Pass, ""),
                ("container: {name: '@web', exec: [{command: [no-such-program]}]}", Status::Fail, "exit code 12"),
                ("container: {name: '@old', state: running}", Status::Fail, "exit code 127"),
                ("container: {name: '@wbe'}", Status::Fail, "there is `"),
                ("volume: {name: '@notes', used-by: ['@web'], files: [{path: memo.txt, content: {contains: hell}}]}", Status::Pass, ""),
                ("volume: {name: '@notes', files: [{path: none.txt}]}", Status::Fail, "none.txt not there"),
                ("volume: {name: '@other'}", Status::Fail, "no volume"),
            ])
            .await;
        things.clear(&["web", "old"], &[], &["notes"]).await;
    })
    .await;
}

#[tokio::test]
async fn what_becomes_right_is_seen_when_it_happens() {
    with_engine(|ground| async move {
        let things = things(&ground);
        things
            .container("late", &["sleep", "1000"], HostConfig::default())
            .await;
        let began = Instant::now();
        let ending = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let name = things.name("late");
            let kill = ground
                .docker
                .kill_container(&name, None::<KillContainerOptions>);
            kill.await.expect("it is killed");
        };
        let (it, ()) = tokio::join!(
            things.judge("container: {name: '@late', exit-code: 137, within: 30}"),
            ending
        );
        assert_eq!(it.status, Status::Pass, "{it:#?}");
        assert!(
            began.elapsed() < Duration::from_secs(12),
            "{:?}",
            began.elapsed()
        );
        let it = things
            .judge("container: {name: '@late', state: running, within: 1}")
            .await;
        assert_eq!(it.status, Status::Fail);
        assert!(it.expected.unwrap().ends_with("(within 1 s)"));
        things.clear(&["late"], &[], &[]).await;
    })
    .await;
}

#[tokio::test]
async fn names_and_servers_are_found_on_networks() {
    with_engine(|ground| async move {
        let things = things(&ground);
        things.network("front").await;
        let on_front = || HostConfig { network_mode: Some(things.name("front")), ..HostConfig::default() };
        let server = r#"use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1); while (my $c = $s->accept) { my $l = <$c>; my $no = $l =~ m{^GET /v2/other}; print $c $no ? "HTTP/1.0 404 Not Found\r\n\r\nNAME_UNKNOWN" : "HTTP/1.0 200 OK\r\n\r\nboard\n"; close $c; }"#;
        things.container("db", &["perl", "-e", server], on_front()).await;
        things.container("web", &["sleep", "1000"], on_front()).await;
        things.container("alone", &["sleep", "1000"], HostConfig::default()).await;
        things
            .all(&[
                ("network: {name: '@front', driver: bridge, containers: ['@web', '@db'], no-containers: ['@alone']}", Status::Pass, ""),
                ("resolves: {from: '@web', name: '@db', to: '@db'}", Status::Pass, ""),
                ("resolves: {from: '@alone', name: '@db'}", Status::Fail, "name not known"),
                ("http: {container: '@db', port: 80, body: {contains: board}}", Status::Pass, ""),
                ("http: {container: '@db', from: '@web', port: 80, body: {contains: board}}", Status::Pass, ""),
                ("http: {container: '@db', port: 80, status: 404, within: 2}", Status::Fail, "HTTP 200"),
                ("http: {container: '@db', port: 81, within: 1}", Status::Fail, "listens on 80"),
                ("http: {published: 59999, within: 1}", Status::Fail, "leads to no running container"),
                ("registry: {container: '@db', port: 80, repository: board, within: 2}", Status::Pass, ""),
                ("registry: {container: '@db', port: 80, repository: other, within: 1}", Status::Fail, "no repository `other`"),
                ("registry: {container: '@db', port: 80, repository: board, same-as: 'none:1', within: 1}", Status::Fail, "no such local image"),
                ("registry: {container: '@alone', repository: board, within: 1}", Status::Fail, "nothing listened"),
            ])
            .await;
        let joins = NetworkConnectRequest { container: things.name("alone"), ..NetworkConnectRequest::default() };
        ground.docker.connect_network(&things.name("front"), joins).await.expect("it joins");
        things.all(&[("resolves: {from: '@alone', name: '@db', to: '@db', within: 10}", Status::Pass, "")]).await;
        things.clear(&["db", "web", "alone"], &["front"], &[]).await;
    })
    .await;
}
