//! A terminal: a shell in the workbench, its output for any number of pages, its input from any of them.
//!
//! One task speaks to the shell and puts its output into the scrollback; each page reads from there at its own pace, so a
//! slow page holds up neither the shell nor another page, and costs no memory. `Live` and `input` are all that pages need.

mod live;
mod speak;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

pub use live::Live;
use speak::{speak, write_behind};

use super::error::SandboxError;
use super::scrollback::{LogFile, Scrollback};
use super::shell::Size;
use super::typed::Typed;

/// Pieces of input that wait for the shell. Beyond that the page waits, as it would on a real terminal.
const WAITING: usize = 16;

/// What a program that was killed may have left behind in the page: its own screen, mouse reports, pasting in brackets,
/// colours, a hidden cursor.
const TIDY: &[u8] = b"\x1b[?1047l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[!p";

/// Full reset of the page's terminal.
const EMPTY: &[u8] = b"\x1bc";

/// Where the terminal gets its shell from.
pub(super) trait OpenShell: Send + Sync + 'static {
    /// Connects to the shell of terminal `number`; starts it, and what it needs, where it does not run.
    fn open(&self, number: u8) -> BoxFuture<'_, Result<Shell, SandboxError>>;
}

/// A connection to a shell.
#[derive(Debug)]
pub(super) struct Shell {
    pub(super) stream: UnixStream,
    /// It has just been started: what stands on the screen is from another one.
    pub(super) is_new: bool,
}

/// What a page hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Output, with the number of its first byte.
    Bytes {
        /// Number of the first byte.
        first: u64,
        /// The bytes.
        bytes: Bytes,
    },
    /// The shell has ended; the next input starts a new one.
    Exit,
}

/// A page at a terminal.
#[derive(Debug)]
pub struct Attachment {
    /// Number of the backlog's first byte.
    pub first: u64,
    /// What the page lacks.
    pub backlog: Bytes,
    /// What comes after it.
    pub live: Live,
}

/// A terminal of a sandbox.
#[derive(Debug)]
pub struct Terminal {
    core: Arc<Core>,
    input: mpsc::Sender<Bytes>,
    tasks: [AbortHandle; 2],
}

#[derive(Debug)]
struct Core {
    number: u8,
    screen: Mutex<Screen>,
    typed: Mutex<Typed>,
    size: watch::Sender<Size>,
    changed: watch::Sender<()>,
    log: Mutex<LogFile>,
    /// Changes when the workbench has been started.
    wake: watch::Sender<()>,
}

#[derive(Debug)]
struct Screen {
    scrollback: Scrollback,
    /// How many shells have ended, and where in the output the last one did.
    exits: u64,
    exit_at: u64,
    /// The shell has ended and no other was started.
    ended: bool,
    /// The workbench is being made anew: the end of the shell is no news, and another one follows without a key.
    suspended: bool,
    /// What the file holds is no longer true.
    stale_file: bool,
}

impl Terminal {
    /// Opens terminal `number`, with what `log` holds of its output, and connects to its shell in the background.
    pub(super) fn open(number: u8, log: &Path, shells: Arc<dyn OpenShell>) -> Arc<Terminal> {
        let (log, scrollback) = LogFile::open(log);
        let core = Arc::new(Core {
            number,
            screen: Mutex::new(Screen {
                scrollback,
                exits: 0,
                exit_at: 0,
                ended: false,
                suspended: false,
                stale_file: false,
            }),
            typed: Mutex::default(),
            size: watch::Sender::new(Size { cols: 80, rows: 24 }),
            changed: watch::Sender::new(()),
            log: Mutex::new(log),
            wake: watch::Sender::new(()),
        });
        let (input, waiting) = mpsc::channel(WAITING);
        let speaking = tokio::spawn(speak(Arc::clone(&core), waiting, shells));
        let writing = tokio::spawn(write_behind(Arc::clone(&core)));
        Arc::new(Terminal {
            core,
            input,
            tasks: [speaking.abort_handle(), writing.abort_handle()],
        })
    }

