//! How much room files take on the disk: bounded walks that no learner's file leads astray.
//!
//! Folders are opened one below the other by handles, never by a path, so a folder that is swapped for a link while it is
//! counted leads nowhere. What vanishes meanwhile is not counted, and that is no error.

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Files and folders that one look counts at most.
const MOST: u64 = 500_000;
/// Folders that are open at the same time: so deep may those lie that have other folders beside them.
const DEEPEST: usize = 128;

/// A walk through several folders. A file with several names is counted once in all of them together.
pub(crate) struct Walk {
    linked: HashSet<(u64, u64)>,
    left: u64,
    deepest: usize,
    /// Whether everything was counted.
    pub(crate) whole: bool,
}

/// A folder that is open, and the folders in it that are still to be walked.
struct Open {
    folder: OwnedFd,
    below: Vec<CString>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self::with(MOST, DEEPEST)
    }

    fn with(most: u64, deepest: usize) -> Self {
        Self {
            linked: HashSet::new(),
            left: most,
            deepest,
            whole: true,
        }
    }

    /// Bytes that a folder and everything below it take; nothing where there is no such folder.
    pub(crate) fn folder(&mut self, path: &Path) -> Option<u64> {
        let root = open(CWD, path, ResolveFlags::empty()).ok()?;
        let own = rustix::fs::fstat(&root).ok()?;
        let mut bytes = blocks(&own);
        let mut stack = Vec::new();
        bytes += self.read(root, own.st_dev, &mut stack);
        while let Some(last) = stack.last_mut() {
            let Some(name) = last.below.pop() else {
                stack.pop();
                continue;
            };
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
            let next = open(&last.folder, name.as_c_str(), resolve);
            if last.below.is_empty() {
                // A long chain of folders needs no more handles than a short one.
                stack.pop();
            }
            if let Ok(next) = next {
                bytes += self.read(next, own.st_dev, &mut stack);
            }
        }
        Some(bytes)
    }

    /// The files in a folder whose names begin so, without those in folders below.
    pub(crate) fn files(&mut self, path: &Path, begin: &str) -> u64 {
        let Ok(root) = open(CWD, path, ResolveFlags::empty()) else {
            return 0;
        };
        let Ok(own) = rustix::fs::fstat(&root) else {
            return 0;
        };
        let wanted = |name: &CStr| name.to_bytes().starts_with(begin.as_bytes());
        self.entries(&root, own.st_dev, wanted, |_| {})
    }

    /// Files that have no name any more and take room as long as a process has them open: those of one process.
    pub(crate) fn nameless(&mut self, process: &str) -> u64 {
        let mut bytes = 0;
        // Open files, and those that are only mapped into memory.
        for held in ["fd", "map_files"] {
            let Ok(folder) = open(
                CWD,
                Path::new("/proc").join(process).join(held).as_path(),
                ResolveFlags::empty(),
            ) else {
                continue;
            };
            for entry in Dir::read_from(&folder)
                .into_iter()
                .flatten()
                .map_while(Result::ok)
            {
                let Some(left) = self.left.checked_sub(1) else {
                    self.whole = false;
                    return bytes;
                };
                self.left = left;
                let file = entry.file_name();
                let Ok(stat) = rustix::fs::statat(&folder, file, AtFlags::empty()) else {
                    continue;
                };
                let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
                if regular
                    && stat.st_nlink == 0
                    && is_on_disk(&folder, file)
                    && self.linked.insert((stat.st_dev, stat.st_ino))
                {
                    bytes += blocks(&stat);
                }
            }
        }
        bytes
    }

    /// Counts what is in a folder, and puts it on the stack where there are folders below.
    fn read(&mut self, folder: OwnedFd, device: u64, stack: &mut Vec<Open>) -> u64 {
        let mut below = Vec::new();
        let bytes = self.entries(
            &folder,
            device,
            |_| true,
            |name| below.push(name.to_owned()),
        );
        if stack.len() >= self.deepest && !below.is_empty() {
            self.whole = false;
        } else if !below.is_empty() {
            stack.push(Open { folder, below });
        }
        bytes
    }

    fn entries(
        &mut self,
        folder: &OwnedFd,
        device: u64,
        wanted: impl Fn(&CStr) -> bool,
        mut below: impl FnMut(&CStr),
    ) -> u64 {
        let mut bytes = 0;
        for entry in Dir::read_from(folder)
            .into_iter()
            .flatten()
            .map_while(Result::ok)
        {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") || !wanted(name) {
                continue;
            }
            let Some(left) = self.left.checked_sub(1) else {
                self.whole = false;
                break;
            };
            self.left = left;
            let Ok(stat) = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            if stat.st_dev != device {
                continue;
            }
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                below(name);
            } else if stat.st_nlink > 1 && !self.linked.insert((stat.st_dev, stat.st_ino)) {
                continue;
            }
            bytes += blocks(&stat);
        }
        bytes
    }
}

