//! Copies of a folder for a check.

use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use super::tree::{Found, Tree};
use super::{MAX_ENTRIES, WorkspaceError, io};
use crate::web::protocol::FileKind;

/// Prefix of the copies' folders, so that those which a killed server left are found.
pub(in crate::sandbox) const PREFIX: &str = "check-";

const MAX_BYTES: u64 = 64 << 20;

/// A copy; removed when dropped.
#[derive(Debug)]
pub struct Snapshot {
    folder: TempDir,
}

impl Snapshot {
    /// Where the copy is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub(super) fn take(tree: &Tree, root: &Path, folder: &str) -> Result<Snapshot, WorkspaceError> {
    let Some(tree) = tree.below(folder)? else {
        return Err(WorkspaceError::NotFound {
            path: folder.to_owned(),
        });
    };
    let too_large = || WorkspaceError::TooLarge {
        reason: format!("{folder} holds more than a check can take (64 MiB or 5,000 files)."),
    };
    // Beside the workspace: the same disk, and out of the learner's reach.
    let copy = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir_in(root.parent().unwrap_or(root))
        .map_err(|source| io(folder, source))?;
    let entries = tree.list()?;
    if entries.len() >= MAX_ENTRIES {
        return Err(too_large());
    }
    let mut left = MAX_BYTES;
    for entry in &entries {
        let target = copy.path().join(&entry.path);
        match entry.kind {
            FileKind::Dir => {
                std::fs::create_dir_all(&target).map_err(|source| io(&entry.path, source))?
            }
            FileKind::File => {
                left = copy_file(&tree, &entry.path, &target, left)?.ok_or_else(too_large)?;
            }
            // A link could make the check read what is not the learner's.
            FileKind::Link => {}
        }
    }
    Ok(Snapshot { folder: copy })
}

/// Gives how many bytes may still be copied, or nothing when there were too many.
fn copy_file(
    tree: &Tree,
    path: &str,
    target: &Path,
    left: u64,
) -> Result<Option<u64>, WorkspaceError> {
    // It may be gone or changed since the list was made; then the copy holds what is true now.
    let Found::File(file) = tree.find(path)? else {
        return Ok(Some(left));
    };
    let fail = |source| io(path, source);
    let mut from = file.open().map_err(fail)?.take(left + 1);
    let mut to = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(file.mode() | 0o600)
        .open(target)
        .map_err(fail)?;
    let copied = std::io::copy(&mut from, &mut to).map_err(fail)?;
    Ok(left.checked_sub(copied))
}
