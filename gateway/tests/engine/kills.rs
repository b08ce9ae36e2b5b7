//! A gateway that is killed a hundred times, at any moment of creates, removes and builds.

use crate::common::{World, escape, in_world};
use hyper::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

const KILLS: usize = 100;
/// Kills stop then, however many there were; the test says how many.
const MOST: Duration = Duration::from_secs(150);

/// The gateway as a process of its own.
struct Process(Child);

impl Process {
    async fn start(world: &World, socket: &Path, instance: &str) -> Self {
        let tests = std::env::current_exe().expect("this test's own path");
        let program = tests
            .parent()
            .and_then(Path::parent)
            .expect("a folder")
            .join("examples/serve");
        let child = Command::new(program)
            .arg(&world.raw.socket)
            .args([
                "victim",
                socket.to_str().expect("a path"),
                &format!("debian:12={}", world.image_id),
            ])
            .env("INSTANCE", instance)
            .stdout(Stdio::null())
            .spawn()
            .expect("cargo builds the example with the tests");
        let process = Self(child);
        let begun = Instant::now();
        while ask(socket, "GET", "/_ping", "").await.is_none() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the gateway does not come up"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        process
    }

    /// As `kill -9`, at once.
    fn kill(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ends");
    }
}

/// One call; nothing where the gateway is gone before it has answered.
pub(crate) async fn ask(
    socket: &Path,
    method: &str,
    path: &str,
    body: impl AsRef<[u8]>,
) -> Option<String> {
    let body = body.as_ref();
    let mut stream = UnixStream::connect(socket).await.ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.starts_with("HTTP/1.1 ").then_some(answer)
}

/// What a learner does all the time, in an order without a pattern. `who` tells the parallel ones apart.
async fn work(socket: PathBuf, mut state: u64) {
    loop {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (what, number) = ((state >> 33) % 8, (state >> 40) % 4);
        let name = format!("n{number}");
        match what {
            0..=2 => {
                let mounts = json!([{ "Type": "volume", "Target": "/v" }, { "Type": "volume", "Source": "kept", "Target": "/k" }]);
                let body = json!({ "Image": "debian:12", "Cmd": ["true"], "HostConfig": { "Mounts": mounts } });
                ask(
                    &socket,
                    "POST",
                    &format!("/containers/create?name={name}"),
                    body.to_string(),
                )
                .await
            }
            3 => {
                ask(
                    &socket,
                    "DELETE",
                    &format!("/containers/{name}?force=1&v=1"),
                    "",
                )
                .await
            }
            4 => {
                ask(
                    &socket,
                    "POST",
                    "/volumes/create",
                    json!({ "Name": format!("v{number}") }).to_string(),
                )
                .await
            }
            5 => ask(&socket, "DELETE", &format!("/volumes/v{number}"), "").await,
            6 if number == 0 => {
                let body = json!({ "Name": "n1", "CheckDuplicate": true }).to_string();
                ask(&socket, "POST", "/networks/create", body).await;
                ask(&socket, "DELETE", "/networks/n1", "").await
            }
            6 => ask(&socket, "DELETE", "/images/made:1?force=1", "").await,
            _ => ask(&socket, "POST", "/build?t=made:1&version=1", context(state)).await,
        };
    }
}

fn context(number: u64) -> Vec<u8> {
    let dockerfile =
        format!("FROM debian:12\nLABEL number={number}\nRUN echo {number} > /number\n");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(dockerfile.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "Dockerfile", dockerfile.as_bytes())
        .expect("a file");
    tar.into_inner().expect("a tar")
}

pub(crate) fn texts(list: &Value, key: &str) -> BTreeSet<String> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(|one| one[key].as_str().map(str::to_owned))
        .collect()
}

