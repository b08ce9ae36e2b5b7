//! A data folder of one test, and the proof that nothing outlives it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::engine;

/// The binary under test.
pub(crate) const DOCKTUTOR: &str = env!("CARGO_BIN_EXE_docktutor");

/// A fresh data folder, with an engine or without one. Dropping it uninstalls it.
#[derive(Debug)]
pub(crate) struct Home {
    folder: TempDir,
    engine: Option<PathBuf>,
}

impl Home {
    /// On the tests' engine.
    pub(crate) fn new() -> Home {
        Home {
            folder: folder(),
            engine: Some(engine::socket()),
        }
    }

    /// Where no engine can be had: `DOCKER_HOST` names a socket that does not exist.
    pub(crate) fn without_engine() -> Home {
        Home {
            folder: folder(),
            engine: None,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The label value of everything that this installation makes on an engine.
    pub(crate) fn instance(&self) -> String {
        std::fs::read_to_string(self.data().join("instance"))
            .expect("the server has run")
            .trim()
            .to_owned()
    }

    /// A command of ours with its surroundings set: the engine, this data folder, no other settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(DOCKTUTOR);
        let missing = self.folder.path().join("no-engine.sock");
        let socket = self.engine.as_deref().unwrap_or(&missing);
        command
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env("DOCKER_HOST", format!("unix://{}", socket.display()))
            .env_remove("DOCKER_CONTEXT")
            .env_remove("RUST_LOG")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command of ours to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("docktutor can be run")
    }

    /// A file or folder beside the data, gone with it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.engine.is_none() {
            return;
        }
        let instance = std::fs::read_to_string(self.data().join("instance")).unwrap_or_default();
        if instance.trim().is_empty() {
            return;
        }
        let output = self.run(&["uninstall", "--yes"]);
        let mut left = engine::all_of(instance.trim());
        left.extend(mounts_below(&self.data()));
        if self.data().exists() {
            left.push(format!("the folder {}", self.data().display()));
        }
        if std::thread::panicking() {
            // The test's own failure is the one to read; what is left is said beside it.
            eprintln!("left behind: {left:?}");
            return;
        }
        assert!(
            output.status.success() && left.is_empty(),
            "uninstall ended with {}; left behind: {left:#?}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("docktutor-test-")
        .tempdir()
        .expect("a temporary folder")
}

fn mounts_below(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    std::fs::read_to_string("/proc/self/mountinfo")
        .unwrap_or_default()
        .lines()
        .filter(|line| {
            line.split(' ')
                .nth(4)
                .is_some_and(|point| point.starts_with(&folder))
        })
        .map(|line| format!("mount {line}"))
        .collect()
}
