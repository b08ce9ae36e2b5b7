//! A scope that was opened from the command line: a folder of its own with its books, so that nothing of the server's
//! is touched, and so that it is found again after whatever end.
//!
//! `DATA/gateways/NAME` has `instance` (the id that everything on the engine carries), `lock` (held while it is open),
//! `scope.json` (how it was opened last), `docker.sock` and `gateway/` (the ledger).

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use gateway::Limits;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use super::limits;
use crate::data::instance_id;
use crate::sandbox::engine::Remote;

/// How long a scope may take to end: its containers get ten seconds each, at the same time.
const END: Duration = Duration::from_secs(60);

/// A scope's folder.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

/// How a scope was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Note {
    /// The process that serves it, or did.
    pub(super) process: u32,
    /// When it was opened, in seconds since 1970.
    pub(super) opened: u64,
    /// The engine's socket.
    pub(super) engine: PathBuf,
    /// The machine that the engine is on, where it is another one: then that socket went with the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) remote: Option<Remote>,
    /// Whether that engine is on this machine, and root's.
    #[serde(default = "usual")]
    pub(super) local: bool,
    /// Whether that engine is one that Docktutor starts and stops.
    pub(super) private: bool,
    /// The scope's socket.
    pub(super) socket: PathBuf,
    /// The folder whose paths may be bound.
    pub(super) workspace: PathBuf,
    /// Limits as they were written, `memory=512m`.
    pub(super) limits: Vec<String>,
}

/// What notes say that were written before there was anything else.
fn usual() -> bool {
    true
}

impl Note {
    /// The limits that were asked for; what an older version wrote and nobody understands any more is as if not asked.
    pub(super) fn limits(&self) -> Limits {
        limits::all(&self.limits).unwrap_or_default()
    }
}

/// A scope that nobody else opens meanwhile.
pub(super) struct Held {
    _lock: File,
}

impl Standing {
    /// The folder of a name; it need not exist. The name was checked.
    pub(super) fn named(data: &Path, name: &str) -> Standing {
        Standing {
            name: name.to_owned(),
            folder: data.join("gateways").join(name),
        }
    }

    /// All that there are, by name.
    pub(super) fn all(data: &Path) -> anyhow::Result<Vec<Standing>> {
        let folder = data.join("gateways");
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", folder.display()));
            }
        };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| gateway::check_name(name).is_ok())
            .collect();
        names.sort();
        Ok(names
            .iter()
            .map(|name| Standing::named(data, name))
            .collect())
    }

    /// Makes the folder, for its owner alone.
    pub(super) fn make(&self) -> anyhow::Result<()> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder);
        made.and_then(|()| {
            std::fs::set_permissions(&self.folder, std::fs::Permissions::from_mode(0o700))
        })
        .with_context(|| {
            format!(
                "cannot make {}; name another folder with --data",
                self.folder.display()
            )
        })
    }

    /// The id that everything of this scope carries on the engine.
    pub(super) fn instance(&self) -> anyhow::Result<String> {
        instance_id(&self.folder)
            .with_context(|| format!("cannot name the scope in {}", self.folder.display()))
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.folder.join("gateway")
    }

    /// Where its socket is unless another place was named.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join("docker.sock")
    }

    pub(super) fn note(&self) -> Option<Note> {
        let bytes = std::fs::read(self.folder.join("scope.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Writes down how it is opened, whole or not at all.
    pub(super) fn write(&self, note: &Note) -> anyhow::Result<()> {
        let path = self.folder.join("scope.json");
        let text = format!("{}\n", serde_json::to_string_pretty(note)?);
        crate::cli::output::write_output(Some(&path), &text)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Holds the scope; nothing where another process has it.
    pub(super) fn hold(&self) -> anyhow::Result<Option<Held>> {
        let path = self.folder.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held { _lock: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// The process that has it open, if one has.
    pub(super) fn open_in(&self) -> anyhow::Result<Option<u32>> {
        if self.hold()?.is_some() {
            return Ok(None);
        }
        // It is being opened just now where nothing is noted yet.
        Ok(Some(self.note().map_or(0, |note| note.process)))
    }

    /// Ends the process that has it open, and waits for that.
    pub(super) async fn end(&self) -> anyhow::Result<()> {
        let Some(process) = self.open_in()? else {
            return Ok(());
        };
        let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
        let Some(pid) = pid else {
            bail!("{:?} is being opened just now; try again", self.name);
        };
        // The lock is held, so the number is not somebody else's.
        kill_process(pid, Signal::TERM).with_context(|| format!("cannot end process {process}"))?;
        let begun = Instant::now();
        while begun.elapsed() < END {
            if self.open_in()?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!(
            "process {process}, which serves {:?}, does not end",
            self.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_found_again_and_held_once() {
        let data = tempfile::tempdir().unwrap();
        assert!(Standing::all(data.path()).unwrap().is_empty());
        let one = Standing::named(data.path(), "ci01");
        one.make().unwrap();
        std::fs::create_dir(data.path().join("gateways/.odd name")).unwrap();
        let all = Standing::all(data.path()).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].name, "ci01");
        let held = one.hold().unwrap();
        assert!(held.is_some() && one.hold().unwrap().is_none());
        assert_eq!(
            one.open_in().unwrap(),
            Some(0),
            "open, and nothing is noted yet"
        );
        drop(held);
        assert_eq!(one.open_in().unwrap(), None);
        assert_eq!(one.instance().unwrap(), one.instance().unwrap());
        let mode = std::fs::metadata(&one.folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
