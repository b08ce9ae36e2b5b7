//! A scope's latest calls, in memory; after a restart they are read back from the log.

use super::{Caller, EngineCall, Entry, kind};
use crate::scope::lock;
use std::collections::VecDeque;
use std::sync::Mutex;

/// How many calls are remembered for each scope.
pub(crate) const MOST: usize = 2000;

/// The latest calls of one scope, in the order in which they ended.
#[derive(Debug, Default)]
pub(crate) struct History(Mutex<VecDeque<EngineCall>>);

impl History {
    pub(crate) fn push(&self, entry: &Entry) {
        let mut calls = lock(&self.0);
        if calls.len() == MOST {
            calls.pop_front();
        }
        calls.push_back(call_of(entry));
    }

    /// The calls that came in at `since` (milliseconds since 1970) or later, in the order in which they came in.
    pub(crate) fn since(&self, since: u64) -> Vec<EngineCall> {
        let calls = lock(&self.0);
        let mut found: Vec<EngineCall> = calls
            .iter()
            .filter(|call| call.at_ms >= since)
            .cloned()
            .collect();
        found.sort_by_key(|call| call.at_ms);
        found
    }

    pub(crate) fn forget(&self) {
        lock(&self.0).clear();
    }

    /// Takes in a line that was read from the log.
    pub(crate) fn read_back(&self, entry: &Entry) {
        match entry.by {
            Caller::Learner if !kind::is_chatter(&entry.kind) => self.push(entry),
            Caller::Gateway if entry.kind == "scope remove" => self.forget(),
            _ => {}
        }
    }
}

fn call_of(entry: &Entry) -> EngineCall {
    EngineCall {
        at_ms: entry.at_ms,
        kind: entry.kind.clone(),
        object: entry.object.clone(),
        status: entry.status,
    }
}
