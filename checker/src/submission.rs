//! The submission's folder, read without following anything out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::assert::{Assertion, Verdict};
use crate::compose::project::{self, Files, Loaded, Read, Settings};
use crate::spec::Exercise;
use crate::{Finding, Lang, lint};

/// The most bytes of one file that are read, and of all files together that are sent to a builder.
pub(crate) const MOST_BYTES: u64 = 50 * 1024 * 1024;

/// The texts of a submission and what the rules find in them.
pub(crate) struct Submission {
    dir: Dir,
    files: BTreeMap<String, Result<Vec<u8>, FileProblem>>,
    findings: BTreeMap<String, Vec<Finding>>,
    projects: BTreeMap<String, (Loaded, Vec<Finding>)>,
}

/// A Compose project reads its files through the same door.
struct Folder<'a>(&'a Dir);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Read {
        match read(self.0, path) {
            Ok(bytes) => Read::Bytes(bytes),
            Err(FileProblem::Missing { .. }) => Read::Missing,
            Err(FileProblem::NoFile) => Read::Refused("not a regular file".to_owned()),
            Err(FileProblem::TooLarge { .. }) => Read::Refused("too large".to_owned()),
            Err(FileProblem::LeadsOut) => Read::Refused("leads out of the folder".to_owned()),
            Err(FileProblem::Unreadable { why }) => Read::Refused(why),
        }
    }
}

/// Why a file cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileProblem {
    /// It is not there; other names in the folder that look like it.
    Missing { similar: Vec<String> },
    /// A folder, a device or the like.
    NoFile,
    /// More than [`MOST_BYTES`].
    TooLarge { bytes: u64 },
    /// A symbolic link, or a part of the path, leads out of the folder.
    LeadsOut,
    /// The system does not let us read it.
    Unreadable { why: String },
}

impl Submission {
    /// Opens the folder, reads the files that the exercise is about, and looks at them with all rules.
    pub(crate) fn open(dir: &Path, exercise: &Exercise, lang: Lang) -> std::io::Result<Submission> {
        let dir = Dir::open_ambient_dir(dir, ambient_authority())?;
        let dockerfiles = dockerfiles(exercise);
        let names = exercise.text_files().into_iter();
        let mut files = BTreeMap::new();
        let mut findings = BTreeMap::new();
        for name in names.chain(dockerfiles.keys().cloned()) {
            if files.contains_key(&name) {
                continue;
            }
            let file = read(&dir, &name);
            if let Ok(bytes) = &file {
                let found = match dockerfiles.get(&name) {
                    Some(context) => {
                        let ignore = read(&dir, &inside(context, ".dockerignore")).ok();
                        let options = lint::Options {
                            lang,
                            ignore: ignore.as_deref(),
                            ..lint::Options::default()
                        };
                        lint::lint_dockerfile(&name, bytes, &options)
                    }
                    None => lint::lint_file(&name, bytes, lang),
                };
                findings.insert(name.clone(), found);
            }
            files.insert(name, file);
        }
        let mut projects = BTreeMap::new();
        for name in projects_of(exercise) {
            let settings = Settings {
                folder: "project".to_owned(),
                ..Settings::default()
            };
            let loaded = project::load_file(&Folder(&dir), &name, settings);
            let options = lint::Options {
                lang,
                ..lint::Options::default()
            };
            let found = lint::lint_project(&loaded, &options, &str::to_owned);
            // What else belongs to the project is part of what was judged.
            for document in &loaded.files {
                if !files.contains_key(&document.path) {
                    files.insert(document.path.clone(), read(&dir, &document.path));
                }
            }
            projects.insert(name, (loaded, found));
        }
        Ok(Submission {
            projects,
            dir,
            files,
            findings,
        })
    }

    /// The content of one of the exercise's files.
    pub(crate) fn read(&self, name: &str) -> Result<&[u8], &FileProblem> {
        match self.files.get(name) {
            Some(Ok(bytes)) => Ok(bytes),
            Some(Err(problem)) => Err(problem),
            None => Err(&FileProblem::NoFile),
        }
    }

