//! The folders of one sandbox in the data folder.

use std::path::{Path, PathBuf};

use super::shell::SOCKETS;
use super::workspace::{Owner, SNAPSHOT};

/// A mark that no learner has this sandbox yet.
const SPARE: &str = "spare";

/// `scopes/SCOPE/` and what is in it.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    base: PathBuf,
}

impl Folders {
    pub(super) fn new(data: &Path, scope: &str) -> Folders {
        Folders {
            base: all(data).join(scope),
        }
    }

    /// The scope's socket and the terminals' sockets; the workbench sees it at `/run/docktutor`.
    pub(super) fn run(&self) -> PathBuf {
        self.base.join("run")
    }

    /// The gateway's socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.run().join("docker.sock")
    }

    /// The workspace; the workbench sees it at `/work`.
    pub(super) fn work(&self) -> PathBuf {
        self.base.join("work")
    }

    /// The scrollback of a terminal.
    pub(super) fn log(&self, terminal: u8) -> PathBuf {
        self.base.join(format!("terminals/{terminal}.log"))
    }

    /// Which containers ran when the sandbox was stopped.
    pub(super) fn running(&self) -> PathBuf {
        self.base.join("running.json")
    }

    /// Makes what is missing. Only the folder of the terminals' sockets is the learner's; the one around it is not, so
    /// that nobody in the workbench can put something else in the place of the engine's socket.
    pub(super) fn make(&self, owner: Owner) -> std::io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let sockets = self.run().join(SOCKETS);
        std::fs::create_dir_all(&sockets)?;
        std::fs::create_dir_all(self.base.join("terminals"))?;
        std::fs::set_permissions(self.run(), std::fs::Permissions::from_mode(0o755))?;
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::lchown(&sockets, Some(owner.uid), Some(owner.gid))?;
        }
        Ok(())
    }

    pub(super) fn mark_spare(&self) -> std::io::Result<()> {
        std::fs::write(self.base.join(SPARE), "")
    }

    pub(super) fn unmark_spare(&self) {
        let _ = std::fs::remove_file(self.base.join(SPARE));
    }

    /// Removes everything. Links in it are removed, and never followed.
    pub(super) fn remove(&self) -> std::io::Result<()> {
        match std::fs::remove_dir_all(&self.base) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes copies for checks that a killed server left behind.
    pub(super) fn sweep(&self) {
        for entry in std::fs::read_dir(&self.base)
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(SNAPSHOT) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Scopes whose folder says that nobody has them.
pub(super) fn spares(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(all(data)).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().join(SPARE).exists())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn all(data: &Path) -> PathBuf {
    data.join("scopes")
}
