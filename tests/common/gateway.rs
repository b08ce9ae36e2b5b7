//! `docktutor gateway`: a scope of its own, as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::PATIENCE;
use super::home::Home;

/// `docktutor gateway --scope NAME`, as a process; killed when dropped.
#[derive(Debug)]
pub(crate) struct Open {
    child: Child,
    /// Where it is served.
    pub(crate) socket: PathBuf,
}

impl Open {
    pub(crate) fn start(home: &Home, name: &str, more: &[&str]) -> Open {
        Self::by(home.command(&["gateway"]), name, more)
    }

    pub(crate) fn by(mut command: Command, name: &str, more: &[&str]) -> Open {
        let mut child = command
            .args(["--scope", name, "--format", "json"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("docktutor can be started");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        let Ok(said) = serde_json::from_str::<Value>(&line) else {
            let mut errors = String::new();
            let _ = child.kill();
            let _ = child
                .stderr
                .take()
                .expect("a pipe")
                .read_to_string(&mut errors);
            panic!("the scope did not open: {line:?} {errors}");
        };
        assert_eq!(said["process"], child.id());
        let socket = said["socket"].as_str().expect("a path").into();
        Open { child, socket }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The docker command line in a folder, with this scope for its engine.
    pub(crate) fn docker_in(&self, folder: &Path, line: &str) -> Output {
        let output = Command::new("docker")
            .args(line.split_whitespace())
            .env("DOCKER_HOST", format!("unix://{}", self.socket.display()))
            .env("DOCKER_CONFIG", folder.join(".docker"))
            .env("DOCKER_BUILDKIT", "0")
            .current_dir(folder)
            .stdin(Stdio::null())
            .output();
        output.expect("the docker command line is installed")
    }

    #[track_caller]
    pub(crate) fn ok(&self, folder: &Path, line: &str) -> String {
        let output = self.docker_in(folder, line);
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id() as i32).expect("a process");
        kill_process(pid, signal).expect("it runs");
    }

    /// Ends as after a signal, and within bounds; gives the exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status.code();
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("the gateway does not end");
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
