//! An engine that is killed and comes again, under a gateway that goes on. It is one of this test's own, in a network
//! namespace of its own, so that the other tests' engine does not notice.

use crate::common::{escape, set_catalogue, spec, until};
use crate::kills::{ask, texts};
use crate::side::{PATIENCE, Side};
use gateway::{Config, Gateway, Limits};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// So often it is killed in the middle of the learners' work.
const KILLS: u64 = 8;

struct Engine {
    folder: tempfile::TempDir,
    namespace: String,
    child: Option<Child>,
}

fn run(program: &str, line: &str) {
    let done = Command::new(program)
        .args(line.split_whitespace())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(done.status.success(), "{program} {line}: {done:?}");
}

impl Engine {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("dt-test-{}-{nth}", std::process::id());
        run("ip", &format!("netns add {namespace}"));
        let engine = Self {
            // The path of containerd's socket is long already.
            folder: tempfile::Builder::new()
                .prefix("dte")
                .tempdir()
                .expect("a folder"),
            namespace,
            child: None,
        };
        engine.ip("link set lo up");
        engine.ip("link add dte0 type bridge");
        engine.ip("address add 172.31.250.1/24 dev dte0");
        engine.ip("link set dte0 up");
        engine
    }

    fn ip(&self, line: &str) {
        run("ip", &format!("-n {} {line}", self.namespace));
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&mut self) {
        let log = std::fs::File::create(self.at("log")).expect("a file");
        // What was killed has left its pid file.
        let _ = std::fs::remove_file(self.at("pid"));
        let path = |name: &str| self.at(name).display().to_string();
        let child = Command::new("nsenter")
            .arg(format!("--net=/run/netns/{}", self.namespace))
            .args(["dockerd", "--bridge", "dte0"])
            .args(["--data-root", &path("data"), "--exec-root", &path("exec")])
            .args(["--pidfile", &path("pid"), "--host"])
            .arg(format!("unix://{}", path("e.sock")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("dockerd is installed"));
    }

    /// As `kill -9`. Containers run on; its containerd ends with it, and a dockerd that starts before that would wait for it
    /// in vain.
    fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let begun = Instant::now();
        while self.containerd().is_some() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its containerd, if that runs.
    fn containerd(&self) -> Option<Pid> {
        let text = std::fs::read_to_string(self.at("exec/containerd/containerd.pid")).ok()?;
        let pid = Pid::from_raw(text.trim().parse().ok()?)?;
        rustix::process::test_kill_process(pid).ok().map(|()| pid)
    }

    /// Processes of containers and what holds them, when dockerd has not ended them.
    fn end_containers(&self) {
        let own = self.folder.path().display().to_string();
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids: Vec<i32> = all
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        let line = |pid: i32| std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
        for shim in pids
            .into_iter()
            .filter(|pid| line(*pid).is_ok_and(|line| line.contains(&own)))
        {
            let children = std::fs::read_to_string(format!("/proc/{shim}/task/{shim}/children"));
            let children = children.unwrap_or_default();
            let children = children
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok());
            for pid in children.chain([shim]).filter_map(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let pid = Pid::from_raw(child.id() as i32).expect("a process");
            let _ = kill_process(pid, Signal::TERM);
            let begun = Instant::now();
            while matches!(child.try_wait(), Ok(None)) && begun.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(50));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(pid) = self.containerd() {
            let _ = kill_process(pid, Signal::KILL);
        }
        self.end_containers();
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let own = self.folder.path().display().to_string();
        let points = mounts.lines().filter_map(|line| line.split(' ').nth(1));
        for point in points.filter(|point| point.starts_with(&own)) {
            let _ = Command::new("umount").args(["-l", point]).status();
        }
        run("ip", &format!("netns delete {}", self.namespace));
    }
}

/// A scope on the engine, whose gateway stays the same all the time.
struct Ground {
    engine: Engine,
    raw: Side,
    alice: Side,
    gateway: Gateway,
    instance: String,
}

