//! The workspace's folder by its handle. Every step goes from an open folder to a name in it, so that a folder which is
//! swapped for a link at any moment leads nowhere.

use std::collections::VecDeque;
use std::io::{ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, MetadataExt as _};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::path::{MAX_DEPTH, split};
use super::regular::Regular;
use super::{Owner, WorkspaceError, io};
use crate::web::protocol::{FileEntry, FileKind};

/// A list holds at most so many entries, so that a learner who unpacks a large archive stops nobody else.
pub(in crate::sandbox) const MAX_ENTRIES: usize = 5_000;

/// Names that begin so are files on their way; they are neither listed nor reachable.
pub(in crate::sandbox) const TEMPORARY: &str = ".docktutor-save-";

/// An open workspace.
#[derive(Debug)]
pub(super) struct Tree {
    dir: Dir,
    owner: Owner,
}

/// What stands at a path.
pub(super) enum Found {
    /// A regular file.
    File(Regular),
    /// Nothing; the folder need not be there either.
    Nothing,
    /// Something that is not opened, by name.
    Other(&'static str),
}

impl Tree {
    pub(super) fn open(root: &Path, owner: Owner) -> std::io::Result<Tree> {
        std::fs::create_dir_all(root)?;
        let dir = Dir::open_ambient_dir(root, ambient_authority())?;
        give(&dir, owner)?;
        Ok(Tree { dir, owner })
    }

    pub(super) fn list(&self) -> Result<Vec<FileEntry>, WorkspaceError> {
        let mut entries = Vec::new();
        let root = self
            .dir
            .try_clone()
            .map_err(|source| io("The workspace", source))?;
        let mut folders = VecDeque::from([(String::new(), root)]);
        while let Some((at, dir)) = folders.pop_front() {
            // A folder that another user made unreadable is shown without what is in it.
            let Ok(children) = dir.entries() else {
                continue;
            };
            for child in children.flatten() {
                if entries.len() >= MAX_ENTRIES {
                    folders.clear();
                    break;
                }
                let Some((entry, below)) = look(&at, &dir, &child) else {
                    continue;
                };
                if let Some(below) = below {
                    folders.push_back((entry.path.clone(), below));
                }
                entries.push(entry);
            }
        }
        entries.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
        Ok(entries)
    }

    /// Handles of folders, nearest first.
    pub(super) fn folders(&self, limit: usize) -> Vec<(String, Dir)> {
        let mut found = Vec::new();
        let Ok(root) = self.dir.try_clone() else {
            return found;
        };
        let mut waiting = VecDeque::from([(String::new(), root)]);
        let mut seen = 0;
        while let Some((at, dir)) = waiting.pop_front() {
            for child in dir.entries().into_iter().flatten().flatten() {
                seen += 1;
                if seen > MAX_ENTRIES || found.len() + waiting.len() >= limit {
                    break;
                }
                if let Some((entry, Some(below))) = look(&at, &dir, &child) {
                    waiting.push_back((entry.path, below));
                }
            }
            found.push((at, dir));
        }
        found
    }

    /// Looks at a path without opening what is there.
    pub(super) fn find(&self, path: &str) -> Result<Found, WorkspaceError> {
        let (folders, name) = split(path)?;
        match self.descend(path, &folders, Missing::Leave)? {
            None => Ok(Found::Nothing),
            Some(dir) => at(&dir, name).map_err(|source| io(path, source)),
        }
    }

    /// The folder at `path` as a tree of its own; `None` when nothing is there.
    pub(super) fn below(&self, path: &str) -> Result<Option<Tree>, WorkspaceError> {
        let (mut folders, name) = split(path)?;
        folders.push(name);
        let dir = self.descend(path, &folders, Missing::Leave)?;
        Ok(dir.map(|dir| Tree {
            dir,
            owner: self.owner,
        }))
    }

    /// Replaces a file in one step: whoever reads sees the old text or the new, and never a part.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), WorkspaceError> {
        let (folders, name) = split(path)?;
        let Some(dir) = self.descend(path, &folders, Missing::Make)? else {
            return Err(WorkspaceError::NotFound {
                path: path.to_owned(),
            });
        };
        self.replace(&dir, name, bytes)
            .map_err(|source| io(path, source))
    }

    fn replace(&self, dir: &Dir, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mode = match dir.symlink_metadata(name) {
            Ok(old) if old.is_file() => Mode::from_raw_mode(old.mode() & 0o777),
            _ if bytes.starts_with(b"#!") => Mode::from_raw_mode(0o755),
            _ => Mode::from_raw_mode(0o644),
        };
        let temporary = format!("{TEMPORARY}{:016x}", super::super::names::random());
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(dir, &temporary, flags, Mode::RUSR | Mode::WUSR)?;
        let written = (|| {
            let mut file = std::fs::File::from(file);
            file.write_all(bytes)?;
            give(&file, self.owner)?;
            // After `chown`, which may take bits away; and on the handle, so that `umask` has no say.
            rustix::fs::fchmod(&file, mode)?;
            file.sync_all()?;
            dir.rename(&temporary, dir, name)?;
            rustix::fs::fsync(rustix::fs::openat(
                dir,
                ".",
                OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
                Mode::empty(),
            )?)?;
            Ok(())
        })();
        if written.is_err() {
            let _ = dir.remove_file(&temporary);
        }
        written
    }

