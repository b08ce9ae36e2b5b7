//! Everything that the page and the server say to each other, in one place. The page's twin is `frontend/src/protocol.ts`.
//!
//! Routes are listed in `router.rs`. Requests that change something carry `Origin`; every request carries the cookie.
//! Errors are `ApiError` with a 4xx or 5xx status.

use serde::{Deserialize, Serialize};

/// Body of every failed API call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiError {
    /// What happened, in one sentence.
    pub error: String,
    /// What to do now, in one sentence.
    pub next: String,
}

/// Where the learner's sandbox is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxState {
    /// There is no engine; `message` and `next` say what is missing and how to get it.
    NoEngine,
    /// The engine or the images are being prepared; `progress` tells how far.
    Preparing,
    /// Not started yet.
    Stopped,
    /// On its way; a few hundred milliseconds.
    Starting,
    /// The terminal works.
    Ready,
    /// Stopped after a time without input; files are kept; any visit starts it again.
    Idle,
    /// It could not be started; `message` and `next` say why and what to do.
    Failed,
}

/// `GET /api/status` and every message of `GET /api/events` named `status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SandboxStatus {
    /// See `SandboxState`.
    pub state: SandboxState,
    /// What happens or happened, in one sentence; empty when ready.
    pub message: String,
    /// What to do, in one sentence; empty when nothing is to be done.
    pub next: String,
    /// 0 to 1 while preparing.
    pub progress: Option<f32>,
    /// Containers of the learner that run and exist, when ready.
    pub containers: Option<(u32, u32)>,
    /// Set when an image that the course uses is a stand-in for the real one: its references.
    pub stand_ins: Vec<String>,
}

/// One entry of `GET /api/files`: the workspace, sorted by path, folders before what is in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the workspace, `/` between parts.
    pub path: String,
    /// `file`, `dir` or `link`.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
}

/// See `FileEntry`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link; shown, never followed.
    Link,
}

/// `GET /api/files/{*path}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// As asked.
    pub path: String,
    /// The text; `None` when the file is not UTF-8 or larger than 1 MiB (the editor then says so).
    pub text: Option<String>,
    /// Changes whenever the content does; send it back with a save.
    pub version: String,
}

/// `PUT /api/files/{*path}`; answered with `FileContent` without text, or 409 when `base` is not the present version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSave {
    /// The whole new text.
    pub text: String,
    /// The version that the edit began from; `None` for a new file.
    pub base: Option<String>,
}

/// Server-sent events of `GET /api/events`; the event's name is the tag, its data is this object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ServerEvent {
    /// The sandbox changed.
    Status {
        /// The new status.
        status: SandboxStatus,
    },
    /// A file in the workspace changed, whoever changed it.
    FileChanged {
        /// Relative path.
        path: String,
        /// `None` when it is gone.
        version: Option<String>,
    },
    /// Files came or went; ask for the list again.
    FilesChanged,
    /// Progress changed (another tab passed a check).
    Progress {
        /// The new state of that exercise.
        exercise: Box<ExerciseState>,
    },
}

/// `GET /api/exercises/{*id}` and the answer to start, hint, give-up and reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExerciseState {
    /// The exercise's id.
    pub id: String,
    /// Folder of the exercise in the workspace.
    pub folder: String,
    /// Files that the learner edits, relative to the workspace.
    pub files: Vec<String>,
    /// Passed at least once.
    pub passed: bool,
    /// The solution may be shown.
    pub solution_open: bool,
    /// Best points so far.
    pub points: u32,
    /// Points that can be reached.
    pub max_points: u32,
    /// How often it was checked.
    pub attempts: u32,
    /// HTML of the hints shown so far.
    pub hints: Vec<String>,
    /// How many hints there are.
    pub hints_total: usize,
    /// The last report, if any.
    pub report: Option<checker::Report>,
    /// How the same questions were answered when they were first asked; empty where they were not.
    #[serde(default)]
    pub before: Vec<EarlierAnswer>,
}

/// The answer to a question at the first check of an earlier exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierAnswer {
    /// Id of the check.
    pub check: String,
    /// Whether it was right.
    pub right: bool,
    /// What was answered, where it was wrong and in the same language.
    pub answer: Option<String>,
}

/// One file of a solution: `GET /api/exercises/{*id}/solution`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionFile {
    /// Relative to the exercise's folder.
    pub path: String,
    /// The text.
    pub text: String,
}

/// `POST /api/lint`: findings of an unsaved text, for the editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintRequest {
    /// File name; decides what the text is.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Text frames on `GET /ws/terminal/{n}` from the page. Input goes as binary frames: 8 bytes big-endian number of the
/// first input byte, counted from 0 over the life of this `client`, then the bytes. What the server has already
/// taken is dropped, so a frame may be sent again after a reconnect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum TerminalClient {
    /// First frame.
    Hello {
        /// Random id of this page's terminal, the same over reconnects.
        client: String,
        /// The next output byte that the page wants; `None` for the whole scrollback.
        resume: Option<u64>,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// The window changed.
    Resize {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
}

/// Text frames to the page. Output comes as binary frames: 8 bytes big-endian number of the first byte, then the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum TerminalServer {
    /// Answer to `hello`: output goes on from `output` (larger than asked when the scrollback no longer reaches back,
    /// smaller when the terminal began anew); input is known up to `input`.
    Ready {
        /// Number of the next output byte.
        output: u64,
        /// Number of the next input byte.
        input: u64,
    },
    /// Input was taken up to here.
    Ack {
        /// Number of the next input byte.
        input: u64,
    },
    /// The shell has ended; the next key starts a new one.
    Exit,
    /// The terminal cannot be had now.
    Error {
        /// What happened and what to do.
        message: String,
    },
}
