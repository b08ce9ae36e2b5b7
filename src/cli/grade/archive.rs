//! Unpacks an archive that somebody else has made, within the limits of a copy.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path};

use flate2::read::MultiGzDecoder;
use rustix::fs::OFlags;
use tar::EntryType;

use super::copy::{Broken, MOST_BYTES, Reason, Sink};
use super::gather::Archive;

/// Headers and padding beside the files themselves.
const MOST_AROUND: u64 = 16 << 20;

/// Unpacks files, folders and links into `sink`. A single folder at the top, as most programs pack it, is left out.
pub(super) fn unpack(path: &Path, kind: Archive, sink: &mut Sink) -> Result<(), Broken> {
    let open = || -> Result<Box<dyn Read>, Broken> {
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
        let file = File::options()
            .read(true)
            .custom_flags(flags)
            .open(path)
            .map_err(Broken::Fault)?;
        if !file.metadata().map_err(Broken::Fault)?.is_file() {
            return Err(Broken::Refused(Reason::NoFile(path.display().to_string())));
        }
        let file = BufReader::new(file);
        // Whatever a header claims, no more than this is ever read or held in memory.
        let limit = MOST_BYTES + MOST_AROUND;
        Ok(match kind {
            Archive::TarGz => Box::new(Limited::new(MultiGzDecoder::new(file), limit)),
            Archive::Tar | Archive::Foreign => Box::new(Limited::new(file, limit)),
        })
    };
    let top = single_top(open()?)?;
    let mut archive = tar::Archive::new(open()?);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if ignored(kind) {
            continue;
        }
        let whole = entry_path(&entry.path_bytes())?;
        let name = match (&top, whole.split_once('/')) {
            (Some(_), Some((_, rest))) => rest.to_owned(),
            (Some(_), None) => continue,
            (None, _) => whole.clone(),
        };
        if name.is_empty() {
            continue;
        }
        match kind {
            EntryType::Directory => sink.dir(&name)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let executable = entry.header().mode().unwrap_or(0) & 0o111 != 0;
                sink.file(&name, executable, &mut entry)
                    .map_err(|error| match error {
                        Broken::Fault(error) if is_archives(&error) => broken(error),
                        other => other,
                    })?;
            }
            EntryType::Symlink => {
                let target = entry.link_name().map_err(broken)?.unwrap_or_default();
                sink.link(&name, &target)?;
            }
            // A hard link names a path of the archive or of the machine; a pipe or a device is no file.
            EntryType::Link => return Err(Broken::Refused(Reason::LeadsOut(whole))),
            _ => return Err(Broken::Refused(Reason::NoFile(whole))),
        }
    }
    Ok(())
}

/// The folder in which everything lies, if there is exactly one.
fn single_top(reader: impl Read) -> Result<Option<String>, Broken> {
    let mut archive = tar::Archive::new(reader);
    let mut top: Option<String> = None;
    for entry in archive.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if ignored(kind) {
            continue;
        }
        let path = entry_path(&entry.path_bytes())?;
        let first = match path.split_once('/') {
            Some((first, _)) => first,
            None if path.is_empty() => continue,
            None if kind == EntryType::Directory => path.as_str(),
            // A file at the top.
            None => return Ok(None),
        };
        match &top {
            Some(known) if known != first => return Ok(None),
            _ => top = Some(first.to_owned()),
        }
    }
    Ok(top)
}

/// Records about the archive itself.
fn ignored(kind: EntryType) -> bool {
    matches!(
        kind,
        EntryType::XGlobalHeader
            | EntryType::XHeader
            | EntryType::GNULongName
            | EntryType::GNULongLink
    )
}

/// A path of an archive, relative and without `.` parts; one that leads out is refused.
fn entry_path(bytes: &[u8]) -> Result<String, Broken> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Broken::Refused(Reason::BadName(String::from_utf8_lossy(bytes).into_owned()))
    })?;
    if text.contains('\0') {
        return Err(Broken::Refused(Reason::BadName(text.replace('\0', "?"))));
    }
    let mut parts = Vec::new();
    for part in Path::new(text).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(Broken::Refused(Reason::LeadsOut(text.to_owned())));
            }
        }
    }
    Ok(parts.join("/"))
}

fn is_archives(error: &io::Error) -> bool {
    too_large(error)
        || matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        )
}

fn too_large(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

/// The reader's errors: what the archive's maker did. Rights and disks were met when it was opened.
fn broken(error: io::Error) -> Broken {
    if too_large(&error)
        || error
            .get_ref()
            .is_some_and(|inner| inner.to_string().contains(TOO_LARGE))
    {
        return Broken::Refused(Reason::TooLarge);
    }
    Broken::Refused(Reason::BadArchive(error.to_string()))
}

const TOO_LARGE: &str = "more than the archive may hold";

/// A reader that fails where `take` would pretend that the end was reached.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Limited<R> {
    fn new(inner: R, left: u64) -> Limited<R> {
        Limited { inner, left }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => Err(io::Error::new(io::ErrorKind::FileTooLarge, TOO_LARGE)),
        }
    }
}