    /// What the rules find in one of the exercise's files.
    pub(crate) fn findings(&self, name: &str) -> &[Finding] {
        self.findings.get(name).map_or(&[], Vec::as_slice)
    }

    /// The Compose project of one of the exercise's files, and what the rules find in it.
    pub(crate) fn project(&self, name: &str) -> Option<(&Loaded, &[Finding])> {
        let (loaded, findings) = self.projects.get(name)?;
        Some((loaded, findings))
    }

    /// The exercise's files that can be read.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .filter_map(|(name, file)| Some((name.as_str(), file.as_deref().ok()?)))
    }

    /// A second handle on the folder, for reading on another thread.
    pub(crate) fn dir(&self) -> std::io::Result<Dir> {
        self.dir.try_clone()
    }
}

/// The Compose files that the exercise is about.
fn projects_of(exercise: &Exercise) -> BTreeSet<String> {
    let hints = exercise.hints.iter().filter_map(|hint| hint.when.as_ref());
    let checks = exercise.checks.iter().map(|check| &check.assertion);
    let all = checks.chain(hints);
    all.filter_map(|assertion| match assertion {
        Assertion::Compose(project) => Some(project.file.clone()),
        _ => None,
    })
    .collect()
}

/// The Dockerfiles that the exercise is about, with their build contexts: a build's own, else the file's folder.
fn dockerfiles(exercise: &Exercise) -> BTreeMap<String, String> {
    let mut dockerfiles = BTreeMap::new();
    let hints = exercise.hints.iter().filter_map(|hint| hint.when.as_ref());
    let checks = exercise.checks.iter().map(|check| &check.assertion);
    for assertion in checks.chain(hints) {
        match assertion {
            Assertion::Dockerfile(text) => {
                let folder = text.file.rsplit_once('/').map_or(".", |(folder, _)| folder);
                let entry = dockerfiles.entry(text.file.clone());
                entry.or_insert_with(|| folder.to_owned());
            }
            Assertion::Cache(cache) => {
                dockerfiles.insert(cache.dockerfile_path(), cache.context.clone());
            }
            Assertion::Build(build) => {
                dockerfiles.insert(build.dockerfile_path(), build.context.clone());
            }
            _ => {}
        }
    }
    dockerfiles
}

/// A file of a folder; the folder can be `.`.
pub(crate) fn inside(folder: &str, file: &str) -> String {
    match folder.trim_end_matches('/') {
        "." | "" => file.to_owned(),
        folder => format!("{folder}/{file}"),
    }
}

/// Reads one file, at most [`MOST_BYTES`] of it.
pub(crate) fn read(dir: &Dir, name: &str) -> Result<Vec<u8>, FileProblem> {
    let kind = match dir.metadata(name) {
        Ok(metadata) if metadata.is_file() => metadata,
        Ok(_) => return Err(FileProblem::NoFile),
        Err(error) => return Err(problem_of(dir, name, &error)),
    };
    if kind.len() > MOST_BYTES {
        return Err(FileProblem::TooLarge { bytes: kind.len() });
    }
    let file = open_file(dir, name).map_err(|error| problem_of(dir, name, &error))?;
    // Between the look and the open the path can have become a pipe, which would never end.
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(FileProblem::NoFile),
        Err(error) => return Err(problem_of(dir, name, &error)),
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| problem_of(dir, name, &error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(FileProblem::TooLarge {
            bytes: bytes.len() as u64,
        });
    }
    Ok(bytes)
}

/// Opens without waiting for the other end of a pipe.
fn open_file(dir: &Dir, name: &str) -> std::io::Result<cap_std::fs::File> {
    use cap_std::fs::OpenOptionsExt;
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let mut options = cap_std::fs::OpenOptions::new();
    options.read(true).custom_flags(nonblock);
    dir.open_with(name, &options)
}

fn problem_of(dir: &Dir, name: &str, error: &std::io::Error) -> FileProblem {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FileProblem::Missing {
            similar: similar(dir, name),
        },
        // cap-std refuses a path that leads out of the folder with this kind and no code of the system.
        std::io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
            FileProblem::LeadsOut
        }
        _ => FileProblem::Unreadable {
            why: error.to_string(),
        },
    }
}

