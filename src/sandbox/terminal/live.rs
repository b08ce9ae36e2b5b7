//! A page's place in a terminal's output.

use std::sync::{Arc, PoisonError};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::{Core, Output};

/// A page gets output in pieces of at most this size.
const PIECE: usize = 64 << 10;

/// What a page has not heard yet. Dropping the future of `recv` loses nothing.
#[derive(Debug)]
pub struct Live {
    core: Arc<Core>,
    changed: watch::Receiver<()>,
    at: u64,
    exits: u64,
}

impl Live {
    /// `at` is the number of the next byte, `exits` how many ends of shells are known.
    pub(super) fn new(core: Arc<Core>, changed: watch::Receiver<()>, at: u64, exits: u64) -> Live {
        Live {
            core,
            changed,
            at,
            exits,
        }
    }

    /// The next thing to hear.
    ///
    /// # Errors
    /// `Lagged` when output was dropped before this page took it: attach again from where the page is. `Closed` when the
    /// terminal is gone.
    pub async fn recv(&mut self) -> Result<Output, RecvError> {
        loop {
            if let Some(heard) = self.poll() {
                return heard;
            }
            if self.changed.changed().await.is_err() {
                return Err(RecvError::Closed);
            }
        }
    }

    fn poll(&mut self) -> Option<Result<Output, RecvError>> {
        let screen = self
            .core
            .screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let ended = screen.exits > self.exits;
        if ended && self.at >= screen.exit_at {
            self.exits = screen.exits;
            return Some(Ok(Output::Exit));
        }
        // An exit is heard in its place between the output of two shells.
        let room = if ended {
            screen.exit_at - self.at
        } else {
            PIECE as u64
        };
        let limit = usize::try_from(room).unwrap_or(PIECE).min(PIECE);
        if screen.scrollback.next() == self.at {
            return None;
        }
        let (first, bytes) = screen.scrollback.read(self.at, limit);
        let missed = first - self.at;
        self.at = first + bytes.len() as u64;
        if missed > 0 && !bytes.is_empty() {
            return Some(Err(RecvError::Lagged(missed)));
        }
        (!bytes.is_empty()).then_some(Ok(Output::Bytes { first, bytes }))
    }
}
