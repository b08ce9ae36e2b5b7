//! One control group for everything that a scope runs: the kernel itself holds the scope to its memory, CPU and processes.
//!
//! The gateway's own tools and the workbench are outside of it, so that they still work when it is full. Where no group
//! can be made, each container's own limits are what is left.

use crate::gateway::Limits;
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The period of the CPU limit, in microseconds.
const PERIOD: i64 = 100_000;

/// The control groups of one gateway.
#[derive(Debug)]
pub(crate) struct Cgroups {
    kind: Kind,
    root: PathBuf,
    /// The folder of all scopes of this instance.
    parent: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A hierarchy for each controller.
    V1,
    /// One hierarchy.
    V2,
    /// systemd owns the groups: slices, which it is asked for.
    Systemd,
    /// The engine or the host allows none.
    None,
}

/// What a scope uses just now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Bytes, without those of files that can be dropped.
    pub(crate) memory: u64,
    pub(crate) pids: u64,
}

impl Cgroups {
    /// `info` is the engine's own `/info`; `local` says whether this process is root on the engine's host.
    pub(crate) fn new(info: &Value, instance: &str, local: bool) -> Self {
        Self::at(Path::new("/sys/fs/cgroup"), info, instance, local)
    }

    fn at(root: &Path, info: &Value, instance: &str, local: bool) -> Self {
        let kind = match (
            info["CgroupDriver"].as_str(),
            info["CgroupVersion"].as_str(),
        ) {
            _ if !local => Kind::None,
            (Some("systemd"), _) => Kind::Systemd,
            (Some("cgroupfs"), Some("2")) => Kind::V2,
            (Some("cgroupfs"), _) => Kind::V1,
            _ => Kind::None,
        };
        let safe = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let instance = if instance.bytes().all(safe) && (1..=40).contains(&instance.len()) {
            instance.to_owned()
        } else {
            crate::names::hash(instance, 16)
        };
        let parent = match kind {
            Kind::Systemd => format!("docktutor-x{instance}"),
            _ => format!("docktutor-{instance}"),
        };
        Self {
            kind,
            root: root.to_owned(),
            parent,
        }
    }

    /// Makes a scope's group or changes its limits. Gives back what `CgroupParent` must be; nothing where it cannot be.
    pub(crate) fn ensure(&self, scope: &str, limits: &Limits) -> Option<String> {
        let done = match self.kind {
            Kind::None => return None,
            Kind::V1 => self.ensure_v1(scope, limits),
            Kind::V2 => self.ensure_v2(scope, limits),
            Kind::Systemd => systemctl(&["start", &self.slice(scope)])
                .and_then(|()| systemctl(&set_property(&self.slice(scope), limits))),
        };
        match done {
            Ok(()) if self.kind == Kind::Systemd => Some(self.slice(scope)),
            Ok(()) => Some(format!("/{}/{scope}", self.parent)),
            Err(error) => {
                tracing::warn!(
                    scope,
                    %error,
                    "no control group for the scope as a whole: limits hold for each container only"
                );
                None
            }
        }
    }

    /// Removes a scope's group; its containers are gone by now, though the kernel may need a moment to notice.
    pub(crate) fn remove(&self, scope: &str) {
        if self.kind == Kind::Systemd {
            let slice = self.slice(scope);
            if let Err(error) =
                systemctl(&["stop", &slice]).and_then(|()| systemctl(&["revert", &slice]))
            {
                tracing::warn!(scope, %error, "the scope's slice could not be removed");
            }
            return;
        }
        for _ in 0..20 {
            let left: Vec<PathBuf> = (self.every_folder().into_iter())
                .map(|folder| folder.join(scope))
                .filter(|folder| std::fs::remove_dir(folder).is_err() && folder.exists())
                .collect();
            if left.is_empty() {
                for folder in self.every_folder() {
                    // It stays while another scope is in it.
                    let _ = std::fs::remove_dir(folder);
                }
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        tracing::warn!(scope, "the scope's control group could not be removed");
    }

    /// Removes the groups of scopes that are not among these.
    pub(crate) fn sweep(&self, known: &[String]) {
        if !matches!(self.kind, Kind::V1 | Kind::V2) {
            return;
        }
        for folder in self.every_folder() {
            for entry in std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .filter_map(Result::ok)
            {
                let name = entry.file_name().to_string_lossy().into_owned();
                let is_group = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_group && !known.contains(&name) {
                    // One that is in use stays.
                    let _ = std::fs::remove_dir(entry.path());
                }
            }
            if known.is_empty() {
                let _ = std::fs::remove_dir(&folder);
            }
        }
    }

    /// What the scope uses just now.
    pub(crate) fn used(&self, scope: &str) -> Option<Used> {
        let folder = |controller: &str| self.folder(scope, controller);
        let (usage, cache) = match self.kind {
            Kind::None => return None,
            Kind::V1 => ("memory.usage_in_bytes", "total_inactive_file"),
            _ => ("memory.current", "inactive_file"),
        };
        let memory = folder("memory");
        let all = number(&memory.join(usage))?;
        let stat = std::fs::read_to_string(memory.join("memory.stat")).unwrap_or_default();
        let files = stat
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(key, _)| *key == cache)
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        Some(Used {
            memory: all.saturating_sub(files),
            pids: number(&folder("pids").join("pids.current"))?,
        })
    }

    /// The processes of each of the scope's containers that run, build steps among them, by the container's id.
    pub(crate) fn processes(&self, scope: &str) -> Vec<(String, Vec<String>)> {
        let folder = match self.kind {
            Kind::None => return Vec::new(),
            _ => self.folder(scope, "memory"),
        };
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let group = |entry: std::fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            // systemd's groups are called `docker-ID.scope`.
            let id = name
                .trim_start_matches("docker-")
                .trim_end_matches(".scope");
            let all = std::fs::read_to_string(entry.path().join("cgroup.procs")).ok()?;
            Some((id.to_owned(), all.lines().map(str::to_owned).collect()))
        };
        entries.filter_map(Result::ok).filter_map(group).collect()
    }

