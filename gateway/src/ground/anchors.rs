//! Folders and files of a workspace, held by mounts of our own, for the engine to bind into containers.
//!
//! A path that a learner writes can be swapped for a symbolic link at any time, and the engine resolves paths by
//! itself, as root. So the engine never hears the learner's path. The gateway opens it without following a link out
//! of the workspace, makes a mount of what it has opened, and puts that mount on an anchor in a folder that only it
//! can change. The engine binds the anchor: whatever happens to the path, the anchor stays what was opened.
//!
//! The anchors' folder is a small temporary file system. After a reboot it is gone with all anchors, so that a
//! container which the engine starts by itself fails loudly, and does not get an empty folder.

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, ResolveFlags, Uid};
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The folder's name beside the ledger.
const FOLDER: &str = "binds";
/// The kernel asks to try again while names change; a learner who changes them all the time gets an error.
const TRIES: usize = 32;

/// Why something could not be anchored.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is nothing at the path.
    Missing,
    /// The path leads out of the workspace, or through something that is no folder.
    Outside,
    /// A socket, a pipe or a device.
    Odd,
    Io(io::Error),
}

impl From<Errno> for Failure {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT => Self::Missing,
            Errno::XDEV | Errno::LOOP | Errno::NOTDIR | Errno::AGAIN | Errno::EXIST => {
                Self::Outside
            }
            other => Self::Io(other.into()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The anchors of all scopes.
pub(crate) struct Anchors {
    folder: PathBuf,
    able: bool,
    one_at_a_time: Mutex<()>,
}

impl Anchors {
    /// Anchors beside a ledger, for the engine behind a socket; `local` says whether that engine may be on this host.
    pub(crate) fn new(ledger: &Path, engine: &Path, local: bool) -> Self {
        let folder =
            std::path::absolute(ledger.join(FOLDER)).unwrap_or_else(|_| ledger.join(FOLDER));
        Self {
            folder,
            able: local && rustix::process::geteuid().is_root() && sees_our_mounts(engine),
            one_at_a_time: Mutex::new(()),
        }
    }

    /// Whether this process may make mounts, and the engine would see them.
    pub(crate) fn able(&self) -> bool {
        self.able
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts an anchor on what a path of the workspace means now. With `create`, a missing folder is made.
    pub(crate) fn place(
        &self,
        workspace: &Path,
        path: &str,
        create: bool,
        name: &str,
    ) -> Result<(), Failure> {
        let _one = crate::scope::lock(&self.one_at_a_time);
        let source = open(workspace, path, create)?;
        let stat = rustix::fs::fstat(&source).map_err(Failure::from)?;
        let is_folder = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => true,
            FileType::RegularFile => false,
            _ => return Err(Failure::Odd),
        };
        self.mount_folder()?;
        let anchor = self.path(name);
        if let Ok(now) = std::fs::symlink_metadata(&anchor) {
            if (now.dev(), now.ino()) == (stat.st_dev, stat.st_ino) {
                return Ok(());
            }
            take_away(&anchor)?;
        }
        if is_folder {
            std::fs::DirBuilder::new().mode(0o700).create(&anchor)?;
        } else {
            std::fs::File::create_new(&anchor)?;
        }
        let put = put(&source, &anchor);
        if put.is_err() {
            take_away(&anchor)?;
        }
        put.map_err(Failure::from)
    }

    /// Takes away all anchors whose names are not wanted, and the folder with the last of them.
    pub(crate) fn keep_only(&self, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
        if !self.able {
            return Ok(());
        }
        let _one = crate::scope::lock(&self.one_at_a_time);
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut left = false;
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(&wanted) {
                left = true;
            } else {
                take_away(&entry.path())?;
            }
        }
        if !left {
            if is_mount(&self.folder)? {
                rustix::mount::unmount(&self.folder, UnmountFlags::NOFOLLOW)?;
            }
            std::fs::remove_dir(&self.folder)?;
        }
        Ok(())
    }

    /// The folder is a file system of its own, and mounts in it are nobody else's.
    fn mount_folder(&self) -> io::Result<()> {
        match std::fs::DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if !is_mount(&self.folder)? {
            let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
            rustix::mount::mount(
                "docktutor",
                &self.folder,
                "tmpfs",
                flags,
                Some(c"mode=700,size=1m"),
            )?;
        }
        Ok(rustix::mount::mount_change(
            &self.folder,
            MountPropagationFlags::PRIVATE,
        )?)
    }
}

/// Takes all anchors beside a ledger away, also those of running containers (which keep what they have bound).
pub(crate) fn clear(ledger: &Path) -> io::Result<()> {
    let folder = ledger.join(FOLDER);
    match is_mount(&folder) {
        Ok(true) => {
            rustix::mount::unmount(&folder, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW)?;
        }
        Ok(false) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    std::fs::remove_dir(&folder)
}

/// Whether the engine runs as root in the mount namespace that we are in.
fn sees_our_mounts(engine: &Path) -> bool {
    let Ok(stream) = std::os::unix::net::UnixStream::connect(engine) else {
        return false;
    };
    let Ok(peer) = rustix::net::sockopt::socket_peercred(&stream) else {
        return false;
    };
    let theirs = std::fs::read_link(format!("/proc/{}/ns/mnt", peer.pid.as_raw_nonzero()));
    let ours = std::fs::read_link("/proc/self/ns/mnt");
    peer.uid.is_root() && matches!((theirs, ours), (Ok(theirs), Ok(ours)) if theirs == ours)
}

/// Opens a path below the workspace; no link leads out of it.
fn open(workspace: &Path, path: &str, create: bool) -> Result<OwnedFd, Failure> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let root = rustix::fs::open(
        workspace,
        flags | OFlags::DIRECTORY | OFlags::NOFOLLOW,
        Mode::empty(),
    )?;
    match beneath(&root, path, flags) {
        Err(Errno::NOENT) if create => make_folders(&root, path),
        found => Ok(found?),
    }
}

fn beneath(root: impl AsFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let path = if path.is_empty() { "." } else { path };
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let mut found = Err(Errno::AGAIN);
    for _ in 0..TRIES {
        found = rustix::fs::openat2(&root, path, flags, Mode::empty(), resolve);
        if !matches!(found, Err(Errno::AGAIN | Errno::INTR)) {
            break;
        }
    }
    found
}

/// Makes the missing folders of a path, as the engine does, but for the workspace's owner.
fn make_folders(root: &OwnedFd, path: &str) -> Result<OwnedFd, Failure> {
    let owner = rustix::fs::fstat(root)?;
    let flags = OFlags::PATH | OFlags::CLOEXEC | OFlags::DIRECTORY;
    let mut at = beneath(root, "", flags)?;
    let mut so_far = String::new();
    for part in path.split('/') {
        so_far = if so_far.is_empty() {
            part.to_owned()
        } else {
            format!("{so_far}/{part}")
        };
        at = match beneath(root, &so_far, flags) {
            Ok(found) => found,
            Err(Errno::NOENT) => {
                // Something is there already only if it is a link that leads nowhere.
                rustix::fs::mkdirat(&at, part, Mode::from_raw_mode(0o755))?;
                let read = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY | OFlags::NOFOLLOW;
                let made = beneath(&at, part, read)?;
                let (uid, gid) = (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid));
                rustix::fs::fchown(&made, Some(uid), Some(gid))?;
                made
            }
            Err(error) => return Err(error.into()),
        };
    }
    Ok(at)
}

