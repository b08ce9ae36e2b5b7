//! A learner's files: the folder that is `/work` in the workbench.
//!
//! Whoever works in the workbench, or in a container that mounts the folder, can put symbolic links, pipes and device
//! files there at any moment, while the server may be root. So everything goes through a handle of the folder
//! (`tree.rs`), links are shown and never followed, and only regular files are opened.

mod path;
mod regular;
mod snapshot;
#[cfg(test)]
mod tests;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use super::error::WorkspaceError;
pub(super) use snapshot::PREFIX as SNAPSHOT;
pub use snapshot::Snapshot;
use tree::{Found, Tree};
pub(super) use tree::{MAX_ENTRIES, TEMPORARY};

use crate::web::protocol::{FileContent, FileEntry, FileSave};

/// The editor takes files up to this size.
pub(super) const MAX_TEXT: u64 = 1 << 20;

/// Who owns what the server writes, so that the learner can change it in the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// User id in the workbench.
    pub uid: u32,
    /// Group id in the workbench.
    pub gid: u32,
}

impl Owner {
    /// The workbench's user: 1000, or the server's own where the server is not root and cannot give files away.
    pub fn of_workbench() -> Owner {
        let uid = rustix::process::geteuid().as_raw();
        if uid == 0 {
            Owner {
                uid: 1000,
                gid: 1000,
            }
        } else {
            Owner {
                uid,
                gid: rustix::process::getegid().as_raw(),
            }
        }
    }
}

/// What happens to files that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They stay as they are.
    Keep,
    /// They are replaced.
    Overwrite,
}

/// A handle on a workspace; cheap to clone.
#[derive(Clone, Debug)]
pub struct Workspace {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    tree: Tree,
    /// Two tabs that save at once must not both find the version that they began from.
    saving: Mutex<()>,
}

impl Workspace {
    /// Opens the workspace at `root`; the folder is made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or opened.
    pub fn open(root: &Path, owner: Owner) -> std::io::Result<Workspace> {
        Ok(Workspace {
            inner: Arc::new(Inner {
                root: root.to_owned(),
                tree: Tree::open(root, owner)?,
                saving: Mutex::new(()),
            }),
        })
    }

    /// Where the workspace is on the server. Never open a path below it; use the methods here.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// All files, folders before what is in them. At most 5,000 entries, those nearest to the root first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self) -> Result<Vec<FileEntry>, WorkspaceError> {
        self.blocking(|inner| inner.tree.list()).await
    }

    /// One file.
    ///
    /// # Errors
    /// `NotFound`, `BadPath` or `Io`.
    pub async fn read(&self, path: &str) -> Result<FileContent, WorkspaceError> {
        let path = path.to_owned();
        self.blocking(move |inner| inner.read(&path)).await
    }

    /// Saves a text; it is on the disk when this returns. The answer carries the new version and no text.
    ///
    /// A save of what the file holds already is no conflict: an answer that was lost on the way may be asked for again.
    ///
    /// # Errors
    /// `Conflict` when the file is not the one that the edit began from, `BadPath`, `TooLarge` or `Io`.
    pub async fn save(&self, path: &str, save: &FileSave) -> Result<FileContent, WorkspaceError> {
        let (path, save) = (path.to_owned(), save.clone());
        self.blocking(move |inner| inner.save(&path, &save)).await
    }

    /// Writes files of an exercise.
    ///
    /// # Errors
    /// `BadPath` or `Io`; files before the one that failed are written.
    pub async fn place(
        &self,
        files: &[(String, Vec<u8>)],
        existing: Existing,
    ) -> Result<(), WorkspaceError> {
        let files = files.to_vec();
        self.blocking(move |inner| inner.place(&files, existing))
            .await
    }

    /// A private copy of a folder, for a check: what is judged cannot change under the judge, and holds no links.
    ///
    /// # Errors
    /// `NotFound`, `BadPath`, `TooLarge` or `Io`.
    pub async fn snapshot(&self, folder: &str) -> Result<Snapshot, WorkspaceError> {
        let folder = folder.to_owned();
        self.blocking(move |inner| snapshot::take(&inner.tree, &inner.root, &folder))
            .await
    }

    /// Removes everything in it. The folder itself stays, because the workbench has it mounted.
    ///
    /// # Errors
    /// `Io` when something cannot be removed.
    pub async fn clear(&self) -> Result<(), WorkspaceError> {
        self.blocking(|inner| inner.tree.clear()).await
    }

    /// The present version of a file, `None` when there is no regular file.
    pub(super) fn version(&self, path: &str) -> Option<String> {
        match self.inner.tree.find(path) {
            Ok(Found::File(mut file)) => file.load().ok().map(|content| content.version),
            _ => None,
        }
    }

    /// Size of a file, so that a watcher can bound its work.
    pub(super) fn size(&self, path: &str) -> u64 {
        match self.inner.tree.find(path) {
            Ok(Found::File(file)) => file.size(),
            _ => 0,
        }
    }

    /// Handles of up to `limit` folders with their paths, those nearest to the root first.
    pub(super) fn folders(&self, limit: usize) -> Vec<(String, cap_std::fs::Dir)> {
        self.inner.tree.folders(limit)
    }

    /// As `list`, for callers that may block.
    pub(super) fn list_now(&self) -> Vec<FileEntry> {
        self.inner.tree.list().unwrap_or_default()
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, WorkspaceError> + Send + 'static,
    ) -> Result<T, WorkspaceError> {
        let inner = Arc::clone(&self.inner);
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(result) => result,
            Err(error) => Err(WorkspaceError::Io {
                path: "The workspace".to_owned(),
                source: std::io::Error::other(error),
            }),
        }
    }
}

