//! A private copy of a submission: what is judged cannot change under the judge, and holds nothing that leads out of it.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry, MetadataExt as _, OpenOptions, OpenOptionsExt as _};
use checker::Lang;
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::archive;
use super::gather::{Archive, Submission, archive_of};

/// The most bytes of all files together.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// The most files and folders.
const MOST_ENTRIES: usize = 5_000;

/// The deepest folder.
const DEEPEST: usize = 40;

/// A copy; removed when dropped.
pub(in crate::cli) struct Copy {
    folder: TempDir,
    /// SHA-256 (hex) of all paths, kinds and contents.
    pub(super) hash: String,
}

impl Copy {
    pub(in crate::cli) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Why a submission cannot be judged.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is the submission's own doing.
    Refused(Reason),
    /// The disk or our rights.
    Fault(io::Error),
}

/// What is wrong with a submission. Paths are inside it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reason {
    TooLarge,
    TooMany,
    LeadsOut(String),
    NoFile(String),
    BadName(String),
    Twice(String),
    BadArchive(String),
    ForeignArchive,
}

/// Copies a submission into a new folder below `into`.
pub(super) fn take(submission: &Submission, into: &Path) -> Result<Copy, Broken> {
    let folder = TempDir::new_in(into).map_err(Broken::Fault)?;
    let mut sink = Sink::new(folder.path()).map_err(Broken::Fault)?;
    match submission.archive {
        None => {
            let metadata = std::fs::symlink_metadata(&submission.path).map_err(Broken::Fault)?;
            if !metadata.is_dir() && !is_named_link(&metadata, &submission.path) {
                return Err(Broken::Refused(Reason::NoFile(submission.shown.clone())));
            }
            let dir = Dir::open_ambient_dir(&submission.path, ambient_authority())
                .map_err(Broken::Fault)?;
            copy_folder(&dir, "", &mut sink)?;
        }
        Some(Archive::Foreign) => return Err(Broken::Refused(Reason::ForeignArchive)),
        Some(kind) => archive::unpack(&submission.path, kind, &mut sink)?,
    }
    let hash = sink.hash();
    Ok(Copy { folder, hash })
}

/// Unpacks an archive that is no submission into a folder of its own, within the same limits. Nothing where the path has
/// no archive's name. The error is for a person.
pub(in crate::cli) fn unpack(path: &Path) -> Result<Option<Copy>, String> {
    let shown = path.display().to_string();
    let Some(kind) = archive_of(path) else {
        return Ok(None);
    };
    let submission = Submission {
        name: String::new(),
        shown: shown.clone(),
        path: path.to_owned(),
        archive: Some(kind),
    };
    match take(&submission, &std::env::temp_dir()) {
        Ok(copy) => Ok(Some(copy)),
        Err(broken) => Err(format!("{shown} cannot be unpacked: {}", broken.what())),
    }
}

/// A link to a folder, as a teacher may keep submissions in another place.
fn is_named_link(metadata: &std::fs::Metadata, path: &Path) -> bool {
    metadata.is_symlink() && path.is_dir()
}

fn copy_folder(dir: &Dir, at: &str, sink: &mut Sink) -> Result<(), Broken> {
    let entries = dir.entries().map_err(Broken::Fault)?;
    for entry in entries {
        let entry = entry.map_err(Broken::Fault)?;
        let Ok(name) = entry.file_name().into_string() else {
            let name = entry.file_name().to_string_lossy().into_owned();
            return Err(Broken::Refused(Reason::BadName(join(at, &name))));
        };
        copy_entry(dir, &entry, &name, &join(at, &name), sink)?;
    }
    Ok(())
}

fn copy_entry(
    dir: &Dir,
    entry: &DirEntry,
    name: &str,
    path: &str,
    sink: &mut Sink,
) -> Result<(), Broken> {
    let metadata = entry.metadata().map_err(Broken::Fault)?;
    if metadata.is_dir() {
        sink.dir(path)?;
        // A link that took its place meanwhile leads nowhere else: the handle holds all paths inside.
        let below = dir.open_dir(name).map_err(Broken::Fault)?;
        return copy_folder(&below, path, sink);
    }
    if metadata.is_symlink() {
        let target = dir.read_link_contents(name).map_err(Broken::Fault)?;
        return sink.link(path, &target);
    }
    if !metadata.is_file() {
        return Err(Broken::Refused(Reason::NoFile(path.to_owned())));
    }
    // What became a pipe or a link since we looked is not waited for and not followed.
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    let file = dir.open_with(name, &options).map_err(Broken::Fault)?;
    let opened = file.metadata().map_err(Broken::Fault)?;
    if !opened.is_file() {
        return Err(Broken::Refused(Reason::NoFile(path.to_owned())));
    }
    sink.file(path, opened.mode() & 0o111 != 0, file)
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}/{name}")
    }
}