/// Names beside the missing file that were probably meant: `dockerfile`, `Dockerfile.txt`, `Dokerfile`.
fn similar(dir: &Dir, name: &str) -> Vec<String> {
    let (folder, base) = name.rsplit_once('/').unwrap_or((".", name));
    let Ok(entries) = dir.read_dir(folder) else {
        return Vec::new();
    };
    let wanted = base.to_lowercase();
    let mut found: Vec<String> = entries
        .take(1000)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|other| {
            let other = other.to_lowercase();
            other == wanted
                || other.strip_suffix(".txt") == Some(wanted.as_str())
                || dockerfile::suggest(&wanted, [other.as_str()]).is_some()
        })
        .collect();
    found.sort();
    found
}

impl FileProblem {
    /// What a learner reads.
    pub(crate) fn message(&self, name: &str, lang: Lang) -> String {
        match (self, lang) {
            (FileProblem::Missing { similar }, Lang::Ko) if !similar.is_empty() => format!(
                "`{name}` 파일이 없어요. 대신 `{}` 파일이 있어요. 이름은 대소문자와 확장자까지 정확히 같아야 해요. 파일 이름을 한 글자씩 비교해 보세요.",
                similar.join("`, `")
            ),
            (FileProblem::Missing { similar }, Lang::En) if !similar.is_empty() => format!(
                "There is no file `{name}`; there is `{}`. A name counts letter by letter, with its capitals and its ending. What is different between the two?",
                similar.join("`, `")
            ),
            (FileProblem::Missing { .. }, Lang::Ko) => format!(
                "`{name}` 파일이 없어요. 이 파일을 보고 채점해요. 파일을 다른 폴더에 저장하지 않았는지 `ls`로 확인해 보세요."
            ),
            (FileProblem::Missing { .. }, Lang::En) => format!(
                "There is no file `{name}`. The check looks at this file. Was it saved in another folder? `ls` shows what is here."
            ),
            (FileProblem::NoFile, Lang::Ko) => format!(
                "`{name}` 이름으로 있는 것은 일반 파일이 아니에요. 폴더나 특수 파일은 읽을 수 없어요. 같은 이름의 일반 파일로 바꿔 보세요."
            ),
            (FileProblem::NoFile, Lang::En) => format!(
                "`{name}` is not a regular file. A folder or a special file cannot be read as text. Put a file in its place."
            ),
            (FileProblem::TooLarge { bytes }, Lang::Ko) => format!(
                "`{name}` 파일이 너무 커요({} MiB). {} MiB까지만 읽어요. 이 폴더에 있어야 하는 파일인지 생각해 보세요.",
                mebibytes(*bytes),
                mebibytes(MOST_BYTES)
            ),
            (FileProblem::TooLarge { bytes }, Lang::En) => format!(
                "The file `{name}` is too large ({} MiB); at most {} MiB are read. Does it belong in this folder?",
                mebibytes(*bytes),
                mebibytes(MOST_BYTES)
            ),
            (FileProblem::LeadsOut, Lang::Ko) => format!(
                "`{name}` 경로는 이 폴더 밖으로 나가요. 바깥의 파일은 읽지 않아요. 파일을 이 폴더 안에 두세요."
            ),
            (FileProblem::LeadsOut, Lang::En) => format!(
                "`{name}` leads out of this folder. Files outside are not read. Put the file inside."
            ),
            (FileProblem::Unreadable { why }, Lang::Ko) => format!(
                "`{name}` 파일을 읽을 수 없어요({why}). 파일의 권한을 `ls -l`로 확인해 보세요."
            ),
            (FileProblem::Unreadable { why }, Lang::En) => format!(
                "The file `{name}` cannot be read ({why}). Look at its rights with `ls -l`."
            ),
        }
    }

    /// The learner can mend all of it, so it is a failure.
    pub(crate) fn verdict(&self, name: &str, lang: Lang) -> Verdict {
        Verdict::fail_because(self.message(name, lang)).expected(name)
    }
}

pub(crate) fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}