impl Inner {
    fn read(&self, path: &str) -> Result<FileContent, WorkspaceError> {
        match self.tree.find(path)? {
            Found::File(mut file) => {
                let content = file.load().map_err(|source| io(path, source))?;
                Ok(FileContent {
                    path: path.to_owned(),
                    text: content
                        .bytes
                        .and_then(|bytes| String::from_utf8(bytes).ok()),
                    version: content.version,
                })
            }
            Found::Nothing => Err(WorkspaceError::NotFound {
                path: path.to_owned(),
            }),
            Found::Other(what) => Err(no_file(path, what)),
        }
    }

    fn save(&self, path: &str, save: &FileSave) -> Result<FileContent, WorkspaceError> {
        if save.text.len() as u64 > MAX_TEXT {
            return Err(WorkspaceError::TooLarge {
                reason: format!("{path} is larger than 1 MiB."),
            });
        }
        let wanted = regular::version(save.text.as_bytes());
        let _turn = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let present = match self.tree.find(path)? {
            Found::File(mut file) => {
                let content = file.load().map_err(|source| io(path, source))?;
                if content.version == wanted {
                    // Nothing to write; but it may have come from the terminal and not be on the disk yet.
                    file.sync().map_err(|source| io(path, source))?;
                    return Ok(saved(path, wanted));
                }
                Some(content.version)
            }
            Found::Nothing => None,
            Found::Other(what) => return Err(no_file(path, what)),
        };
        if present != save.base {
            return Err(WorkspaceError::Conflict {
                path: path.to_owned(),
                version: present,
            });
        }
        self.tree.write(path, save.text.as_bytes())?;
        Ok(saved(path, wanted))
    }

    fn place(&self, files: &[(String, Vec<u8>)], existing: Existing) -> Result<(), WorkspaceError> {
        let _turn = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, bytes) in files {
            match self.tree.find(path)? {
                Found::Nothing => self.tree.write(path, bytes)?,
                _ if existing == Existing::Keep => {}
                // A link is replaced by the file; what it points to is not touched.
                Found::File(_) | Found::Other("symbolic link") => self.tree.write(path, bytes)?,
                Found::Other(what) => return Err(no_file(path, what)),
            }
        }
        Ok(())
    }
}

fn saved(path: &str, version: String) -> FileContent {
    FileContent {
        path: path.to_owned(),
        text: None,
        version,
    }
}

fn no_file(path: &str, what: &str) -> WorkspaceError {
    WorkspaceError::BadPath {
        reason: format!("{path} is a {what}, not a file."),
    }
}

fn io(path: &str, source: std::io::Error) -> WorkspaceError {
    WorkspaceError::Io {
        path: path.to_owned(),
        source,
    }
}