    pub(super) fn clear(&self) -> Result<(), WorkspaceError> {
        let mut failed = None;
        for child in self
            .dir
            .entries()
            .map_err(|source| io("The workspace", source))?
            .flatten()
        {
            let name = child.file_name();
            let removed = match child.file_type() {
                Ok(kind) if kind.is_dir() => self.dir.remove_dir_all(&name),
                _ => self.dir.remove_file(&name),
            };
            if let Err(source) = removed {
                failed = Some(io(&name.to_string_lossy(), source));
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn descend(
        &self,
        path: &str,
        folders: &[&str],
        missing: Missing,
    ) -> Result<Option<Dir>, WorkspaceError> {
        let mut dir = self.dir.try_clone().map_err(|source| io(path, source))?;
        for (depth, name) in folders.iter().enumerate() {
            let here = || folders[..=depth].join("/");
            match dir.symlink_metadata(name) {
                Ok(meta) if meta.is_dir() => {}
                Ok(meta) if meta.is_symlink() => {
                    return Err(WorkspaceError::BadPath {
                        reason: format!(
                            "{} is a symbolic link, which is not followed here.",
                            here()
                        ),
                    });
                }
                Ok(_) => {
                    return Err(WorkspaceError::BadPath {
                        reason: format!("{} is not a folder.", here()),
                    });
                }
                Err(error) if error.kind() == ErrorKind::NotFound => match missing {
                    Missing::Leave => return Ok(None),
                    Missing::Make => self
                        .make_folder(&dir, name)
                        .map_err(|source| io(path, source))?,
                },
                Err(source) => return Err(io(path, source)),
            }
            // Should the folder become a link right now, it still cannot lead out of `dir`.
            dir = dir.open_dir(name).map_err(|source| io(path, source))?;
        }
        Ok(Some(dir))
    }

    fn make_folder(&self, dir: &Dir, name: &str) -> std::io::Result<()> {
        match dir.create_dir_with(name, &DirBuilder::new()) {
            Ok(()) => give(&dir.open_dir(name)?, self.owner),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What a folder does on the way that is not there.
#[derive(Clone, Copy)]
enum Missing {
    Make,
    Leave,
}

/// What `name` in `dir` is, without opening it.
pub(super) fn at(dir: &Dir, name: &str) -> std::io::Result<Found> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = match rustix::fs::openat(dir, name, flags, Mode::empty()) {
        Ok(handle) => handle,
        Err(rustix::io::Errno::NOENT) => return Ok(Found::Nothing),
        Err(error) => return Err(error.into()),
    };
    let stat = rustix::fs::fstat(&handle)?;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Found::File(Regular::new(handle, stat)),
        FileType::Directory => Found::Other("folder"),
        FileType::Symlink => Found::Other("symbolic link"),
        FileType::Fifo => Found::Other("pipe"),
        FileType::Socket => Found::Other("socket"),
        _ => Found::Other("device"),
    })
}

/// An entry of a list, with the handle where it is a folder. What the editor cannot name or show is left out.
fn look(at: &str, dir: &Dir, child: &cap_std::fs::DirEntry) -> Option<(FileEntry, Option<Dir>)> {
    let name = child.file_name();
    let name = std::str::from_utf8(name.as_bytes()).ok()?;
    if name.starts_with(TEMPORARY) {
        return None;
    }
    let path = if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}/{name}")
    };
    let stat = rustix::fs::statat(dir.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let (kind, below) = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => (FileKind::File, None),
        FileType::Symlink => (FileKind::Link, None),
        FileType::Directory => {
            let deep = path.split('/').count() >= MAX_DEPTH;
            (
                FileKind::Dir,
                if deep { None } else { dir.open_dir(name).ok() },
            )
        }
        _ => return None,
    };
    let size = match kind {
        FileKind::File => u64::try_from(stat.st_size).unwrap_or(0),
        FileKind::Dir | FileKind::Link => 0,
    };
    Some((FileEntry { path, kind, size }, below))
}

/// Hands a new file to the learner. Where the server is not root, files are the learner's already.
fn give(file: &impl std::os::fd::AsFd, owner: Owner) -> std::io::Result<()> {
    if rustix::process::geteuid().is_root() {
        // Not `fchown`: a folder's handle is a path handle.
        rustix::fs::chownat(
            file,
            "",
            Some(rustix::fs::Uid::from_raw(owner.uid)),
            Some(rustix::fs::Gid::from_raw(owner.gid)),
            AtFlags::EMPTY_PATH,
        )?;
    }
    Ok(())
}