/// Where a copy is written to, with the limits.
pub(super) struct Sink {
    root: Dir,
    bytes: u64,
    /// What each path holds, for the hash.
    entries: BTreeMap<String, [u8; 32]>,
}

impl Sink {
    pub(super) fn new(folder: &Path) -> io::Result<Sink> {
        Ok(Sink {
            root: Dir::open_ambient_dir(folder, ambient_authority())?,
            bytes: 0,
            entries: BTreeMap::new(),
        })
    }

    /// Makes a folder, and those above it.
    pub(super) fn dir(&mut self, path: &str) -> Result<(), Broken> {
        self.note(path, b"folder", &[])?;
        self.root
            .create_dir_all(path)
            .map_err(|error| self.trouble(path, error))
    }

    /// Writes a file of what `content` gives, up to the limit.
    pub(super) fn file(
        &mut self,
        path: &str,
        executable: bool,
        content: impl Read,
    ) -> Result<(), Broken> {
        self.parent(path)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.mode(if executable { 0o755 } else { 0o644 });
        let mut file = self
            .root
            .open_with(path, &options)
            .map_err(|error| self.trouble(path, error))?;
        let left = MOST_BYTES - self.bytes;
        let mut content = Hashing {
            inner: content.take(left + 1),
            hash: Sha256::new(),
        };
        let copied = io::copy(&mut content, &mut file).map_err(Broken::Fault)?;
        if copied > left {
            return Err(Broken::Refused(Reason::TooLarge));
        }
        self.bytes += copied;
        let digest = content.hash.finalize();
        self.note(path, if executable { b"program" } else { b"text" }, &digest)
    }

    /// Makes a link whose target lies inside.
    pub(super) fn link(&mut self, path: &str, target: &Path) -> Result<(), Broken> {
        let out = || Broken::Refused(Reason::LeadsOut(path.to_owned()));
        let mut depth = path.matches('/').count();
        for part in target.components() {
            match part {
                Component::CurDir => {}
                Component::Normal(_) => depth += 1,
                Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(out)?,
                Component::RootDir | Component::Prefix(_) => return Err(out()),
            }
        }
        self.parent(path)?;
        self.note(path, b"link", target.as_os_str().as_encoded_bytes())?;
        self.root
            .symlink(target, path)
            .map_err(|error| self.trouble(path, error))
    }

    fn parent(&self, path: &str) -> Result<(), Broken> {
        match path.rsplit_once('/') {
            Some((parent, _)) => self
                .root
                .create_dir_all(parent)
                .map_err(|error| self.trouble(path, error)),
            None => Ok(()),
        }
    }

    fn note(&mut self, path: &str, kind: &[u8], content: &[u8]) -> Result<(), Broken> {
        if path.split('/').count() > DEEPEST || self.entries.len() >= MOST_ENTRIES {
            return Err(Broken::Refused(Reason::TooMany));
        }
        let mut hash = Sha256::new();
        for piece in [kind, content] {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece);
        }
        self.entries.insert(path.to_owned(), hash.finalize().into());
        Ok(())
    }

    fn trouble(&self, path: &str, error: io::Error) -> Broken {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Broken::Refused(Reason::Twice(path.to_owned())),
            io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
                Broken::Refused(Reason::BadName(path.to_owned()))
            }
            // cap-std refuses a path that leads out with this kind and no code of the system.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
                Broken::Refused(Reason::LeadsOut(path.to_owned()))
            }
            _ => Broken::Fault(error),
        }
    }

    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, digest) in &self.entries {
            hash.update((path.len() as u64).to_be_bytes());
            hash.update(path.as_bytes());
            hash.update(digest);
        }
        let digest = hash.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Hashes what goes through.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

impl Broken {
    /// What is wrong, where it is no submission.
    fn what(&self) -> String {
        match self {
            Broken::Fault(error) => error.to_string(),
            Broken::Refused(Reason::TooLarge) => {
                format!("it holds more than {} MiB", MOST_BYTES >> 20)
            }
            Broken::Refused(Reason::TooMany) => {
                format!("it holds more than {MOST_ENTRIES} files, or folders deeper than {DEEPEST}")
            }
            Broken::Refused(Reason::LeadsOut(path)) => format!("`{path}` leads out of it"),
            Broken::Refused(Reason::NoFile(path)) => {
                format!("`{path}` is neither a file nor a folder")
            }
            Broken::Refused(Reason::BadName(path)) => format!("the name `{path}` cannot be used"),
            Broken::Refused(Reason::Twice(path)) => format!("it holds `{path}` twice"),
            Broken::Refused(Reason::BadArchive(why)) => format!("it is no whole archive ({why})"),
            Broken::Refused(Reason::ForeignArchive) => {
                "this kind of archive is not read; pack it as .tar.gz".to_owned()
            }
        }
    }

