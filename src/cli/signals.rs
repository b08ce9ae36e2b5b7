//! Ctrl+C, SIGTERM and a closed terminal.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::FAULT;

/// Cancelled by the first signal, so that a command can clean up behind itself. The second one ends the process at
/// once: what is left then is removed by the next start.
pub(super) fn stop_at_signal() -> std::io::Result<CancellationToken> {
    let mut signals = Signals::catch()?;
    let stop = CancellationToken::new();
    let cancelled = stop.clone();
    tokio::spawn(async move {
        signals.wait().await;
        cancelled.cancel();
        signals.wait().await;
        super::watch::restore();
        std::process::exit(i32::from(FAULT));
    });
    Ok(stop)
}

/// Ctrl+C, SIGTERM, or the end of the terminal: a closed window must not leave an engine behind. They are caught from
/// the moment on in which this is made.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    /// From now on they end nothing by themselves.
    pub(super) fn catch() -> std::io::Result<Signals> {
        // Who starts us by nohup wants us to outlive the terminal.
        let hangup = if ignores_hangup() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup,
        })
    }

    /// Returns when one has come.
    pub(super) async fn wait(&mut self) {
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hung_up => {}
        }
    }
}

/// Whether this process was started with SIGHUP ignored.
fn ignores_hangup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| is_hangup_ignored(&status))
}

/// The same, from the text of `/proc/self/status`: SIGHUP is the lowest bit of the mask.
fn is_hangup_ignored(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_seen() {
        assert!(is_hangup_ignored("Name:\tx\nSigIgn:\t0000000000001001\n"));
        assert!(!is_hangup_ignored("Name:\tx\nSigIgn:\t0000000000001000\n"));
        assert!(!is_hangup_ignored(""));
    }
}
