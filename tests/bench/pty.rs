//! A command in a terminal of its own, by `script`, so that `docker` behaves as it does for a person.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::common::{PATIENCE, engine};

/// The running command; killed when dropped.
pub(crate) struct Pty {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
}

impl Pty {
    pub(crate) fn spawn(command: &str) -> Pty {
        let mut child = Command::new("script")
            .args([
                "--quiet",
                "--flush",
                "--echo",
                "never",
                "--command",
                command,
                "/dev/null",
            ])
            .env(
                "DOCKER_HOST",
                format!("unix://{}", engine::socket().display()),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("script can be run");
        let input = child.stdin.take().expect("a pipe");
        let mut stdout = child.stdout.take().expect("a pipe");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stdout.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Pty {
            child,
            input,
            output,
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.input
            .write_all(bytes)
            .and_then(|()| self.input.flush())
            .expect("the command reads");
    }

    /// Waits until the output from now on holds `byte`.
    pub(crate) fn wait_for(&self, byte: u8) {
        loop {
            let chunk = self
                .output
                .recv_timeout(PATIENCE)
                .expect("the command prints");
            if chunk.contains(&byte) {
                return;
            }
        }
    }

    /// Waits until the command has ended by itself.
    pub(crate) fn wait_until_gone(&mut self) {
        while self.output.recv_timeout(PATIENCE).is_ok() {}
        let _ = self.child.wait();
    }

    /// Throws away what has come already.
    pub(crate) fn drain(&self) {
        while self.output.try_recv().is_ok() {}
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
