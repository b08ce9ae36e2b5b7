//! The folder that a submission's commands work in.

use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, lchown};
use std::path::Path;

use tempfile::TempDir;

use crate::sandbox::error::SandboxError;
use crate::sandbox::workspace::Owner;

/// A copy of a submission's folder, owned by the workbench's user as a learner's workspace is; removed when dropped.
#[derive(Debug)]
pub struct Work(TempDir);

impl Work {
    /// Copies a submission into a new folder below `into`. Links are left out: one could lead to a file that is not the
    /// submission's.
    ///
    /// # Errors
    /// What the disk says, or that the submission is too large.
    pub async fn copy(submission: &Path, into: &Path) -> Result<Work, SandboxError> {
        let (from, into) = (submission.to_owned(), into.to_owned());
        let copying = tokio::task::spawn_blocking(move || {
            let folder = TempDir::new_in(into)?;
            let owner = Owner::of_workbench();
            hand_over(folder.path(), 0o755, owner)?;
            copy_folder(&from, folder.path(), owner, &mut Bounds::default())?;
            Ok(Work(folder))
        });
        copying
            .await
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|error| SandboxError::server("copy the submission", &error))
    }

    /// Where it is on this machine.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What may still be copied.
struct Bounds {
    files: usize,
    bytes: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            files: 5000,
            bytes: 64 << 20,
        }
    }
}

fn copy_folder(from: &Path, to: &Path, owner: Owner, left: &mut Bounds) -> std::io::Result<()> {
    let too_large = || std::io::Error::other("it holds more than 5,000 files or 64 MiB");
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        left.files = left.files.checked_sub(1).ok_or_else(too_large)?;
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            std::fs::create_dir(&target)?;
            hand_over(&target, 0o755, owner)?;
            copy_folder(&entry.path(), &target, owner, left)?;
        } else if kind.is_file() {
            let metadata = entry.metadata()?;
            left.bytes = left
                .bytes
                .checked_sub(metadata.len())
                .ok_or_else(too_large)?;
            std::fs::copy(entry.path(), &target)?;
            let is_program = metadata.permissions().mode() & 0o111 != 0 || is_script(&target)?;
            let mode = if is_program { 0o755 } else { 0o644 };
            hand_over(&target, mode, owner)?;
        }
    }
    Ok(())
}

/// The page makes a file that begins so a program.
fn is_script(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(2).read_to_end(&mut start)?;
    Ok(start == b"#!")
}

fn hand_over(path: &Path, mode: u32, owner: Owner) -> std::io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    if rustix::process::geteuid().is_root() {
        lchown(path, Some(owner.uid), Some(owner.gid))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[tokio::test]
    async fn a_copy_has_files_and_folders_and_no_links() {
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(from.path().join("app")).unwrap();
        std::fs::write(from.path().join("app/main.py"), "print()").unwrap();
        std::fs::write(from.path().join("start.sh"), "#!/bin/sh\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", from.path().join("link")).unwrap();
        let work = Work::copy(from.path(), into.path()).await.unwrap();
        let at = |path: &str| work.path().join(path);
        assert_eq!(std::fs::read(at("app/main.py")).unwrap(), b"print()");
        assert!(!at("link").exists());
        let owner = Owner::of_workbench();
        for (path, mode) in [
            ("", 0o755),
            ("app", 0o755),
            ("app/main.py", 0o644),
            ("start.sh", 0o755),
        ] {
            let found = std::fs::metadata(at(path)).unwrap();
            assert_eq!(found.mode() & 0o777, mode, "{path}");
            assert_eq!((found.uid(), found.gid()), (owner.uid, owner.gid), "{path}");
        }
        let folder = work.path().to_owned();
        drop(work);
        assert!(!folder.exists());
    }

    #[test]
    fn a_copy_has_bounds() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(from.path().join("main.py"), "print()").unwrap();
        let owner = Owner::of_workbench();
        for (files, bytes) in [(10, 3), (0, 10)] {
            let mut little = Bounds { files, bytes };
            assert!(copy_folder(from.path(), to.path(), owner, &mut little).is_err());
        }
    }
}
