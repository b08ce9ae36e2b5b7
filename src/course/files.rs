//! The files of a course, wherever they come from.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use rust_embed::RustEmbed;

use super::{Lesson, Problem};

/// No file of a course is larger.
const MAX_BYTES: u64 = 1 << 20;

/// The folders that a course consists of.
pub const TOPS: [&str; 2] = ["lessons", "exercises"];

/// What stands beside the exercises and is none: the catalogue of images and its recipes.
const NOT_EXERCISES: [&str; 2] = ["exercises/images.yaml", "exercises/images/"];

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/lessons"]
#[prefix = "lessons/"]
struct Lessons;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/exercises"]
#[prefix = "exercises/"]
struct Exercises;

/// Paths like `lessons/01-first/ko.md` and their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// The files that are part of the program.
    #[must_use]
    pub fn embedded() -> Files {
        let mut files = Files::default();
        for name in Lessons::iter().chain(Exercises::iter()) {
            let file = Lessons::get(&name).or_else(|| Exercises::get(&name));
            if let Some(file) = file {
                files.insert(&name, file.data.into_owned());
            }
        }
        files
    }

    /// The files below `lessons/` and `exercises/` in a folder. Links are not followed: a course that somebody else
    /// wrote must not reach other files of this machine.
    pub fn read(folder: &Path) -> Result<Files, Problem> {
        for top in TOPS {
            if !folder.join(top).is_dir() {
                let message = format!("there is no folder `{top}` in {}", folder.display());
                return Err(Problem::new(top, message));
            }
        }
        Files::read_begun(folder)
    }

    /// The same of a course that is only begun: what is not there yet has no files.
    pub fn read_begun(folder: &Path) -> Result<Files, Problem> {
        let mut files = Files::default();
        for top in TOPS {
            if folder.join(top).exists() {
                files.read_folder(folder, top)?;
            }
        }
        Ok(files)
    }

    fn read_folder(&mut self, root: &Path, name: &str) -> Result<(), Problem> {
        let failed = |name: &str, error: std::io::Error| {
            Problem::new(name, format!("it cannot be read: {error}"))
        };
        let entries = std::fs::read_dir(root.join(name)).map_err(|error| failed(name, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed(name, error))?;
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else {
                return Err(Problem::new(
                    name,
                    "it holds a file whose name is not UTF-8",
                ));
            };
            let path = format!("{name}/{file_name}");
            let kind = entry.file_type().map_err(|error| failed(&path, error))?;
            if kind.is_dir() {
                self.read_folder(root, &path)?;
            } else if kind.is_file() {
                let mut bytes = Vec::new();
                std::fs::File::open(entry.path())
                    .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
                    .map_err(|error| failed(&path, error))?;
                if bytes.len() as u64 > MAX_BYTES {
                    return Err(Problem::new(path, "it is larger than 1 MiB"));
                }
                self.insert(&path, bytes);
            } else {
                return Err(Problem::new(path, "it is neither a file nor a folder"));
            }
        }
        Ok(())
    }

    /// Puts a file in; what is not part of a course is left out.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let by_desktop = name == ".DS_Store" || name == "Thumbs.db" || name.starts_with("._");
        if !by_desktop && !NOT_EXERCISES.iter().any(|other| path.starts_with(other)) {
            self.0.insert(path.to_owned(), bytes);
        }
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.0.remove(path)
    }

    pub(super) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// A text file that must be there.
    pub(super) fn text(&self, path: &str, problems: &mut Vec<Problem>) -> Option<&str> {
        let Some(bytes) = self.bytes(path) else {
            problems.push(Problem::new(path, "the file is missing"));
            return None;
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
                problems.push(Problem::at(path, line, "the file is not UTF-8"));
                None
            }
        }
    }

    /// Files below a folder, with paths relative to it.
    pub(super) fn below<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> + 'a {
        self.0
            .range(folder.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(folder))
            .filter_map(move |(path, bytes)| {
                Some((
                    path.strip_prefix(folder)?.strip_prefix('/')?,
                    bytes.as_slice(),
                ))
            })
    }

    /// Folders that are directly in a folder, sorted.
    pub(super) fn folders<'a>(&'a self, folder: &'a str) -> Vec<&'a str> {
        let mut found: Vec<&str> = self
            .below(folder)
            .filter_map(|(path, _)| Some(path.split_once('/')?.0))
            .collect();
        found.dedup();
        found
    }

    /// Reports every file that no lesson and no exercise knows.
    pub(super) fn check_stray(&self, lessons: &[Lesson], problems: &mut Vec<Problem>) {
        for path in self.0.keys() {
            let parts: Vec<&str> = path.split('/').collect();
            let known = match parts.as_slice() {
                ["lessons", "coverage.yaml"] => true,
                ["lessons", lesson, "lesson.yaml" | "ko.md" | "en.md"] => {
                    // A lesson that could not be read has been reported already.
                    lessons.iter().any(|known| known.id == *lesson)
                        || problems
                            .iter()
                            .any(|p| p.file.starts_with(&format!("lessons/{lesson}/")))
                }
                [
                    "exercises",
                    _,
                    _,
                    "exercise.yaml" | "text.ko.md" | "text.en.md",
                ] => true,
                ["exercises", _, _, "starter" | "solution", ..] => parts.len() > 4,
                ["exercises", _, _, "alternative" | "wrong", ..] => parts.len() > 5,
                _ => false,
            };
            if !known {
                let message = "this file belongs to no lesson and no exercise";
                problems.push(Problem::new(path, message));
            }
        }
    }
}
