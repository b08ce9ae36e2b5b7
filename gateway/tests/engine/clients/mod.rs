//! The real clients through a scope and on the raw engine, side by side: every word of their answers must agree.
//!
//! The commands are in `*.cases` files, one a line for bash; [`cases`] says how they are read.

mod cases;
mod mask;
mod python;
mod terminal;
mod udp;

use crate::common::{World, in_world};
use crate::side::{PATIENCE, Ran, Side};
use cases::{Case, Differs};
use gateway::{Catalogue, CatalogueImage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// The engine whose words the gateway speaks; of another one, only the exit codes are compared.
const WORDS_OF: &str = "20.10.";

/// One client on one engine, in a folder of its own.
struct Desk<'a> {
    side: &'a Side,
    folder: PathBuf,
    variables: BTreeMap<&'static str, String>,
    /// Where the engine says that it keeps everything.
    root: String,
    /// The engine's version.
    version: String,
}

impl<'a> Desk<'a> {
    /// `client` is the docker command line to use; without one, the first in the search path.
    async fn new(world: &World, side: &'a Side, client: Option<&Path>, prefix: &str) -> Self {
        let folder = world.folder.path().join(format!("{}-desk", side.name));
        let programs = folder.join("programs");
        std::fs::create_dir_all(&programs).expect("a folder");
        if let Some(client) = client {
            symlink(client, programs.join("docker")).expect("a link");
        }
        if let Some(compose) = std::env::var_os("DOCKTUTOR_TEST_COMPOSE") {
            let plugins = folder.join("config/cli-plugins");
            std::fs::create_dir_all(&plugins).expect("a folder");
            symlink(compose, plugins.join("docker-compose")).expect("a link");
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: &Path| path.display().to_string();
        let variables = BTreeMap::from([
            ("PATH", format!("{}:{path}", text(&programs))),
            ("HOME", text(&folder)),
            ("DOCKER_CONFIG", text(&folder.join("config"))),
            ("DOCKER_HOST", format!("unix://{}", text(&side.socket))),
            ("DOCKER_BUILDKIT", "0".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("IMAGE", world.image.clone()),
            ("P", prefix.to_owned()),
        ]);
        let work = folder.join("work");
        std::fs::create_dir_all(&work).expect("a folder");
        let info = side.get("/info").await.json();
        Self {
            side,
            folder: work,
            variables,
            root: info["DockerRootDir"].as_str().expect("a path").to_owned(),
            version: info["ServerVersion"]
                .as_str()
                .expect("a version")
                .to_owned(),
        }
    }

    /// Takes out of an answer what only this side can say.
    fn forget_itself(&self, ran: &mut Ran) {
        for text in [&mut ran.out, &mut ran.err] {
            *text = text
                .replace(&self.folder.display().to_string(), ".")
                .replace(&self.side.socket.display().to_string(), "SOCKET")
                .replace(&self.variables["P"], "P")
                .replace(&self.root, "/var/lib/docker");
        }
    }

    async fn run(&self, line: &str) -> Ran {
        let child = Command::new("bash")
            .args(["-c", line])
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("bash is installed");
        // Nothing is thrown here: what the commands made must still be taken away.
        let Ok(output) = tokio::time::timeout(PATIENCE, child.wait_with_output()).await else {
            return Ran {
                code: -1,
                out: String::new(),
                err: format!("{} did not end", self.side.name),
            };
        };
        let output = output.expect("bash ran");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

/// Gives a test both desks; what it finds wrong is said when everything is taken away.
async fn in_world_of(
    client: Option<&Path>,
    test: impl AsyncFnOnce(&Desk<'_>, &Desk<'_>) -> Vec<String>,
) {
    in_world(async |world| {
        let image = CatalogueImage {
            id: world.image_id.clone(),
            stand_in: true,
            listed: true,
        };
        world
            .gateway
            .set_catalogue(Catalogue([(world.image.clone(), image)].into()));
        // Names of the same length: the engine knows the scope's containers, too, by names that begin alike.
        // The last letter keeps one world's names from being the beginning of another's.
        let plain = format!("r{}z", world.instance);
        let ours = format!("s{}z", world.instance);
        let raw = Desk::new(world, &world.raw, client, &plain).await;
        let alice = Desk::new(world, &world.alice, client, &ours).await;
        let problems = test(&raw, &alice).await;
        clean(&raw).await;
        assert!(
            problems.is_empty(),
            "{} differ\n\n{}",
            problems.len(),
            problems.join("\n\n")
        );
    })
    .await;
}

/// Runs a file of cases on both sides; all that disagrees is said at once.
async fn compare(file: &str, client: Option<&Path>) {
    in_world_of(client, async |raw, alice| {
        let mut problems = Vec::new();
        for case in cases::read(file) {
            let (mut plain, mut ours) = tokio::join!(raw.run(&case.line), alice.run(&case.line));
            // An engine prunes for one client at a time, and other tests prune, too.
            while plain.err.contains("a prune operation is already running") {
                plain = raw.run(&case.line).await;
            }
            raw.forget_itself(&mut plain);
            alice.forget_itself(&mut ours);
            if raw.version.starts_with(WORDS_OF) {
                problems.extend(judge(&case, client.is_some(), &plain, &ours));
            } else if plain.code != ours.code && case.differs.is_empty() {
                let (line, codes) = (&case.line, (plain.code, ours.code));
                problems.push(format!("$ {line}\n  {codes:?}: {}{}", ours.out, ours.err));
            }
        }
        problems
    })
    .await;
}

/// Another docker command line, an old one, if there is one.
fn old_client() -> Option<PathBuf> {
    std::env::var_os("DOCKTUTOR_TEST_OLD_CLI").map(PathBuf::from)
}

/// What is wrong with an answer, in words.
fn judge(case: &Case, is_old: bool, plain: &Ran, ours: &Ran) -> Option<String> {
    let differing: BTreeSet<String> = differences(plain, ours);
    let unexplained: Vec<&String> = differing
        .iter()
        .filter(|what| {
            let excused = |known: &Differs| (is_old || !known.of_old) && known.covers(what);
            !case.differs.iter().any(excused)
        })
        .collect();
    let idle: Vec<&Differs> = case
        .differs
        .iter()
        .filter(|known| !known.of_old && !differing.iter().any(|what| known.covers(what)))
        .collect();
    let said = format!("{}{}", ours.out, ours.err);
    let unsaid: Vec<&String> = case
        .says
        .iter()
        .filter(|text| !said.contains(*text))
        .collect();
    // The instances of tests are a `t` and a number; their image has a name that begins alike.
    let is_leak = |line: &&str| {
        let mut after = line.split("docktutor-t").skip(1);
        after.any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let leak = said.lines().find(is_leak);
    if unexplained.is_empty() && idle.is_empty() && unsaid.is_empty() && leak.is_none() {
        return None;
    }
    let mut text = format!("$ {}\n", case.line);
    if !unexplained.is_empty() {
        text += &format!(
            "  differs in {unexplained:?}\n{}",
            side_by_side(plain, ours)
        );
    }
    for known in idle {
        text += &format!("  does not differ any more in this: {known:?}\n");
    }
    for words in unsaid {
        text += &format!("  the scope does not say {words:?}: {said}\n");
    }
    if let Some(line) = leak {
        text += &format!("  the scope shows a name of the gateway's: {line}\n");
    }
    Some(text)
}

/// Where two answers differ: `code`, `out`, `err`, or the path of a value where both answers are JSON.
fn differences(plain: &Ran, ours: &Ran) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    if plain.code != ours.code {
        all.insert("code".to_owned());
    }
    if mask::mask(&plain.err) != mask::mask(&ours.err) {
        all.insert("err".to_owned());
    }
    match (document(&plain.out), document(&ours.out)) {
        (Some(plain), Some(ours)) => {
            let (plain, ours) = (mask::leaves(&plain), mask::leaves(&ours));
            let keys: BTreeSet<&String> = plain.keys().chain(ours.keys()).collect();
            all.extend(
                keys.into_iter()
                    .filter(|key| plain.get(*key) != ours.get(*key))
                    .cloned(),
            );
        }
        _ if mask::mask(&plain.out) != mask::mask(&ours.out) => drop(all.insert("out".to_owned())),
        _ => {}
    }
    all
}

fn side_by_side(plain: &Ran, ours: &Ran) -> String {
    let mut text = format!("  codes: {} {}\n", plain.code, ours.code);
    for (name, plain, ours) in [
        ("out", &plain.out, &ours.out),
        ("err", &plain.err, &ours.err),
    ] {
        let (left, right) = (lines(plain), lines(ours));
        for line in left.iter().filter(|line| !right.contains(line)) {
            text += &format!("  {name} engine: {line}\n");
        }
        for line in right.iter().filter(|line| !left.contains(line)) {
            text += &format!("  {name} scope:  {line}\n");
        }
    }
    text
}

/// The lines of an answer; of a document, the paths and values.
fn lines(text: &str) -> Vec<String> {
    match document(text) {
        Some(value) => mask::leaves(&value)
            .into_iter()
            .map(|(path, value)| format!("{path} = {value}"))
            .collect(),
        None => mask::mask(text).lines().map(str::to_owned).collect(),
    }
}

fn document(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text)
        .ok()
        .filter(|value| value.is_object() || value.is_array())
}

/// Takes away what the commands left on the raw engine; the scope's goes with the scope.
async fn clean(raw: &Desk<'_>) {
    for line in [
        "docker ps -aq --filter name=$P | xargs -r docker rm -fv",
        "docker network ls -q --filter name=$P | xargs -r docker network rm",
        "docker volume ls -q --filter name=$P | xargs -r docker volume rm",
        "docker images --format '{{.Repository}}:{{.Tag}}' | grep \"^$P\" | xargs -r docker rmi -f",
    ] {
        raw.run(line).await;
    }
}

macro_rules! compared {
    ($($name:ident)*) => {$(
        #[tokio::test]
        async fn $name() {
            compare(stringify!($name), None).await;
            // One after the other: both publish the same ports on the raw engine.
            if let Some(client) = old_client() {
                compare(stringify!($name), Some(&client)).await;
            }
        }
    )*};
}

compared! { containers errors files streams images networks volumes }

/// Compose is a program of its own, whichever command line starts it.
#[tokio::test]
async fn compose() {
    if std::env::var_os("DOCKTUTOR_TEST_COMPOSE").is_some() {
        compare("compose", None).await;
    }
}