    /// What the report says.
    pub(super) fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (Broken::Refused(reason), lang) => reason.message(lang),
            (Broken::Fault(error), Lang::Ko) => {
                format!(
                    "제출물을 읽을 수 없었어요({error}). 채점하는 쪽의 권한과 디스크를 확인하세요."
                )
            }
            (Broken::Fault(error), Lang::En) => {
                format!(
                    "The submission could not be read ({error}). Look at the grader's rights and disk."
                )
            }
        }
    }
}

impl Reason {
    fn message(&self, lang: Lang) -> String {
        let most = MOST_BYTES >> 20;
        match (self, lang) {
            (Reason::TooLarge, Lang::Ko) => format!(
                "제출물이 {most} MiB보다 커서 채점하지 않았어요. 가상 환경이나 데이터처럼 필요 없는 파일을 빼고 다시 내세요."
            ),
            (Reason::TooLarge, Lang::En) => format!(
                "The submission is larger than {most} MiB and was not graded. Leave out what it does not need, such as a virtual environment or data, and hand it in again."
            ),
            (Reason::TooMany, Lang::Ko) => format!(
                "제출물의 파일이 {MOST_ENTRIES}개보다 많거나 폴더가 {DEEPEST}단계보다 깊어서 채점하지 않았어요. 필요 없는 폴더를 빼고 다시 내세요."
            ),
            (Reason::TooMany, Lang::En) => format!(
                "The submission has more than {MOST_ENTRIES} files or folders deeper than {DEEPEST} levels, and was not graded. Leave out folders that it does not need, and hand it in again."
            ),
            (Reason::LeadsOut(path), Lang::Ko) => format!(
                "`{path}`는 제출 폴더 밖을 가리켜요. 밖의 파일은 읽지 않아요. 링크 대신 파일 자체를 넣어서 다시 내세요."
            ),
            (Reason::LeadsOut(path), Lang::En) => format!(
                "`{path}` leads out of the submission. Nothing outside is read. Put the file itself in its place, and hand it in again."
            ),
            (Reason::NoFile(path), Lang::Ko) => format!(
                "`{path}`는 일반 파일도 폴더도 아니에요(파이프, 소켓, 장치 같은 것). 빼고 다시 내세요."
            ),
            (Reason::NoFile(path), Lang::En) => format!(
                "`{path}` is neither a file nor a folder (a pipe, a socket or a device). Leave it out, and hand it in again."
            ),
            (Reason::BadName(path), Lang::Ko) => format!(
                "`{path}`라는 이름을 쓸 수 없어요. 파일 이름은 UTF-8이어야 하고 폴더와 겹치지 않아야 해요. 이름을 바꿔서 다시 내세요."
            ),
            (Reason::BadName(path), Lang::En) => format!(
                "The name `{path}` cannot be used: names are UTF-8, and a file is not a folder as well. Rename it, and hand it in again."
            ),
            (Reason::Twice(path), Lang::Ko) => format!(
                "묶음 파일에 `{path}`가 두 번 들어 있어요. 어느 쪽을 채점할지 알 수 없어요. 다시 묶어서 내세요."
            ),
            (Reason::Twice(path), Lang::En) => format!(
                "The archive holds `{path}` twice, and nobody can say which one counts. Pack it anew, and hand it in again."
            ),
            (Reason::BadArchive(why), Lang::Ko) => format!(
                "묶음 파일을 풀 수 없었어요({why}). `tar -tf`로 내용이 보이는지 확인하고 다시 내세요."
            ),
            (Reason::BadArchive(why), Lang::En) => format!(
                "The archive could not be unpacked ({why}). Does `tar -tf` list its files? Pack it anew, and hand it in again."
            ),
            (Reason::ForeignArchive, Lang::Ko) => {
                "이 묶음 형식은 풀지 않아요. 폴더로 내거나 `.tar`, `.tar.gz`로 묶어서 내세요."
                    .to_owned()
            }
            (Reason::ForeignArchive, Lang::En) => {
                "This kind of archive is not unpacked. Hand in a folder, a `.tar` or a `.tar.gz`."
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests;
