//! The processes of a private engine: telling them from others, and ending them.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

/// A process and what it was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) arguments: Vec<String>,
}

impl Process {
    /// The process with this id, when it runs and is no zombie.
    pub(super) fn read(pid: i32) -> Option<Self> {
        let raw = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        // A zombie and a kernel thread have an empty command line.
        if raw.is_empty() {
            return None;
        }
        let arguments = raw
            .split(|byte| *byte == 0)
            .filter(|part| !part.is_empty())
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect();
        Some(Self { pid, arguments })
    }

    fn program(&self) -> &str {
        self.arguments
            .first()
            .and_then(|first| first.rsplit('/').next())
            .unwrap_or_default()
    }

    /// Whether this is the engine that was started with this configuration file.
    pub(super) fn is_engine_of(&self, config: &Path) -> bool {
        self.program() == "dockerd"
            && self
                .arguments
                .iter()
                .any(|argument| Path::new(argument) == config)
    }

    /// Whether this is a part of an engine with this exec root: its containerd, or the keeper of one of its containers.
    pub(super) fn is_part_of(&self, exec_root: &Path) -> bool {
        self.program().starts_with("containerd")
            && self
                .arguments
                .iter()
                .any(|argument| Path::new(argument).starts_with(exec_root))
    }

    /// Asks it to end.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            // It may have ended meanwhile, which is what we want.
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether the same process still runs: ids are used again.
    fn still_runs(&self) -> bool {
        Self::read(self.pid).as_ref() == Some(self)
    }

    /// Asks it to end, waits, and ends it by force when it does not. Returns whether it obeyed.
    pub(super) async fn end(&self, patience: Duration) -> bool {
        self.signal(Signal::TERM);
        if self.gone_within(patience).await {
            return true;
        }
        tracing::warn!(
            pid = self.pid,
            "a process did not end when asked; ending it by force"
        );
        self.signal(Signal::KILL);
        self.gone_within(Duration::from_secs(5)).await;
        false
    }

    async fn gone_within(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.still_runs() {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(Duration::from_millis(30)).await;
        }
        true
    }
}

/// Every process of this machine that `/proc` shows.
pub(super) fn all() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Process::read)
        .collect()
}

/// Ends whatever an engine that died badly has left of itself.
pub(super) async fn end_parts_of(exec_root: &Path) {
    for process in all()
        .into_iter()
        .filter(|process| process.is_part_of(exec_root))
    {
        tracing::debug!(pid = process.pid, "ending a leftover of a private engine");
        process.end(Duration::from_secs(5)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(arguments: &[&str]) -> Process {
        Process {
            pid: 1,
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn only_our_own_engine_is_taken_for_ours() {
        let ours = Path::new("/data/engine/daemon.json");
        assert!(
            process(&[
                "/usr/sbin/dockerd",
                "--config-file",
                "/data/engine/daemon.json"
            ])
            .is_engine_of(ours)
        );
        assert!(!process(&["dockerd", "--config-file", "/other/daemon.json"]).is_engine_of(ours));
        assert!(!process(&["vi", "/data/engine/daemon.json"]).is_engine_of(ours));
    }

    #[test]
    fn parts_are_told_by_their_exec_root() {
        let exec = Path::new("/run/docktutor-a/exec");
        let shim = [
            "/usr/bin/containerd-shim-runc-v2",
            "-address",
            "/run/docktutor-a/exec/containerd/containerd.sock",
        ];
        assert!(process(&shim).is_part_of(exec));
        let other = [
            "containerd",
            "--config",
            "/run/docktutor-ab/exec/containerd/containerd.toml",
        ];
        assert!(!process(&other).is_part_of(exec));
    }

    /// The child, once the kernel shows its new command line: for a moment after the start it shows none.
    async fn started(child: &tokio::process::Child, program: &str) -> Process {
        let pid = i32::try_from(child.id().unwrap()).unwrap();
        loop {
            if let Some(seen) = Process::read(pid).filter(|seen| seen.program() == program) {
                return seen;
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_process_is_ended_and_a_stubborn_one_is_killed() {
        let mut obedient = tokio::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let seen = started(&obedient, "sleep").await;
        let reaped = tokio::spawn(async move { obedient.wait().await });
        assert!(seen.end(Duration::from_secs(5)).await);
        reaped.await.unwrap().unwrap();

        let mut stubborn = tokio::process::Command::new("sh")
            .args([
                "-c",
                "trap '' TERM; echo ready; while :; do sleep 0.1; done",
            ])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 6];
        tokio::io::AsyncReadExt::read_exact(&mut stubborn.stdout.take().unwrap(), &mut line)
            .await
            .unwrap();
        let seen = started(&stubborn, "sh").await;
        let reaped = tokio::spawn(async move { stubborn.wait().await });
        assert!(!seen.end(Duration::from_millis(200)).await);
        reaped.await.unwrap().unwrap();
        assert_eq!(Process::read(seen.pid).filter(|now| *now == seen), None);
    }
}
