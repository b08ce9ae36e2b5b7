//! Why a step has its fate.

use serde::Serialize;

/// Why a step has its fate. In JSON `kind` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// Nothing that it depends on has changed.
    Same,
    /// The instruction is new or another one at its place.
    Instruction {
        /// What stood there before; none where nothing did.
        before: Option<String>,
    },
    /// Files that it copies have changed.
    Files {
        /// With other content or other permissions.
        changed: Vec<String>,
        /// Not there before.
        added: Vec<String>,
        /// Not there any more.
        removed: Vec<String>,
    },
    /// An earlier step of its stage is rebuilt.
    Earlier {
        /// The number of the first one.
        step: usize,
    },
    /// The stage that it starts from, copies from or mounts is rebuilt.
    Stage {
        /// Its name, or its number.
        stage: String,
    },
    /// Another base image.
    Base {
        /// The one before, where there was one.
        before: Option<String>,
    },
    /// A build argument that it uses has another value.
    Argument {
        /// Its name.
        name: String,
        /// The value before; none where it had none.
        before: Option<String>,
        /// The value now.
        after: Option<String>,
    },
    /// A setting that it runs under, such as a variable, the user or the folder, is another one.
    Setting {
        /// `ENV NAME`, `USER`, `WORKDIR` or `SHELL`.
        name: String,
    },
    /// It only sets something.
    OnlySetting,
    /// The target does not need its stage.
    Unneeded,
    /// What an address answers is not known.
    Remote {
        /// The address.
        url: String,
    },
    /// The classic builder does not know what it uses.
    NeedsBuildkit {
        /// `heredoc`, `--mount` and the like.
        what: String,
    },
    /// It copies a file that the build does not see.
    Missing {
        /// The file or pattern as written.
        path: String,
    },
    /// An earlier step fails.
    AfterFailure {
        /// Its number.
        step: usize,
    },
    /// An earlier step's fate is not known.
    AfterUnknown {
        /// Its number.
        step: usize,
    },
}