impl Ground {
    async fn new() -> Self {
        let mut engine = Engine::new();
        engine.start();
        let side = |name: &str, socket: PathBuf| Side {
            name: name.to_owned(),
            home: engine.at("home"),
            socket,
        };
        let (raw, alice) = (
            side("raw", engine.at("e.sock")),
            side("alice", engine.at("alice.sock")),
        );
        std::fs::create_dir(&raw.home).expect("a folder");
        std::fs::create_dir(alice.workspace()).expect("a folder");
        until_up(&raw).await;
        let image = load(&engine, &raw).await;
        let instance = format!("t{}e", std::process::id());
        let gateway = Gateway::open(Config {
            upstream: raw.socket.clone(),
            local: true,
            runtime: None,
            folder: engine.at("ledger"),
            instance: instance.clone(),
        });
        let gateway = gateway.await.expect("a gateway");
        set_catalogue(&gateway, &image);
        let opened = gateway.open_scope(spec(&alice, Limits::default())).await;
        opened.expect("a scope");
        Self {
            engine,
            raw,
            alice,
            gateway,
            instance,
        }
    }

    async fn restart(&mut self) {
        self.engine.kill();
        self.engine.start();
        until_up(&self.raw).await;
    }

    /// What the engine has with the instance's label: ids of containers, names of volumes.
    async fn on_engine(&self) -> [BTreeSet<String>; 2] {
        let filters = json!({ "label": [format!("docktutor.instance={}", self.instance)] });
        let filters = escape(&filters.to_string());
        let containers = format!("/containers/json?all=1&filters={filters}");
        let volumes = format!("/volumes?filters={filters}");
        [
            texts(&self.raw.get(&containers).await.json(), "Id"),
            texts(&self.raw.get(&volumes).await.json()["Volumes"], "Name"),
        ]
    }

    async fn end(self) {
        let removed = self.gateway.remove_scope(&self.alice.name).await;
        removed.expect("all of it can be removed");
        assert_eq!(self.on_engine().await, [BTreeSet::new(), BTreeSet::new()]);
        self.gateway.shutdown().await;
    }
}

async fn until_up(raw: &Side) {
    let up = async { while raw.docker("version").await.code != 0 {} };
    tokio::time::timeout(PATIENCE, up)
        .await
        .expect("dockerd comes up");
}

