//! What a proof tells: a bar while it runs, then everything that is wrong, and the counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::super::super::FAULT;
use super::super::super::output::write_output;
use super::{Proved, kind};
use crate::course::proof::Case;
use crate::course::{Course, Problem};

const PROVED: u8 = 0;
const NOT_PROVED: u8 = 1;

/// How the result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
}

/// Counts and shows while the proof runs.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(super) fn new(all: usize) -> Bar {
        Bar(std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(all as u64);
            let style = ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len}  {msg}");
            // The template is a constant; without it indicatif's own style serves.
            if let Ok(style) = style {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        }))
    }

    /// One more is judged. What is wrong is said at once.
    pub(super) fn done(&self, case: &Case<'_>, proved: &Proved) {
        let wrong =
            (!proved.differences.is_empty()).then(|| in_words(&case.path(), &proved.differences));
        match &self.0 {
            Some(bar) => {
                if let Some(words) = wrong {
                    bar.println(words.trim_end());
                }
                bar.inc(1);
                bar.set_message(case.path());
            }
            // Nobody reads any more: nothing to fail for.
            None => drop(write!(std::io::stderr(), "{}", wrong.unwrap_or_default())),
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn in_words(path: &str, differences: &[String]) -> String {
    let mut words = format!("✗ {path}\n");
    for difference in differences {
        // Whatever a submission prints must not steer the reader's terminal.
        let plain = difference.replace(|c: char| c.is_control() && c != '\n', "");
        let _ = writeln!(words, "    {}", plain.replace('\n', "\n    "));
    }
    words
}

/// Everything that is told in the end.
pub(super) struct Told {
    lessons: usize,
    exercises: BTreeMap<String, usize>,
    /// How many must be covered; none where only a part is proved.
    ids: usize,
    problems: Vec<Problem>,
    gaps: Vec<Problem>,
    counts: BTreeMap<&'static str, usize>,
    cases: Vec<Value>,
    wrong: Vec<(String, Vec<String>)>,
    fault: bool,
}

impl Told {
    /// `gaps` where the whole course is proved.
    pub(super) fn new(course: &Course, problems: Vec<Problem>, gaps: Option<Vec<Problem>>) -> Told {
        Told {
            lessons: course.lessons().len(),
            exercises: BTreeMap::new(),
            ids: gaps.as_ref().map_or(0, |_| course.coverage_ids()),
            problems,
            gaps: gaps.unwrap_or_default(),
            counts: BTreeMap::new(),
            cases: Vec::new(),
            wrong: Vec::new(),
            fault: false,
        }
    }

    pub(super) fn add(&mut self, case: &Case<'_>, proved: Proved) {
        *self.counts.entry(kind(case)).or_default() += 1;
        *self
            .exercises
            .entry(case.exercise.spec.id.clone())
            .or_default() += 1;
        self.fault |= proved.fault;
        self.cases.push(json!({
            "exercise": case.exercise.spec.id,
            "case": case.folder.to_string(),
            "proved": proved.differences.is_empty(),
            "differences": proved.differences,
            "duration_ms": u64::try_from(proved.time.as_millis()).unwrap_or(u64::MAX),
            "report": proved.report,
        }));
        if !proved.differences.is_empty() {
            self.wrong.push((case.path(), proved.differences));
        }
    }

    /// A fault goes before a failure: then not everything was judged.
    pub(super) fn exit_code(&self) -> u8 {
        if self.fault {
            FAULT
        } else if self.problems.is_empty() && self.gaps.is_empty() && self.wrong.is_empty() {
            PROVED
        } else {
            NOT_PROVED
        }
    }

    pub(super) fn write(&self, format: Format, time: Duration) -> std::io::Result<()> {
        let text = match format {
            Format::Text => self.text(time),
            Format::Json => format!("{:#}\n", self.json(time)),
        };
        write_output(None, &text)
    }

    fn text(&self, time: Duration) -> String {
        let mut text = String::new();
        for problem in self.problems.iter().chain(&self.gaps) {
            let _ = writeln!(text, "✗ {problem}");
        }
        for (path, differences) in &self.wrong {
            text.push_str(&in_words(path, differences));
        }
        let counted = self.counts.iter().map(|(kind, count)| match count {
            1 => format!("1 {kind}"),
            _ => format!("{count} {kind}s"),
        });
        let _ = writeln!(
            text,
            "{} lessons read, {}{} exercises judged by {} submissions ({})",
            self.lessons,
            match self.ids {
                0 => String::new(),
                ids => format!(
                    "{} of {ids} ids covered, ",
                    ids.saturating_sub(self.gaps.len())
                ),
            },
            self.exercises.len(),
            self.cases.len(),
            counted.collect::<Vec<_>>().join(", ")
        );
        let _ = writeln!(
            text,
            "{}: {} problems of structure, {} gaps, {} submissions that end otherwise; {:.1} s",
            match self.exit_code() {
                PROVED => "Proved",
                FAULT => "Not judged to the end",
                _ => "Not proved",
            },
            self.problems.len(),
            self.gaps.len(),
            self.wrong.len(),
            time.as_secs_f64()
        );
        text
    }

    fn json(&self, time: Duration) -> Value {
        let problems = |problems: &[Problem]| -> Vec<Value> {
            let all = problems.iter();
            all.map(|one| json!({ "file": one.file, "line": one.line, "message": one.message }))
                .collect()
        };
        json!({
            "proved": self.exit_code() == PROVED,
            "problems": problems(&self.problems),
            "gaps": problems(&self.gaps),
            "cases": self.cases,
            "lessons": self.lessons,
            "exercises": self.exercises.len(),
            "ids": self.ids,
            "counts": self.counts,
            "seconds": time.as_secs_f64(),
        })
    }
}
