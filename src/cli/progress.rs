//! What the terminal shows while the engine and the images are being prepared.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::web::protocol::{SandboxState, SandboxStatus, ServerEvent};

/// Steps of the bar.
const STEPS: u64 = 1000;

/// Follows the preparation until the sandboxes are ready, or until `shutdown`: a bar where a person looks, a line for each new step where
/// the output goes to a file.
pub(super) async fn show(
    mut events: Receiver<ServerEvent>,
    first: SandboxStatus,
    shutdown: CancellationToken,
) {
    let mut bar = None;
    let mut said = String::new();
    let mut status = first;
    loop {
        match status.state {
            SandboxState::Preparing if std::io::stderr().is_terminal() => {
                draw(bar.get_or_insert_with(new_bar), &status);
            }
            SandboxState::Preparing => say(&mut said, &status.message),
            // An engine is looked for again and again, and may still come.
            SandboxState::NoEngine => {
                clear(&mut bar);
                let words = format!("Without sandboxes: {} {}", status.message, status.next);
                say(&mut said, words.trim_end());
            }
            _ => {
                clear(&mut bar);
                say_ready(&status);
                return;
            }
        }
        status = loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = shutdown.cancelled() => return,
            };
            match event {
                Ok(ServerEvent::Status { status }) => break status,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        };
    }
}

/// Says a line that is not the one said before.
fn say(said: &mut String, line: &str) {
    if line != said {
        tell(line);
        line.clone_into(said);
    }
}

fn clear(bar: &mut Option<ProgressBar>) {
    if let Some(bar) = bar.take() {
        bar.finish_and_clear();
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new(STEPS);
    // The template is a constant; without it indicatif's own style serves.
    if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:30}] {wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn draw(bar: &ProgressBar, status: &SandboxStatus) {
    if let Some(part) = status.progress {
        bar.set_position((f64::from(part.clamp(0.0, 1.0)) * 1000.0) as u64);
    }
    bar.set_message(status.message.clone());
}

fn say_ready(status: &SandboxStatus) {
    tell("The sandboxes are ready.");
    if !status.stand_ins.is_empty() {
        tell(&format!(
            "Stand-ins from Debian's packages are used for: {}.",
            status.stand_ins.join(", ")
        ));
    }
}

/// A terminal that is gone is nothing to fail for.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