    /// The scope's group, in a hierarchy of version 1 that of a controller.
    fn folder(&self, scope: &str, controller: &str) -> PathBuf {
        match self.kind {
            Kind::V1 => self.root.join(controller).join(&self.parent).join(scope),
            Kind::V2 => self.root.join(&self.parent).join(scope),
            _ => self
                .root
                .join("docktutor.slice")
                .join(format!("{}.slice", self.parent))
                .join(self.slice(scope)),
        }
    }

    fn ensure_v1(&self, scope: &str, limits: &Limits) -> io::Result<()> {
        let group = |controller: &str| -> io::Result<PathBuf> {
            let folder = self.root.join(controller).join(&self.parent).join(scope);
            // A hierarchy that is not mounted must not become a plain folder.
            if !self.root.join(controller).join("cgroup.procs").exists() {
                return Err(io::Error::other(format!(
                    "the controller {controller} is not mounted"
                )));
            }
            std::fs::create_dir_all(&folder)?;
            Ok(folder)
        };
        let memory = group("memory")?;
        let bytes = limits.memory.to_string();
        // Old kernels count children only where this is set, and newer ones have it set.
        let _ = std::fs::write(memory.join("memory.use_hierarchy"), "1");
        let swap = memory.join("memory.memsw.limit_in_bytes");
        // The limit with swap may never be below the one without, so which goes first depends on which way it goes.
        if std::fs::write(memory.join("memory.limit_in_bytes"), &bytes).is_err() && swap.exists() {
            std::fs::write(&swap, &bytes)?;
        }
        std::fs::write(memory.join("memory.limit_in_bytes"), &bytes)?;
        if swap.exists() {
            std::fs::write(&swap, &bytes)?;
        }
        let cpu = group("cpu")?;
        std::fs::write(cpu.join("cpu.cfs_period_us"), PERIOD.to_string())?;
        std::fs::write(cpu.join("cpu.cfs_quota_us"), quota(limits).to_string())?;
        std::fs::write(group("pids")?.join("pids.max"), limits.pids.to_string())
    }

    fn ensure_v2(&self, scope: &str, limits: &Limits) -> io::Result<()> {
        let above = self.root.join(&self.parent);
        let folder = above.join(scope);
        if !self.root.join("cgroup.controllers").exists() {
            return Err(io::Error::other("the control groups are not mounted"));
        }
        std::fs::create_dir_all(&folder)?;
        // A controller is there in a group only if the group above hands it down. Inner groups hold no processes.
        for group in [&self.root, &above, &folder] {
            std::fs::write(group.join("cgroup.subtree_control"), "+memory +cpu +pids")?;
        }
        std::fs::write(folder.join("memory.max"), limits.memory.to_string())?;
        let swap = folder.join("memory.swap.max");
        if swap.exists() {
            std::fs::write(swap, "0")?;
        }
        std::fs::write(
            folder.join("cpu.max"),
            format!("{} {PERIOD}", quota(limits)),
        )?;
        std::fs::write(folder.join("pids.max"), limits.pids.to_string())
    }

    /// The instance's folder in every hierarchy: the runtime makes its groups in all of them.
    fn every_folder(&self) -> Vec<PathBuf> {
        match self.kind {
            Kind::V1 => (std::fs::read_dir(&self.root).into_iter().flatten())
                .filter_map(Result::ok)
                // One of two names of a hierarchy is a link.
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .map(|entry| entry.path().join(&self.parent))
                .filter(|folder| folder.is_dir())
                .collect(),
            Kind::V2 => vec![self.root.join(&self.parent)],
            Kind::Systemd | Kind::None => Vec::new(),
        }
    }

    /// A slice's name says where it is: below `docktutor.slice` and the instance's.
    fn slice(&self, scope: &str) -> String {
        format!("{}-{scope}.slice", self.parent)
    }
}

fn quota(limits: &Limits) -> i64 {
    limits.nano_cpus / (1_000_000_000 / PERIOD)
}

fn number(path: &Path) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn set_property(slice: &str, limits: &Limits) -> [String; 8] {
    [
        "set-property".to_owned(),
        "--runtime".to_owned(),
        slice.to_owned(),
        format!("MemoryMax={}", limits.memory),
        "MemorySwapMax=0".to_owned(),
        format!("CPUQuota={}%", (limits.nano_cpus / 10_000_000).max(1)),
        "CPUQuotaPeriodSec=100ms".to_owned(),
        format!("TasksMax={}", limits.pids),
    ]
}

fn systemctl(arguments: &[impl AsRef<std::ffi::OsStr>]) -> io::Result<()> {
    let output = Command::new("systemctl")
        .arg("--no-ask-password")
        .args(arguments)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(
        String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    ))
}

#[cfg(test)]
mod tests;