/// Mounts what is open on an anchor.
fn put(source: &OwnedFd, anchor: &Path) -> Result<(), Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH;
    let tree = rustix::mount::open_tree(source, "", flags)?;
    rustix::mount::move_mount(
        &tree,
        "",
        CWD,
        anchor,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )?;
    let flags = MountFlags::BIND | MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount_remount(anchor, flags, "")?;
    rustix::mount::mount_change(anchor, MountPropagationFlags::PRIVATE)
}

/// Unmounts an anchor and removes the empty folder or file below. What was mounted keeps all that is in it: neither
/// call goes into a folder, and both fail on something that is still mounted.
fn take_away(anchor: &Path) -> io::Result<()> {
    while rustix::mount::unmount(anchor, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW).is_ok() {}
    let below = std::fs::symlink_metadata(anchor)?;
    if below.is_dir() {
        std::fs::remove_dir(anchor)
    } else {
        std::fs::remove_file(anchor)
    }
}

/// Whether a folder is the root of a file system of its own.
fn is_mount(folder: &Path) -> io::Result<bool> {
    let parent = folder.parent().unwrap_or(folder);
    let device = |path: &Path| -> io::Result<u64> {
        Ok(rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)?.st_dev)
    };
    Ok(device(folder)? != device(parent)?)
}

#[cfg(test)]
mod tests;
