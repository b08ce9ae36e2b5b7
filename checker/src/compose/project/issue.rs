//! What is wrong with a project beyond its single files.

use dockerfile::Span;

use crate::compose::{dotenv, interpolate};

/// One thing that is wrong, in one of the project's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Which of [`super::Loaded::files`].
    pub file: usize,
    /// Where in it.
    pub span: Span,
    /// What.
    pub kind: IssueKind,
}

/// Why a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It was named as one of the project's files.
    Main,
    /// By `include`.
    Include,
    /// By `extends`.
    Extends,
    /// By `env_file`.
    EnvFile,
}

/// Kinds of issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueKind {
    /// A file that is named and is not there.
    Missing {
        /// Its path from the project's folder.
        path: String,
        /// Why it is read.
        role: Role,
    },
    /// A path that leads out of the project's folder. It was not read.
    Outside {
        /// The path as joined.
        path: String,
        /// Why it would be read.
        role: Role,
    },
    /// A file that is there and cannot be read.
    Unreadable {
        /// Its path.
        path: String,
        /// Why not.
        why: String,
    },
    /// More files, bytes or nodes than a project has, or files nested deeper.
    TooMuch,
    /// What is wrong with a variable in a Compose file's value.
    Variable(interpolate::Event),
    /// What is wrong in a file of variables.
    Dotenv(dotenv::ProblemKind),
    /// `extends` names a service that is not there.
    ExtendsUnknown {
        /// The service.
        service: String,
        /// The file in which it was looked for.
        path: String,
        /// The service that was probably meant.
        near: Option<String>,
    },
    /// `extends` leads back to the service itself.
    ExtendsCycle {
        /// The services on the way.
        services: Vec<String>,
    },
    /// `include` leads back to the file itself.
    IncludeCycle {
        /// The file.
        path: String,
    },
    /// The file defines what an included file defines otherwise.
    Conflict {
        /// `services`, `networks`, `volumes`, `secrets` or `configs`.
        section: &'static str,
        /// The name.
        name: String,
        /// The included file.
        path: String,
    },
    /// A service waits for one whose profile is not active.
    Inactive {
        /// The service.
        service: String,
        /// The one that does not run.
        needs: String,
        /// Its profiles.
        profiles: Vec<String>,
    },
    /// A mapping in one file, a list in another, for the same key.
    Kinds {
        /// The keys on the way.
        path: Vec<String>,
    },
    /// Services of several files that wait for each other in a circle.
    Circle {
        /// The services on the way.
        services: Vec<String>,
    },
}
