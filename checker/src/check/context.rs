//! The build context: what `docker build` would send, as a tar, read without following anything out of the folder.

use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};
use dockerfile::ignore::Ignore;
use sha2::{Digest, Sha256};

use crate::Lang;
use crate::forecast::{Entry, Files};
use crate::submission::{FileProblem, MOST_BYTES, mebibytes, read};

/// The most files and folders in a context.
const MOST_ENTRIES: usize = 20_000;

/// The deepest folder.
const DEEPEST: usize = 64;

/// A context, ready to be sent.
pub(crate) struct Context {
    pub(crate) tar: Vec<u8>,
    /// SHA-256 of all paths and contents.
    pub(crate) hash: [u8; 32],
    /// What the build sees of it.
    pub(crate) files: Files,
}

/// Why there is no context.
#[derive(Debug)]
pub(crate) enum ContextProblem {
    /// The folder is not there, or is none.
    NoFolder,
    /// All files together are too large; the largest one.
    TooLarge { largest: String, bytes: u64 },
    /// Too many entries.
    TooMany,
    /// A file cannot be read.
    File(String, FileProblem),
    /// The folder cannot be read.
    Io(io::Error),
}

/// Packs a context. `dockerfile` and `.dockerignore` are always part of it, as the engine needs them.
pub(crate) fn pack(
    submission: &Dir,
    folder: &str,
    dockerfile: &str,
) -> Result<Context, ContextProblem> {
    let folder = folder.trim_end_matches('/');
    let dir = if folder.is_empty() || folder == "." {
        submission.try_clone().map_err(ContextProblem::Io)?
    } else {
        submission
            .open_dir(folder)
            .map_err(|_| ContextProblem::NoFolder)?
    };
    let ignore = ignore_file(&dir)?;
    let mut packer = Packer {
        dir: &dir,
        ignore: &ignore,
        has_exceptions: ignore.patterns().iter().any(|pattern| pattern.exception),
        always: [dockerfile, ".dockerignore"],
        tar: tar::Builder::new(Vec::new()),
        hash: Sha256::new(),
        files: Files::default(),
        entries: 0,
        bytes: 0,
        largest: (0, String::new()),
    };
    packer.folder("", 0)?;
    let hash = packer.hash.finalize().into();
    let files = packer.files;
    let tar = packer.tar.into_inner().map_err(ContextProblem::Io)?;
    Ok(Context { tar, hash, files })
}

/// The files that a build of a folder sees, without sending them anywhere.
///
/// The error is a sentence for whoever asked. At most 50 MiB of files are read.
pub fn context_files(folder: &Path, dockerfile: &str, lang: Lang) -> Result<Files, String> {
    let shown = folder.display().to_string();
    let packed = Dir::open_ambient_dir(folder, ambient_authority())
        .map_err(|_| ContextProblem::NoFolder)
        .and_then(|dir| pack(&dir, ".", dockerfile));
    match packed {
        Ok(context) => Ok(context.files),
        Err(problem) => Err(problem.message(&shown, lang).unwrap_or_else(|why| why)),
    }
}

/// The classic builder knows one name only.
fn ignore_file(dir: &Dir) -> Result<Ignore, ContextProblem> {
    match read(dir, ".dockerignore") {
        Ok(bytes) => Ok(Ignore::parse(&bytes)),
        Err(FileProblem::Missing { .. }) => Ok(Ignore::default()),
        Err(problem) => Err(ContextProblem::File(".dockerignore".to_owned(), problem)),
    }
}

struct Packer<'a> {
    dir: &'a Dir,
    ignore: &'a Ignore,
    /// A line with `!` can take a file back that lies in an ignored folder, so such folders are walked too.
    has_exceptions: bool,
    always: [&'a str; 2],
    tar: tar::Builder<Vec<u8>>,
    hash: Sha256,
    files: Files,
    entries: usize,
    bytes: u64,
    largest: (u64, String),
}

