//! A learner with a terminal and with the socket that the terminal uses.

use std::path::PathBuf;

use serde_json::Value;

use crate::common::engine;
use crate::common::home::Home;
use crate::common::learner::Learner;
use crate::common::server::Server;
use crate::common::terminal::Terminal;

/// One learner's sandbox, ready.
pub(crate) struct Attacker {
    pub(crate) terminal: Terminal,
    pub(crate) socket: PathBuf,
    pub(crate) scope: String,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) said: String,
}

impl Attacker {
    pub(crate) async fn new(home: &Home, learner: Learner) -> Attacker {
        learner.start_sandbox().await;
        let mut terminal = learner.terminal(1).await;
        let mark = format!(
            "mark-{}",
            terminal.run("echo $RANDOM$RANDOM$RANDOM").await.trim()
        );
        terminal.run(&format!("touch /work/{mark}")).await;
        let folder = std::fs::read_dir(home.data().join("scopes"))
            .expect("the scopes")
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|folder| folder.join("work").join(&mark).exists())
            .expect("the learner's scope");
        let scope = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        Attacker {
            terminal,
            socket: folder.join("run/docker.sock"),
            scope,
        }
    }

    /// A command in the workbench's shell.
    pub(crate) async fn run(&mut self, command: &str) -> Outcome {
        let said = self
            .terminal
            .run(&format!("{{ {command} ; }} 2>&1; echo EXIT:$?"))
            .await;
        let (said, code) = said.rsplit_once("EXIT:").expect("an exit code");
        Outcome {
            code: code.trim().parse().expect("a number"),
            said: said.to_owned(),
        }
    }

    /// The command must fail with some words; nothing that it made may be dangerous.
    pub(crate) async fn refused(&mut self, command: &str) -> String {
        let outcome = self.run(command).await;
        assert_ne!(outcome.code, 0, "{command} went through: {}", outcome.said);
        assert!(
            outcome.said.trim().len() > 10,
            "{command} is refused without a word: {:?}",
            outcome.said
        );
        assert!(
            !outcome.said.contains("command not found"),
            "{command}: {}",
            outcome.said
        );
        outcome.said
    }

    /// A request on the learner's socket, past every client.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        engine::request(&self.socket, method, path, body)
    }
}

/// A server with one attacker.
pub(crate) async fn begin(home: &Home) -> (Server, Attacker) {
    let server = Server::start(home);
    let learner = server.learner().await;
    let attacker = Attacker::new(home, learner).await;
    (server, attacker)
}

/// Whatever exists for learners on the raw engine holds no power over the host.
pub(crate) fn assert_harmless(home: &Home) {
    for container in engine::learners_containers(&home.instance()) {
        let id = container["Id"].as_str().expect("an id");
        let container = engine::get(&format!("/containers/{id}/json"));
        let host = &container["HostConfig"];
        let name = &container["Name"];
        assert_ne!(host["Privileged"], true, "{name}");
        for mode in [
            "NetworkMode",
            "PidMode",
            "IpcMode",
            "UTSMode",
            "UsernsMode",
            "CgroupnsMode",
        ] {
            assert_ne!(host[mode], "host", "{name} {mode}");
        }
        for list in [
            "CapAdd",
            "Devices",
            "DeviceCgroupRules",
            "DeviceRequests",
            "VolumesFrom",
            "Binds",
            "Links",
        ] {
            assert!(
                host[list].as_array().is_none_or(Vec::is_empty),
                "{name} {list}: {}",
                host[list]
            );
        }
        assert!(
            !host["SecurityOpt"].to_string().contains("unconfined"),
            "{name}: {}",
            host["SecurityOpt"]
        );
        assert!(
            host["Sysctls"]
                .as_object()
                .is_none_or(serde_json::Map::is_empty),
            "{name}: {}",
            host["Sysctls"]
        );
        assert!(
            host["Memory"].as_i64().is_some_and(|bytes| bytes > 0),
            "{name} has no memory limit"
        );
        assert!(
            host["PidsLimit"].as_i64().is_some_and(|pids| pids > 0),
            "{name} has no process limit"
        );
        assert!(
            host["PortBindings"]
                .as_object()
                .is_none_or(serde_json::Map::is_empty),
            "{name}: {}",
            host["PortBindings"]
        );
        for (list, path) in [
            ("MaskedPaths", "/proc/kcore"),
            ("ReadonlyPaths", "/proc/sys"),
        ] {
            assert!(
                host[list].to_string().contains(path),
                "{name} {list}: {}",
                host[list]
            );
        }
        for mount in container["Mounts"].as_array().into_iter().flatten() {
            if mount["Type"] == "bind" {
                let source = mount["Source"].as_str().unwrap_or("");
                let own = source.starts_with(&*home.data().to_string_lossy())
                    || source.starts_with("/run/");
                assert!(own, "{name} has {source} mounted");
            }
        }
    }
}

/// The words of an answer without the ids and names that the question held.
pub(crate) fn without(text: &str, parts: &[&str]) -> String {
    parts
        .iter()
        .fold(text.to_owned(), |text, part| text.replace(part, "X"))
}

/// Names that a JSON answer lists.
pub(crate) fn names(listed: &Value) -> Vec<String> {
    listed
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["Names"].to_string())
        .collect()
}
