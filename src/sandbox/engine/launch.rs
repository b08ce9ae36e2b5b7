//! Where a private engine keeps its things, the command that starts it, and what its log says when it fails.

use std::path::{Path, PathBuf};

use super::bridge::{self, Addresses};

/// A unix socket's path has at most 107 bytes; the longest one that an engine makes below its exec root is this much
/// longer than the runtime folder.
const RUNTIME_MAX: usize = 107 - "/exec/containerd/containerd-debug.sock.ttrpc".len();

/// The paths and names of an instance's private engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Everything that lasts: `DATA/engine`.
    pub(super) folder: PathBuf,
    /// Everything that lasts as long as the engine: its socket and its exec root.
    pub(super) runtime: PathBuf,
    /// The bridge's name.
    pub(super) bridge: String,
    instance: String,
}

impl Layout {
    pub(super) fn new(data: &Path, instance: &str) -> Self {
        let folder = std::path::absolute(data)
            .unwrap_or_else(|_| data.to_owned())
            .join("engine");
        let mut runtime = folder.join("run");
        if runtime.as_os_str().len() > RUNTIME_MAX {
            runtime = PathBuf::from(format!("/run/docktutor-{instance}"));
        }
        Self {
            folder,
            runtime,
            bridge: bridge::name(instance),
            instance: instance.to_owned(),
        }
    }

    pub(super) fn config(&self) -> PathBuf {
        self.folder.join("daemon.json")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.folder.join("pid")
    }

    pub(super) fn data_root(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What we note about the engine that runs: its addresses.
    pub(super) fn note(&self) -> PathBuf {
        self.folder.join("addresses.json")
    }

    /// Locked while an engine is started or stopped.
    pub(super) fn change_lock(&self) -> PathBuf {
        self.folder.join("change.lock")
    }

    /// Locked, shared, by each of our processes that uses the engine.
    pub(super) fn use_lock(&self) -> PathBuf {
        self.folder.join("use.lock")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.runtime.join("docker.sock")
    }

    pub(super) fn exec_root(&self) -> PathBuf {
        self.runtime.join("exec")
    }

    /// The control group that everything on this engine lives in.
    pub(super) fn cgroup_parent(&self) -> String {
        format!("docktutor-{}", self.instance)
    }

    /// The engine's arguments. Everything that it could share with another engine on this machine is named: also the
    /// configuration file, which otherwise would be the system's, and the names that it uses inside a containerd that
    /// the system runs.
    pub(super) fn arguments(&self, addresses: Addresses) -> Vec<String> {
        let path = |path: PathBuf| path.display().to_string();
        let mut arguments = Vec::new();
        let mut option = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        option("--config-file", path(self.config()));
        option("--data-root", path(self.data_root()));
        option("--exec-root", path(self.exec_root()));
        option("--pidfile", path(self.pid_file()));
        option("--host", format!("unix://{}", self.socket().display()));
        option("--group", "root".to_owned());
        option("--bridge", self.bridge.clone());
        option(
            "--default-address-pool",
            format!("base={},size=24", addresses.pool()),
        );
        option("--cgroup-parent", self.cgroup_parent());
        option("--exec-opt", "native.cgroupdriver=cgroupfs".to_owned());
        option(
            "--containerd-namespace",
            format!("docktutor-{}", self.instance),
        );
        option(
            "--containerd-plugins-namespace",
            format!("docktutor-{}-plugins", self.instance),
        );
        option("--log-level", "info".to_owned());
        arguments
    }
}

/// The line of an engine's log that says best why it failed: the last fatal one, else the last error, else the last.
pub(super) fn last_meaningful_line(log: &str) -> Option<String> {
    let lines: Vec<&str> = log
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last =
        |wanted: &dyn Fn(&str) -> bool| lines.iter().rev().copied().find(|line| wanted(line));
    let line =
        last(&|line| line.contains("level=fatal") || line.starts_with("failed to start daemon"))
            .or_else(|| {
                last(&|line| {
                    line.contains("level=error") || line.starts_with("unable to configure")
                })
            })
            .or_else(|| lines.last().copied())?;
    Some(message_of(line))
}

/// The message of a line in logfmt; other lines are their own message.
fn message_of(line: &str) -> String {
    let Some((_, quoted)) = line.split_once(" msg=\"") else {
        return line.to_owned();
    };
    let mut message = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => message.extend(letters.next()),
            '"' => break,
            other => message.push(other),
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_data_folder_gets_a_short_runtime_folder() {
        let short = Layout::new(Path::new("/data"), "abc");
        assert_eq!(short.socket(), Path::new("/data/engine/run/docker.sock"));
        let long = Layout::new(Path::new(&format!("/{}", "x".repeat(60))), "abc");
        assert_eq!(long.socket(), Path::new("/run/docktutor-abc/docker.sock"));
        assert!(
            long.data_root().starts_with(format!("/{}", "x".repeat(60))),
            "only the runtime moves"
        );
        for layout in [short, long] {
            assert!(
                layout
                    .exec_root()
                    .join("containerd/containerd-debug.sock.ttrpc")
                    .as_os_str()
                    .len()
                    <= 107
            );
        }
    }

    #[test]
    fn nothing_is_shared_with_another_engine() {
        let layout = Layout::new(Path::new("/data"), "abc");
        let addresses: Addresses = serde_json::from_str(r#"{"range":"10.201.0.0/16"}"#).unwrap();
        let line = layout.arguments(addresses).join(" ");
        for part in [
            "--config-file /data/engine/daemon.json",
            "--data-root /data/engine/data",
            "--exec-root /data/engine/run/exec",
            "--pidfile /data/engine/pid",
            "--host unix:///data/engine/run/docker.sock",
            "--bridge dt-eabc",
            "--default-address-pool base=10.201.128.0/17,size=24",
            "--cgroup-parent docktutor-abc",
            "--containerd-namespace docktutor-abc",
        ] {
            assert!(line.contains(part), "{part} is missing in {line}");
        }
    }

    #[test]
    fn the_reason_of_a_failure_is_found_in_the_log() {
        let log = "time=\"1\" level=info msg=\"Starting up\"\n\
                   time=\"2\" level=error msg=\"first \\\"quoted\\\" trouble\" error=x\n\
                   time=\"3\" level=info msg=\"stopping\"\n";
        assert_eq!(
            last_meaningful_line(log).unwrap(),
            "first \"quoted\" trouble"
        );
        let log =
            format!("{log}failed to start daemon: no iptables\ntime=\"4\" level=info msg=bye\n");
        assert_eq!(
            last_meaningful_line(&log).unwrap(),
            "failed to start daemon: no iptables"
        );
        assert_eq!(last_meaningful_line("only this\n\n").unwrap(), "only this");
        assert_eq!(last_meaningful_line(" \n"), None);
    }
}