impl Packer<'_> {
    /// Packs a folder's entries in the order of their names, so that the same files give the same bytes.
    fn folder(&mut self, path: &str, depth: usize) -> Result<(), ContextProblem> {
        if depth > DEEPEST {
            return Err(ContextProblem::TooMany);
        }
        let entries = if path.is_empty() {
            self.dir.entries()
        } else {
            self.dir.read_dir(path)
        }
        .map_err(ContextProblem::Io)?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(ContextProblem::Io)?.file_name();
            // A name that is not UTF-8 cannot be named in a Dockerfile either.
            if let Ok(name) = name.into_string() {
                names.push(name);
            }
            if names.len() > MOST_ENTRIES {
                return Err(ContextProblem::TooMany);
            }
        }
        names.sort();
        for name in names {
            let child = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            self.entry(&child, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &str, depth: usize) -> Result<(), ContextProblem> {
        let Ok(metadata) = self.dir.symlink_metadata(path) else {
            // It went away while we looked.
            return Ok(());
        };
        let ignored = self.ignore.excludes(path) && !self.always.contains(&path);
        if metadata.is_dir() {
            let needed = self.always.iter().any(|file| {
                file.strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with('/'))
            });
            if ignored && !needed && !self.has_exceptions {
                return Ok(());
            }
            if !ignored {
                self.append(path, &metadata, tar::EntryType::Directory, None, &[])?;
            }
            return self.folder(path, depth + 1);
        }
        if ignored {
            return Ok(());
        }
        if metadata.is_symlink() {
            // The link itself is sent, as `docker build` does; the engine never follows it out of the context.
            let Ok(target) = self.dir.read_link_contents(path) else {
                return Ok(());
            };
            let target = target.to_string_lossy().into_owned();
            return self.append(path, &metadata, tar::EntryType::Symlink, Some(&target), &[]);
        }
        if !metadata.is_file() {
            // Sockets, pipes and devices cannot be copied into an image.
            return Ok(());
        }
        self.bytes += metadata.len();
        if metadata.len() >= self.largest.0 {
            self.largest = (metadata.len(), path.to_owned());
        }
        if self.bytes > MOST_BYTES {
            return Err(ContextProblem::TooLarge {
                largest: std::mem::take(&mut self.largest.1),
                bytes: self.bytes,
            });
        }
        let content = read(self.dir, path).map_err(|p| ContextProblem::File(path.to_owned(), p))?;
        self.append(path, &metadata, tar::EntryType::Regular, None, &content)
    }

    fn append(
        &mut self,
        path: &str,
        metadata: &Metadata,
        kind: tar::EntryType,
        target: Option<&str>,
        content: &[u8],
    ) -> Result<(), ContextProblem> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(ContextProblem::TooMany);
        }
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode(metadata));
        header.set_size(content.len() as u64);
        header.set_mtime(modified(metadata));
        header.set_uid(0);
        header.set_gid(0);
        match target {
            Some(target) => self.tar.append_link(&mut header, path, target),
            None => self.tar.append_data(&mut header, path, content),
        }
        .map_err(ContextProblem::Io)?;

        // The engine takes an ignored Dockerfile out of the context again before the first step.
        if !self.ignore.excludes(path) {
            let mode = mode(metadata);
            let entry = match kind {
                tar::EntryType::Directory => Entry::folder(mode),
                tar::EntryType::Symlink => Entry::link(target.unwrap_or_default()),
                _ => Entry::file(mode, content),
            };
            self.files.insert(path, entry);
        }
        let executable = mode(metadata) & 0o111 != 0;
        hash_piece(&mut self.hash, path.as_bytes());
        hash_piece(&mut self.hash, &[kind.as_byte(), u8::from(executable)]);
        hash_piece(&mut self.hash, target.unwrap_or_default().as_bytes());
        hash_piece(&mut self.hash, content);
        Ok(())
    }
}

/// Hashes a piece with its length, so that two pieces never look like two others.
pub(crate) fn hash_piece(hash: &mut Sha256, piece: &[u8]) {
    hash.update((piece.len() as u64).to_be_bytes());
    hash.update(piece);
}

fn mode(metadata: &Metadata) -> u32 {
    use cap_std::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

fn modified(metadata: &Metadata) -> u64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.into_std().duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_secs())
}

impl ContextProblem {
    /// What a learner reads; `Err` where the learner is not to blame.
    pub(crate) fn message(&self, folder: &str, lang: Lang) -> Result<String, String> {
        let limit = mebibytes(MOST_BYTES);
        Ok(match (self, lang) {
            (ContextProblem::NoFolder, Lang::Ko) => format!(
                "빌드 컨텍스트 폴더 `{folder}`가 없어요. 빌드는 이 폴더의 파일만 볼 수 있어요. 폴더 이름과 위치를 확인해 보세요."
            ),
            (ContextProblem::NoFolder, Lang::En) => format!(
                "There is no folder `{folder}` for the build context. A build sees only the files of that folder. Where are they?"
            ),
            (ContextProblem::TooLarge { largest, bytes }, Lang::Ko) => format!(
                "빌드 컨텍스트가 {limit} MiB보다 커요({} MiB까지 세었어요). 가장 큰 파일은 `{largest}`예요. 컨텍스트는 빌드할 때마다 통째로 엔진에 보내져요. 이미지에 필요 없는 파일을 빼는 방법을 생각해 보세요.",
                mebibytes(*bytes)
            ),
            (ContextProblem::TooLarge { largest, bytes }, Lang::En) => format!(
                "The build context is larger than {limit} MiB (counted up to {} MiB); the largest file is `{largest}`. All of the context goes to the engine at every build. How can files that the image does not need be left out?",
                mebibytes(*bytes)
            ),
            (ContextProblem::TooMany, Lang::Ko) => format!(
                "빌드 컨텍스트에 파일이 너무 많거나 폴더가 너무 깊어요(파일 {MOST_ENTRIES}개, 깊이 {DEEPEST}까지). 컨텍스트는 빌드할 때마다 통째로 보내져요. 이미지에 필요 없는 폴더를 빼는 방법을 생각해 보세요."
            ),
            (ContextProblem::TooMany, Lang::En) => format!(
                "The build context has too many files or too deep folders (at most {MOST_ENTRIES} files, {DEEPEST} levels). All of it goes to the engine at every build. How can folders that the image does not need be left out?"
            ),
            (ContextProblem::File(name, problem), lang) => problem.message(name, lang),
            (ContextProblem::Io(error), Lang::Ko) => {
                return Err(format!("제출 폴더를 읽을 수 없었어요({error})."));
            }
            (ContextProblem::Io(error), Lang::En) => {
                return Err(format!(
                    "The submission's folder could not be read ({error})."
                ));
            }
        })
    }
}