/// Bytes that are free on the disk of a folder for those who are not root.
pub(crate) fn free(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether an open file lies on a disk; memory has files without names too.
fn is_on_disk(folder: &OwnedFd, file: &CStr) -> bool {
    const MEMORY: [u32; 2] = [0x0102_1994, 0x9584_58f6];
    let Ok(opened) =
        rustix::fs::openat(folder, file, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
    else {
        return false;
    };
    // The magic numbers of tmpfs and of hugetlbfs; the kernel's word for them has another width on each machine.
    rustix::fs::fstatfs(&opened).is_ok_and(|stat| !MEMORY.contains(&(stat.f_type as u32)))
}

/// What a file takes, and not how long it is: a sparse file takes little.
pub(crate) fn blocks(stat: &Stat) -> u64 {
    u64::try_from(stat.st_blocks)
        .unwrap_or(0)
        .saturating_mul(512)
}

fn open(
    at: impl AsFd,
    path: impl rustix::path::Arg + Copy,
    resolve: ResolveFlags,
) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat2(&at, path, flags, Mode::empty(), resolve) {
        // An old kernel: devices are compared in any case, and a single name leads nowhere else.
        Err(Errno::NOSYS | Errno::PERM) => rustix::fs::openat(&at, path, flags, Mode::empty()),
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    const MIB: u64 = 1 << 20;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn fill(path: &Path, mib: u64) {
        fs::write(path, vec![1; (mib * MIB) as usize]).expect("a file");
    }

    fn mib(path: &Path) -> u64 {
        let mut walk = Walk::new();
        let bytes = walk.folder(path).expect("it is there");
        assert!(walk.whole);
        bytes / MIB
    }

    #[test]
    fn what_files_take_is_counted_below_too() {
        let root = folder();
        fs::create_dir_all(root.path().join("a/b/c")).expect("folders");
        fill(&root.path().join("a/b/c/deep"), 2);
        fill(&root.path().join("a/shallow"), 1);
        assert_eq!(mib(root.path()), 3);
        assert_eq!(Walk::new().folder(&root.path().join("missing")), None);
        assert_eq!(Walk::new().folder(&root.path().join("a/shallow")), None);
    }

    #[test]
    fn a_sparse_file_takes_what_was_written() {
        let root = folder();
        let file = fs::File::create(root.path().join("sparse")).expect("a file");
        file.set_len(1 << 40).expect("a long file");
        assert_eq!(mib(root.path()), 0);
    }

    #[test]
    fn a_file_with_two_names_is_counted_once() {
        let root = folder();
        for name in ["one", "two"] {
            fs::create_dir(root.path().join(name)).expect("a folder");
        }
        fill(&root.path().join("one/file"), 2);
        fs::hard_link(root.path().join("one/file"), root.path().join("two/file")).expect("a link");
        assert_eq!(mib(root.path()), 2);
        let mut walk = Walk::new();
        let sum = ["one", "two"].map(|name| walk.folder(&root.path().join(name)).expect("there"));
        assert_eq!((sum[0] + sum[1]) / MIB, 2, "in two walks' folders too");
    }

    #[test]
    fn links_lead_nowhere() {
        let (root, outside) = (folder(), folder());
        fill(&outside.path().join("file"), 3);
        symlink(outside.path(), root.path().join("folder")).expect("a link");
        symlink(outside.path().join("file"), root.path().join("file")).expect("a link");
        symlink(root.path(), root.path().join("loop")).expect("a link");
        assert_eq!(mib(root.path()), 0);
        assert_eq!(Walk::new().folder(&root.path().join("folder")), None);
    }

    #[test]
    fn what_changes_meanwhile_stops_nothing() {
        let (root, outside) = (folder(), folder());
        fill(&outside.path().join("large"), 64);
        fill(&root.path().join("stays"), 1);
        let busy = root.path().join("busy");
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    // Now a folder with a file, now a link that leads out, now nothing.
                    fs::create_dir(&busy).expect("a folder");
                    fs::write(busy.join("file"), "x").expect("a file");
                    fs::remove_dir_all(&busy).expect("removed");
                    symlink(outside.path(), &busy).expect("a link");
                    fs::remove_file(&busy).expect("removed");
                }
            });
            for _ in 0..2000 {
                let bytes = Walk::new().folder(root.path());
                assert_eq!(bytes.map(|bytes| bytes / MIB), Some(1));
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }

    #[test]
    fn a_walk_ends_and_says_when_it_was_cut() {
        let root = folder();
        for name in 0..20 {
            fs::write(root.path().join(name.to_string()), "x").expect("a file");
        }
        let mut walk = Walk::with(10, DEEPEST);
        assert!(walk.folder(root.path()).is_some() && !walk.whole);
        // A chain of folders takes one handle, a comb one for each tooth.
        let mut chain = root.path().join("chain");
        for _ in 0..200 {
            chain.push("d");
        }
        fs::create_dir_all(&chain).expect("folders");
        let mut walk = Walk::with(MOST, 4);
        assert!(walk.folder(&root.path().join("chain")).is_some() && walk.whole);
        let mut comb = root.path().join("comb");
        for _ in 0..6 {
            fs::create_dir_all(comb.join("tooth")).expect("folders");
            comb.push("d");
        }
        fs::create_dir_all(comb.join("tooth")).expect("folders");
        let mut walk = Walk::with(MOST, 4);
        assert!(walk.folder(&root.path().join("comb")).is_some());
        // Which of two folders comes first is the file system's choice, so the comb may be read like a chain.
        let mut walk = Walk::with(MOST, 0);
        assert!(walk.folder(&root.path().join("comb")).is_some() && !walk.whole);
    }

    #[test]
    fn files_without_a_name_are_found_at_their_process() {
        let root = folder();
        let path = root.path().join("file");
        fill(&path, 3);
        let file = fs::File::open(&path).expect("a file");
        let mut holder = std::process::Command::new("sleep")
            .arg("600")
            .stdin(file)
            .spawn()
            .expect("a process");
        let process = holder.id().to_string();
        let named = Walk::new().nameless(&process);
        fs::remove_file(&path).expect("removed");
        let mut walk = Walk::new();
        let (gone, again) = (walk.nameless(&process), walk.nameless(&process));
        holder.kill().expect("killed");
        holder.wait().expect("ended");
        assert_eq!(
            (named, gone / MIB, again),
            (0, 3, 0),
            "counted once, and only without a name"
        );
        assert_eq!(mib(root.path()), 0);
        assert_eq!(Walk::new().nameless(&process), 0);
    }

    #[test]
    fn files_of_a_folder_are_chosen_by_their_names() {
        let root = folder();
        fs::create_dir(root.path().join("id-json.folder")).expect("a folder");
        fill(&root.path().join("id-json.log"), 2);
        fill(&root.path().join("id-json.log.1"), 1);
        fill(&root.path().join("config"), 1);
        assert_eq!(Walk::new().files(root.path(), "id-json.log") / MIB, 3);
        assert_eq!(Walk::new().files(&root.path().join("missing"), "id"), 0);
        assert!(free(root.path()).is_some_and(|free| free > 0));
    }
}