    /// Takes part from byte `resume` on; `None` for the whole scrollback.
    pub fn attach(&self, resume: Option<u64>) -> Attachment {
        let changed = self.core.changed.subscribe();
        let screen = self.core.screen();
        let (first, backlog) = screen.scrollback.since(resume);
        // A page that comes to an ended shell is told so.
        let exits = screen.exits - u64::from(screen.ended);
        let live = Live::new(
            Arc::clone(&self.core),
            changed,
            screen.scrollback.next(),
            exits,
        );
        drop(screen);
        Attachment {
            first,
            backlog,
            live,
        }
    }

    /// Types `bytes`, of which the first has `number` in the count of the page `client`. What was taken before is
    /// dropped. Waits while the shell does not read; gives the number that is wanted next.
    pub async fn input(&self, client: &str, number: u64, bytes: &[u8]) -> u64 {
        // First the room and then the count: a page that goes away while it waits has typed nothing.
        let Ok(room) = self.input.reserve().await else {
            return self.next_input(client);
        };
        let mut typed = self
            .core
            .typed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let fresh = typed.take(client, number, bytes);
        if !fresh.is_empty() {
            room.send(Bytes::copy_from_slice(fresh));
        }
        typed.next(client)
    }

    /// Number of the next input byte that is wanted from this page.
    pub fn next_input(&self, client: &str) -> u64 {
        let typed = self
            .core
            .typed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        typed.next(client)
    }

    /// The window has a new size.
    pub async fn resize(&self, cols: u16, rows: u16) {
        let size = Size {
            cols: cols.clamp(1, 2000),
            rows: rows.clamp(1, 2000),
        };
        self.core.size.send_if_modified(|present| {
            let differs = *present != size;
            *present = size;
            differs
        });
    }

    /// Forgets all output; pages see an empty terminal.
    pub(super) fn clear(&self) {
        let mut screen = self.core.screen();
        screen.scrollback.clear();
        screen.scrollback.push(EMPTY);
        screen.stale_file = true;
        drop(screen);
        self.core.changed.send_replace(());
    }

    /// The shell will end because the workbench is made anew; `wake` follows.
    pub(super) fn suspend(&self) {
        self.core.screen().suspended = true;
    }

    /// The workbench runs: a terminal without a shell gets one.
    pub(super) fn wake(&self) {
        self.core.screen().suspended = false;
        self.core.wake.send_replace(());
    }

    /// Puts what is new into the file now.
    pub(super) async fn flush(&self) {
        let core = Arc::clone(&self.core);
        let _ = tokio::task::spawn_blocking(move || core.flush()).await;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
impl Core {
    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn output(&self, bytes: &[u8]) {
        self.screen().scrollback.push(bytes);
        self.changed.send_replace(());
    }

    fn began(&self, is_new: bool) {
        let mut screen = self.screen();
        screen.ended = false;
        let last = screen.scrollback.last(EMPTY.len());
        let is_empty = last.is_empty() || last == EMPTY;
        let ends_line = last.ends_with(b"\n");
        if is_new && !is_empty {
            screen.scrollback.push(TIDY);
            if !ends_line {
                screen.scrollback.push(b"\r\n");
            }
            drop(screen);
            self.changed.send_replace(());
        }
    }

    fn ended(&self) {
        let mut screen = self.screen();
        if screen.suspended {
            return;
        }
        screen.exits += 1;
        screen.exit_at = screen.scrollback.next();
        screen.ended = true;
        drop(screen);
        self.changed.send_replace(());
    }

    fn flush(&self) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let mut screen = self.screen();
        let next = screen.scrollback.next();
        if next == log.written() && !screen.stale_file {
            return;
        }
        let (first, bytes) = screen.scrollback.read(log.written(), usize::MAX);
        let rewrite = screen.stale_file || log.wants_rewrite(first);
        let pieces = if rewrite {
            screen.scrollback.pieces()
        } else {
            Vec::new()
        };
        screen.stale_file = false;
        drop(screen);
        let written = if rewrite {
            log.rewrite(&pieces, next)
        } else {
            log.append(first, &bytes)
        };
        if let Err(error) = written {
            tracing::warn!(%error, terminal = self.number, "the scrollback could not be kept");
        }
    }
}

#[cfg(test)]
mod tests;
