//! What was asked of the gateway and what it decided: a log on disk for whoever runs the server, and each scope's own
//! history of calls for the checker.

mod history;
mod kind;
mod log;
mod note;

pub(crate) use history::History;
pub(crate) use kind::classify;
pub(crate) use log::AuditLog;
pub(crate) use note::{Caller, Note, Recording};

use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// One call that a scope's socket took in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineCall {
    /// When it came in, in milliseconds since 1970.
    pub at_ms: u64,
    /// What it was, in Docker's words: `container create`, `image pull`, `build`, `exec start`, …
    pub kind: String,
    /// What it was about, by the name that the learner gave it; empty where there is nothing to name.
    pub object: String,
    /// The status that the client read; 0 where the client left before the answer.
    pub status: u16,
}

/// What was decided about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// The engine was asked for what the client asked for, or the gateway answered it from its books.
    Allowed,
    /// The engine was asked for something else, within what a scope may have.
    Rewritten,
    /// The engine was not asked.
    Refused,
}

/// One line of the log. Values of a request (environment, credentials, contents) are never in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at_ms: u64,
    pub(crate) scope: String,
    pub(crate) by: Caller,
    pub(crate) method: String,
    /// The call's path with `{id}` or `{name}` where a name was.
    pub(crate) path: String,
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) object: String,
    pub(crate) verdict: Verdict,
    /// Which rule decided: `policy`, `limit`, `ownership`, `form`, `engine`, or what was rewritten.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) rule: String,
    /// Why it was refused, without what the client wrote between quotation marks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
    pub(crate) status: u16,
    /// Milliseconds until the answer began.
    pub(crate) ms: u64,
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| {
            u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
        })
}
