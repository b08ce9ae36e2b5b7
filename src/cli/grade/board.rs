//! How far it is: a bar where a person looks, a line for each submission where the output goes to a file.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use checker::Report;
use indicatif::{ProgressBar, ProgressStyle};

use super::super::place::Outcome;

/// Counts and shows; shared by all workers.
pub(super) struct Board {
    bar: Option<ProgressBar>,
    all: usize,
    counts: Mutex<Counts>,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) errors: usize,
    /// Of all of them, those whose result was there already.
    pub(super) reused: usize,
}

impl Counts {
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Error => self.errors += 1,
        }
    }

    pub(super) fn done(&self) -> usize {
        self.passed + self.failed + self.errors
    }
}

impl Board {
    pub(super) fn new(all: usize) -> Board {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(all as u64);
            let style =
                ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len}  {msg}  {prefix}");
            // The template is a constant; without it indicatif's own style serves.
            if let Ok(style) = style {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_message("0 passed, 0 failed, 0 errors");
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Board {
            bar,
            all,
            counts: Mutex::default(),
        }
    }

    /// One more is done.
    pub(super) fn done(&self, name: &str, report: &Report, reused: bool) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = Outcome::of(report);
        counts.add(outcome);
        counts.reused += usize::from(reused);
        let done = counts.done();
        let line = format!(
            "{name}: {}, {} of {} points{}",
            outcome.word(),
            report.points,
            report.max_points,
            if reused { " (graded before)" } else { "" }
        );
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                bar.set_position(done as u64);
                bar.set_message(format!(
                    "{} passed, {} failed, {} errors",
                    counts.passed, counts.failed, counts.errors
                ));
                // What was there already took no time and says nothing about the rest.
                let fresh = done - counts.reused;
                if fresh > 0 {
                    let each = bar.elapsed() / u32::try_from(fresh).unwrap_or(u32::MAX);
                    let left = each * u32::try_from(self.all - done).unwrap_or(0);
                    bar.set_prefix(format!("about {} left", in_words(left)));
                }
            }
            // Nobody reads any more: nothing to fail for.
            None => drop(writeln!(std::io::stderr(), "[{done}/{}] {line}", self.all)),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) -> Counts {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        let words = [5, 65, 3700].map(|seconds| in_words(Duration::from_secs(seconds)));
        assert_eq!(words, ["5 s", "1 min 5 s", "1 h 1 min"]);
    }
}
