//! What is learned about a call while it is carried out, until it becomes a line of the log.

use super::{Entry, Verdict, classify, kind, now_ms};
use crate::error::Fault;
use crate::scope::{Inner, lock};
use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The longest text that a line has of anything a client chose.
const LONGEST: usize = 200;

/// By which of a scope's sockets a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Caller {
    /// The learner's socket.
    Learner,
    /// The socket of the server's own tools, such as the checker.
    Tool,
    /// Whoever runs the gateway: scopes opened, reset, removed.
    Gateway,
}

/// What a call's handler says about it. Clones are the same note.
#[derive(Debug, Clone, Default)]
pub(crate) struct Note(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    object: Option<String>,
    rewrote: Vec<&'static str>,
}

impl Note {
    /// What the call is about, as the learner wrote it.
    pub(crate) fn object(&self, name: impl Into<String>) {
        lock(&self.0).object = Some(name.into());
    }

    /// The engine is asked for something else than the client: what differs.
    pub(crate) fn rewrote(&self, what: &'static str) {
        let mut said = lock(&self.0);
        if !said.rewrote.contains(&what) {
            said.rewrote.push(what);
        }
    }
}

/// A call that is being carried out. A client that leaves early is noted too: then this is dropped unfinished.
pub(crate) struct Recording {
    scope: Arc<Inner>,
    entry: Entry,
    note: Note,
    began: Instant,
}

impl Recording {
    pub(crate) fn new(scope: &Arc<Inner>, by: Caller, method: &str, path: &str) -> Self {
        Self {
            scope: scope.clone(),
            entry: Entry {
                at_ms: now_ms(),
                scope: scope.name.clone(),
                by,
                method: method.chars().take(16).collect(),
                path: path.chars().take(LONGEST).collect(),
                kind: "unknown".to_owned(),
                object: String::new(),
                verdict: Verdict::Allowed,
                rule: String::new(),
                reason: String::new(),
                status: 0,
                ms: 0,
            },
            note: Note::default(),
            began: Instant::now(),
        }
    }

    pub(crate) fn note(&self) -> Note {
        self.note.clone()
    }

    /// Whether the call came by the learner's own socket.
    pub(crate) fn by_learner(&self) -> bool {
        self.entry.by == Caller::Learner
    }

    /// The path was understood. What it names is shown by the learner's name for it.
    pub(crate) fn route(&mut self, method: &str, words: &[&str]) {
        let call = classify(method, words);
        let known = call.object.map(|text| match call.of {
            "container" => match self.scope.state().container(&text) {
                Ok(Some(container)) => container.name.clone(),
                _ => text,
            },
            "network" => match self.scope.state().network(&text) {
                Ok(Some(network)) => network.name.clone(),
                _ => text,
            },
            _ => text,
        });
        (self.entry.kind, self.entry.path) = (call.kind, call.shape);
        self.entry.object = known.unwrap_or_default();
    }

    pub(crate) fn fault(&mut self, fault: &Fault) {
        self.entry.rule = fault.rule.to_owned();
        if !matches!(fault.rule, "engine" | "fault") {
            self.entry.verdict = Verdict::Refused;
            self.entry.reason = without_quoted(&self.scope.scrub(&fault.message));
        }
    }

    pub(crate) fn finish(mut self, status: StatusCode) {
        self.entry.status = status.as_u16();
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut entry = self.entry.clone();
        {
            let mut said = lock(&self.note.0);
            if let Some(object) = said.object.take() {
                entry.object = object;
            }
            if entry.verdict == Verdict::Allowed && !said.rewrote.is_empty() {
                entry.verdict = Verdict::Rewritten;
                entry.rule = said.rewrote.join(", ");
            }
        }
        entry.object = entry.object.chars().take(LONGEST).collect();
        entry.ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if entry.by == Caller::Learner && !kind::is_chatter(&entry.kind) {
            self.scope.history.push(&entry);
        }
        self.scope.shared.audit.write(entry);
    }
}

/// A message without what stands between double quotation marks: that is where clients' own values are shown.
fn without_quoted(message: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for c in message.chars() {
        match c {
            '"' if !escaped => {
                inside = !inside;
                out.push_str(if inside { "\"…" } else { "\"" });
            }
            _ if !inside => out.push(c),
            _ => {}
        }
        escaped = inside && c == '\\' && !escaped;
    }
    out.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_no_values_of_the_client() {
        for (message, shown) in [
            (
                "invalid type: string \"se\\\"cret\", expected a sequence",
                "invalid type: string \"…\", expected a sequence",
            ),
            ("not allowed: \"unfinished", "not allowed: \"…"),
            ("plain", "plain"),
        ] {
            assert_eq!(without_quoted(message), shown);
        }
    }
}
