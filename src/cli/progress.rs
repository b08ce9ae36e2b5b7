//! What the terminal shows while the engine and the images are being prepared.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::web::protocol::{SandboxState, SandboxStatus, ServerEvent};

/// Steps of the bar.
const STEPS: u64 = 1000;

/// Follows the preparation to its end, or until `shutdown`: a bar where a person looks, a line for each new step where
/// the output goes to a file.
pub(super) async fn show(
    mut events: Receiver<ServerEvent>,
    first: SandboxStatus,
    shutdown: CancellationToken,
) {
    let bar = std::io::stderr().is_terminal().then(new_bar);
    let mut said = String::new();
    let mut status = first;
    loop {
        if status.state != SandboxState::Preparing {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
            say_end(&status);
            return;
        }
        match &bar {
            Some(bar) => draw(bar, &status),
            None if status.message != said => {
                eprintln!("{}", status.message);
                said.clone_from(&status.message);
            }
            None => {}
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

fn say_end(status: &SandboxStatus) {
    if status.state == SandboxState::NoEngine {
        eprintln!("Without sandboxes: {} {}", status.message, status.next);
        return;
    }
    eprintln!("The sandboxes are ready.");
    if !status.stand_ins.is_empty() {
        eprintln!(
            "Stand-ins from Debian's packages are used for: {}.",
            status.stand_ins.join(", ")
        );
    }
}
