//! How far the images are, where they are not ready: a moving line for a person, a line for each step for a log.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;

use crate::sandbox::images::Progress;

#[derive(Default)]
pub(super) struct Bar {
    state: Mutex<(Option<ProgressBar>, String)>,
}

impl Bar {
    pub(super) fn show(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let text = format!("{}: {}", progress.image, progress.text);
        if std::io::stderr().is_terminal() {
            let bar = state.0.get_or_insert_with(|| {
                let bar = ProgressBar::new_spinner();
                bar.enable_steady_tick(Duration::from_millis(200));
                bar
            });
            bar.set_message(text);
        } else if state.1 != text {
            eprintln!("{text}");
            state.1 = text;
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = &state.0 {
            bar.finish_and_clear();
        }
    }
}