/// The tests' image, taken over from their engine. Gives its id.
async fn load(engine: &Engine, raw: &Side) -> String {
    let image = std::env::var("DOCKTUTOR_TEST_IMAGE").expect("make test sets it");
    let other = std::env::var("DOCKTUTOR_TEST_ENGINE").expect("make test sets it");
    let file = engine.at("image.tar").display().to_string();
    let host = format!("unix://{other}");
    let saved = Command::new("docker")
        .args(["--host", &host, "save", "--output", &file, &image])
        .status();
    assert!(saved.expect("docker is installed").success());
    raw.docker(&format!("load --quiet --input {file}"))
        .await
        .ok();
    std::fs::remove_file(file).expect("it was there");
    let id = raw
        .docker(&format!("inspect --format {{{{.Id}}}} {image}"))
        .await;
    id.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_goes_on_when_the_engine_has_been_killed() {
    let mut ground = Ground::new().await;
    let line = "run -d --name web --restart always -v data:/data -p 8080:80 debian:12 sleep 1000";
    ground.alice.docker(line).await.ok();
    let write = ["exec", "web", "sh", "-c", "echo kept > /data/file"];
    ground.alice.docker_with(&write, b"").await.ok();
    ground.alice.docker("network create front").await.ok();

    ground.engine.kill();
    let said = ground.alice.docker("ps").await.fails();
    assert!(said.contains("cannot be reached just now"), "{said}");
    ground.engine.start();
    until_up(&ground.raw).await;

    // The same socket, and nobody has done anything to the gateway.
    let alice = &ground.alice;
    until("web runs again", || async {
        alice.docker("ps --format {{.Names}}").await.out.trim() == "web"
    })
    .await;
    assert_eq!(alice.docker("exec web cat /data/file").await.ok(), "kept");
    until("the port is its own again", || async {
        alice.docker("port web").await.out.contains("8080")
    })
    .await;
    alice
        .docker("run --rm --network front debian:12 true")
        .await
        .ok();
    assert_eq!(
        alice.docker("run --rm debian:12 echo new").await.ok(),
        "new"
    );
    // A network that is made now has its rules too, in the namespace of the engine that is there now.
    alice.docker("network create back").await.ok();
    assert_eq!(ground.gateway.firewall_problem(), None);
    let table = Command::new("nsenter")
        .arg(format!("--net=/run/netns/{}", ground.engine.namespace))
        .args(["nft", "list", "table", "inet"])
        .arg(format!("docktutor_{}", ground.instance))
        .output()
        .expect("nft is installed");
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    let bridges = bridges(&ground).await;
    assert_eq!(bridges.len(), 3, "{bridges:?}");
    for bridge in bridges {
        assert!(table.contains(&bridge), "{bridge}: {table}");
    }
    ground.end().await;
}

/// The bridges of the scope's networks.
async fn bridges(ground: &Ground) -> Vec<String> {
    let networks = ground.raw.get("/networks").await.json();
    let own = networks.as_array().into_iter().flatten();
    let own = own.filter(|one| one["Labels"]["docktutor.instance"] == ground.instance.as_str());
    own.filter_map(|one| one["Options"]["com.docker.network.bridge.name"].as_str())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_the_engine_leave_books_and_engine_in_agreement() {
    let mut ground = Ground::new().await;
    ground.alice.docker("volume create kept").await.ok();
    for nth in 0..KILLS {
        let learners =
            [1, 2].map(|who| tokio::spawn(work(ground.alice.socket.clone(), nth * 7919 * who)));
        tokio::time::sleep(Duration::from_millis(100 + nth * 97 % 400)).await;
        ground.restart().await;
        for learner in learners {
            learner.abort();
        }
    }
    let alice = &ground.alice;
    // The gateway compares when the engine's events come again, and what the engine says is compared with that here.
    let begun = Instant::now();
    loop {
        let [containers, volumes] = ground.on_engine().await;
        let shown = texts(&alice.get("/containers/json?all=1").await.json(), "Id");
        let usage = alice.get("/_docktutor/usage").await.json();
        let counted = [&usage["containers"]["used"], &usage["volumes"]["used"]];
        if shown == containers && counted == [containers.len(), volumes.len()] {
            break;
        }
        assert!(
            begun.elapsed() < PATIENCE / 4,
            "on the engine {containers:?} {volumes:?}, shown {shown:?}, counted {counted:?}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let volumes = alice.docker("volume ls --quiet").await.ok();
    assert!(volumes.lines().any(|name| name == "kept"), "{volumes}");
    alice.docker("run --rm debian:12 true").await.ok();
    ground.end().await;
}

/// What a learner does, whatever comes of it.
async fn work(socket: PathBuf, mut state: u64) {
    loop {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let number = (state >> 40) % 4;
        let mounts = json!([{ "Type": "volume", "Target": "/v" }, { "Type": "volume", "Source": "kept", "Target": "/k" }]);
        let body =
            json!({ "Image": "debian:12", "Cmd": ["true"], "HostConfig": { "Mounts": mounts } });
        let (method, path, body) = match (state >> 33) % 5 {
            0..=2 => (
                "POST",
                format!("/containers/create?name=n{number}"),
                body.to_string(),
            ),
            3 => (
                "DELETE",
                format!("/containers/n{number}?force=1&v=1"),
                String::new(),
            ),
            _ => (
                "POST",
                "/volumes/create".to_owned(),
                json!({ "Name": format!("v{number}") }).to_string(),
            ),
        };
        ask(Path::new(&socket), method, &path, body).await;
    }
}
