//! Regular files of a workspace, and what tells one content from another.

use std::io::Read as _;
use std::os::fd::{AsRawFd as _, OwnedFd};

use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};

use super::MAX_TEXT;

/// A regular file that was looked at before it was opened for reading.
pub(super) struct Regular {
    handle: OwnedFd,
    stat: rustix::fs::Stat,
}

/// Bytes (unless too large for the editor) and version of a file.
pub(super) struct Content {
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) version: String,
}

impl Regular {
    /// `stat` says that `handle`, a path handle, is of a regular file.
    pub(super) fn new(handle: OwnedFd, stat: rustix::fs::Stat) -> Regular {
        Regular { handle, stat }
    }

    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.stat.st_size).unwrap_or(0)
    }

    pub(super) fn mode(&self) -> u32 {
        self.stat.st_mode & 0o777
    }

    pub(super) fn open(&self) -> std::io::Result<std::fs::File> {
        // By the handle, and not by the name again: the name may stand for a pipe or a device by now.
        let path = format!("/proc/self/fd/{}", self.handle.as_raw_fd());
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(std::fs::File::from(rustix::fs::open(
            path,
            flags,
            Mode::empty(),
        )?))
    }

    pub(super) fn load(&mut self) -> std::io::Result<Content> {
        if self.size() <= MAX_TEXT {
            let mut bytes = Vec::with_capacity(usize::try_from(self.size()).unwrap_or(0));
            // It may grow while it is read.
            self.open()?.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 <= MAX_TEXT {
                let version = version(&bytes);
                return Ok(Content {
                    bytes: Some(bytes),
                    version,
                });
            }
            self.stat = rustix::fs::fstat(&self.handle)?;
        }
        // Too large to hash whenever somebody asks; the file system's own marks change with the content.
        let marks = format!(
            "{} {} {} {} {}",
            self.stat.st_ino,
            self.stat.st_size,
            self.stat.st_mtime,
            self.stat.st_mtime_nsec,
            self.stat.st_ctime_nsec
        );
        Ok(Content {
            bytes: None,
            version: version(marks.as_bytes()),
        })
    }

    pub(super) fn sync(&self) -> std::io::Result<()> {
        self.open()?.sync_all()
    }
}

/// Changes whenever the bytes do.
pub(super) fn version(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
