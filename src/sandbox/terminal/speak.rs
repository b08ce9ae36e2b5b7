//! The task that speaks to a terminal's shell, and the one that keeps its output.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use super::{Core, OpenShell, Shell};
use crate::sandbox::shell;

/// Output is on the disk about this long after it was made.
pub(super) const WRITE_BEHIND: Duration = Duration::from_millis(200);

/// The terminal's life: a shell, its end, the next key, a shell.
pub(super) async fn speak(
    core: Arc<Core>,
    mut input: mpsc::Receiver<Bytes>,
    shells: Arc<dyn OpenShell>,
) {
    let mut first_key = None;
    let mut awake = core.wake.subscribe();
    loop {
        match shells.open(core.number).await {
            Ok(Shell { stream, is_new }) => {
                // What this shell's own start has told is no news when it ends.
                awake.mark_unchanged();
                core.began(is_new);
                if let Err(error) = converse(&core, stream, first_key.take(), &mut input).await {
                    tracing::debug!(%error, terminal = core.number, "the shell's connection ended");
                }
            }
            Err(error) => {
                let text = format!("\r\n\x1b[33m{error}\x1b[0m\r\n");
                core.output(text.as_bytes());
            }
        }
        core.ended();
        let key = tokio::select! {
            key = input.recv() => match key {
                Some(key) => key,
                None => return,
            },
            Ok(()) = awake.changed() => Bytes::new(),
        };
        // A key that only says "go on" is not for the new shell; Ctrl+D would end it at once.
        first_key = Some(key)
            .filter(|key| !matches!(&key[..], b"" | b"\r" | b"\n" | b" " | b"\x03" | b"\x04"));
    }
}

async fn converse(
    core: &Core,
    stream: UnixStream,
    first_key: Option<Bytes>,
    input: &mut mpsc::Receiver<Bytes>,
) -> std::io::Result<()> {
    let (mut from, mut to) = stream.into_split();
    let mut size = core.size.subscribe();
    let hello = shell::hello(*size.borrow_and_update());
    to.write_all(&hello).await?;
    let reading = async {
        let mut buffer = vec![0; 32 << 10];
        let mut pace = Pace::new();
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            core.output(&buffer[..length]);
            pace.keep(length).await;
        }
    };
    let writing = async {
        let mut next = first_key;
        loop {
            if let Some(bytes) = next.take() {
                for piece in shell::input(&bytes) {
                    to.write_all(&piece).await?;
                }
            }
            tokio::select! {
                bytes = input.recv() => match bytes {
                    Some(bytes) => next = Some(bytes),
                    None => return Ok(()),
                },
                Ok(()) = size.changed() => {
                    let window = shell::window(*size.borrow_and_update());
                    to.write_all(&window).await?;
                }
            }
        }
    };
    // The output is read to its end, whatever becomes of the input.
    let writing = async {
        let result: std::io::Result<()> = writing.await;
        if result.is_err() {
            std::future::pending::<()>().await;
        }
        result
    };
    tokio::select! {
        result = reading => result,
        result = writing => result,
    }
}

/// A program that prints without end is slowed down to what a page could ever show, so that it takes no processor from
/// the others. What a person calls much is let through as it comes.
struct Pace {
    since: Instant,
    taken: usize,
}

impl Pace {
    const STEP: usize = 256 << 10;
    /// 32 steps in a second: 8 MiB.
    const TIME: Duration = Duration::from_micros(31_250);

    fn new() -> Pace {
        Pace {
            since: Instant::now(),
            taken: 0,
        }
    }

    async fn keep(&mut self, length: usize) {
        self.taken += length;
        if self.taken < Self::STEP {
            return;
        }
        let rest = Self::TIME.saturating_sub(self.since.elapsed());
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
        *self = Pace::new();
    }
}

pub(super) async fn write_behind(core: Arc<Core>) {
    let mut changed = core.changed.subscribe();
    while changed.changed().await.is_ok() {
        tokio::time::sleep(WRITE_BEHIND).await;
        changed.mark_unchanged();
        let core = Arc::clone(&core);
        let _ = tokio::task::spawn_blocking(move || core.flush()).await;
    }
}
