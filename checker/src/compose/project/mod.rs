//! A project as Compose puts it together: several files, `.env`, `include`, `extends`, variables and profiles.
//!
//! Loading never fails and is bounded. Everything that is wrong is an [`Issue`] with its file and place; what could not
//! be read is missing from the result, and [`Loaded::whole`] says so.

mod env;
mod extends;
mod files;
mod include;
mod issue;
mod load;
mod merge;
mod short;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use dockerfile::{Source, Span};

pub use files::{Files, Read, Single};
pub use issue::{Issue, IssueKind, Role};

use super::Compose;
use super::model::Project;
use super::node::Node;

/// Names that Compose looks for, the first first.
pub const DEFAULT_FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// Names that Compose lays over the first where no file is named, the first first.
pub const OVERRIDE_FILES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Which project, and what stands around it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The files, as after `-f`; where there is none, Compose's own names are looked for.
    pub files: Vec<String>,
    /// The folder in which those names and `.env` are looked for; the project's own where it is empty.
    pub base: String,
    /// The variables of the shell. They win over `.env`.
    pub variables: BTreeMap<String, String>,
    /// The profiles, as after `--profile`.
    pub profiles: Vec<String>,
    /// The project's name, as after `-p`.
    pub name: Option<String>,
    /// The name of the folder, from which the project takes its own where nothing else names it.
    pub folder: String,
}

impl Settings {
    /// The project to which a file belongs: with the files beside it where it has one of Compose's own names, else the
    /// file alone.
    pub fn of_file(path: &str) -> Settings {
        let (base, name) = path.rsplit_once('/').unwrap_or((".", path));
        let own = DEFAULT_FILES.contains(&name) || OVERRIDE_FILES.contains(&name);
        Settings {
            files: if own {
                Vec::new()
            } else {
                vec![path.to_owned()]
            },
            base: base.to_owned(),
            ..Settings::default()
        }
    }
}

/// A file that has been read.
#[derive(Debug)]
pub struct Document {
    /// Its path from the project's folder.
    pub path: String,
    /// Why it was read first.
    pub role: Role,
    /// What it is.
    pub content: Content,
    /// Where its places begin among those of all files.
    base: usize,
}

/// What a file is.
#[derive(Debug)]
pub enum Content {
    /// A Compose file.
    Compose(Box<Compose>),
    /// A file of variables.
    Variables(Source),
}

impl Document {
    /// Its text.
    pub fn source(&self) -> &Source {
        match &self.content {
            Content::Compose(compose) => &compose.source,
            Content::Variables(source) => source,
        }
    }
}

/// A project with everything that is wrong in it.
#[derive(Debug)]
pub struct Loaded {
    /// The files that were read, in that order.
    pub files: Vec<Document>,
    /// All files laid over each other, short forms written out, variables put in: what `docker compose config` prints.
    /// Its places are those of all files; see [`Loaded::place`].
    pub tree: Node,
    /// All that is declared, before profiles and use choose from it.
    pub declared: Node,
    /// The effective model.
    pub project: Project,
    /// What is wrong, in the order of the files.
    pub issues: Vec<Issue>,
    /// Whether everything that belongs to the project was read.
    pub whole: bool,
}

impl Loaded {
    /// The file and the place in it of a place in [`Loaded::tree`].
    pub fn place(&self, span: Span) -> (usize, Span) {
        let after = self.files.partition_point(|file| file.base <= span.start);
        let file = after.saturating_sub(1);
        let base = self.files.get(file).map_or(0, |file| file.base);
        let end = span.end.max(span.start);
        (
            file,
            Span::new(span.start - base.min(span.start), end - base.min(end)),
        )
    }

    /// The document of a path.
    pub fn file(&self, path: &str) -> Option<&Document> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// Loads the project of a file. Where the files beside it make a project without it, it is loaded alone.
pub fn load_file(files: &dyn Files, path: &str, settings: Settings) -> Loaded {
    let of_file = Settings::of_file(path);
    let both = Settings {
        files: of_file.files,
        base: of_file.base,
        ..settings
    };
    let loaded = load(files, &both);
    if loaded.file(path).is_some() || !both.files.is_empty() {
        return loaded;
    }
    let alone = Settings {
        files: vec![path.to_owned()],
        ..both
    };
    load(files, &alone)
}

/// Loads a project.
pub fn load(files: &dyn Files, settings: &Settings) -> Loaded {
    load::load(files, settings)
}