/// What the engine has of an instance: ids of containers and networks, names of volumes, tags of images.
async fn on_engine(world: &World, instance: &str) -> [BTreeSet<String>; 4] {
    let filters =
        escape(&json!({ "label": [format!("docktutor.instance={instance}")] }).to_string());
    let get = async |path: &str| {
        world
            .raw
            .get(&format!("{path}filters={filters}"))
            .await
            .json()
    };
    let images = world.raw.get("/images/json").await.json();
    let tags = images
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|image| image["RepoTags"].as_array().cloned());
    let tags = tags
        .flatten()
        .filter_map(|tag| tag.as_str().map(str::to_owned));
    [
        texts(&get("/containers/json?all=1&").await, "Id"),
        texts(&get("/networks?").await, "Id"),
        texts(&get("/volumes?").await["Volumes"], "Name"),
        tags.filter(|tag| tag.starts_with(&format!("docktutor-{instance}/")))
            .collect(),
    ]
}

async fn json_of(socket: &Path, path: &str) -> Value {
    let answer = ask(socket, "GET", path, "").await.expect("an answer");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let (start, end) = (
        body.find(['{', '[']).unwrap_or(0),
        body.rfind(['}', ']']).map_or(0, |end| end + 1),
    );
    serde_json::from_str(&body[start..end])
        .unwrap_or_else(|error| panic!("{path}: {error}: {answer}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_kills_leave_books_and_engine_in_agreement() {
    in_world(async |world| {
        let instance = format!("{}k", world.instance);
        let socket = world.folder.path().join("victim.sock");
        let mut process = Process::start(world, &socket, &instance).await;
        let made = ask(&socket, "POST", "/volumes/create", r#"{"Name":"kept"}"#).await;
        assert!(made.is_some_and(|answer| answer.starts_with("HTTP/1.1 201")));
        let (begun, mut kills) = (Instant::now(), 0);
        while kills < KILLS && begun.elapsed() < MOST {
            let seed = kills as u64 * 7919 + u64::from(std::process::id());
            let learners = [1, 2, 3].map(|who| tokio::spawn(work(socket.clone(), seed * who)));
            tokio::time::sleep(Duration::from_millis(seed * 31 % 150)).await;
            process.kill();
            for learner in learners {
                learner.abort();
            }
            kills += 1;
            process = Process::start(world, &socket, &instance).await;
        }
        eprintln!("{kills} kills in {:?}", begun.elapsed());
        assert!(
            kills >= KILLS / 2,
            "{kills} kills only: the machine is too busy for this test"
        );
        // What the engine was still making for the last gateway is found by the next.
        tokio::time::sleep(Duration::from_secs(2)).await;
        process.kill();
        process = Process::start(world, &socket, &instance).await;

        let [containers, networks, volumes, images] = on_engine(world, &instance).await;
        assert_eq!(
            texts(&json_of(&socket, "/containers/json?all=1").await, "Id"),
            containers
        );
        let mut shown = texts(&json_of(&socket, "/networks").await, "Id");
        shown.retain(|id| networks.contains(id));
        assert_eq!(
            shown, networks,
            "every network on the engine is the scope's"
        );
        let usage = json_of(&socket, "/_docktutor/usage").await;
        assert_eq!(
            usage["networks"]["used"].as_u64().map(|used| used + 1),
            Some(networks.len() as u64),
            "{usage}"
        );
        assert_eq!(
            usage["volumes"]["used"],
            volumes.len(),
            "{usage} {volumes:?}"
        );
        assert_eq!(usage["containers"]["used"], containers.len(), "{usage}");
        assert_eq!(usage["images"]["used"], images.len(), "{usage} {images:?}");
        assert!(
            texts(&json_of(&socket, "/volumes").await["Volumes"], "Name").contains("kept"),
            "the learner's data"
        );
        // And everything of it can be removed.
        for id in containers {
            ask(
                &socket,
                "DELETE",
                &format!("/containers/{id}?force=1&v=1"),
                "",
            )
            .await;
        }
        let pid = rustix::process::Pid::from_raw(process.0.id() as i32).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
        assert!(process.0.wait().expect("it ends").success());
        let left = on_engine(world, &instance).await;
        for tag in &left[3] {
            world
                .raw
                .call(Method::DELETE, &format!("/images/{tag}?force=1"), None)
                .await;
        }
        assert!(left.iter().all(BTreeSet::is_empty), "{left:?}");
    })
    .await;
}
