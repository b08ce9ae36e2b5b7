//! What a terminal shows of a check, as it happens.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use checker::{CheckResult, Event, Finding, Lang, Report, Stage, Status};
use dockerfile::Source;

use crate::cli::lint::text::block;

/// Writes events for people.
pub(in crate::cli) struct Screen {
    dir: PathBuf,
    lang: Lang,
    colour: bool,
    /// The build step that was begun and not yet ended with its newline.
    open_line: bool,
}

/// How a piece of text looks.
#[derive(Clone, Copy)]
enum Look {
    Strong,
    Faint,
    Good,
    Bad,
    Warn,
}

impl Screen {
    /// Findings quote lines of the files in `dir`.
    pub(in crate::cli) fn new(dir: &Path, lang: Lang) -> Screen {
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Screen {
            dir: dir.to_owned(),
            lang,
            colour,
            open_line: false,
        }
    }

    /// For a file: without colours.
    pub(super) fn plain(self) -> Screen {
        Screen {
            colour: false,
            ..self
        }
    }

    /// Writes one event.
    pub(in crate::cli) fn show(&mut self, event: &Event, out: &mut impl Write) -> io::Result<()> {
        if self.open_line && !matches!(event, Event::BuildCached { .. }) {
            writeln!(out)?;
            self.open_line = false;
        }
        match event {
            Event::Stage { stage } => {
                let name = match stage {
                    Stage::Text => self.lang.pick("글 검사", "Text"),
                    Stage::Build => self.lang.pick("빌드", "Build"),
                    Stage::Run => self.lang.pick("실행", "Run"),
                };
                writeln!(out, "{}", self.look(Look::Strong, name))?;
            }
            Event::BuildStep { step, of, text, .. } => {
                write!(
                    out,
                    "  {} {text}",
                    self.look(Look::Faint, &format!("{step}/{of}"))
                )?;
                self.open_line = true;
            }
            Event::BuildCached { .. } => {
                let cached = format!("  ({})", self.lang.pick("캐시", "cached"));
                writeln!(out, "{}", self.look(Look::Faint, &cached))?;
                self.open_line = false;
            }
            Event::BuildOutput { line } => {
                writeln!(out, "{}", self.look(Look::Faint, &format!("      {line}")))?
            }
            Event::Check { result } => self.result(result, out)?,
            Event::Done { report } => self.sum(report, out)?,
        }
        out.flush()
    }

    fn result(&self, result: &CheckResult, out: &mut impl Write) -> io::Result<()> {
        let (mark, word) = match result.status {
            Status::Pass => (self.look(Look::Good, "✓"), self.lang.pick("통과", "passed")),
            Status::Fail => (self.look(Look::Bad, "✗"), self.lang.pick("아직", "not yet")),
            Status::Error => (
                self.look(Look::Warn, "!"),
                self.lang.pick("채점 못 함", "not judged"),
            ),
            Status::Skipped => (
                self.look(Look::Faint, "·"),
                self.lang.pick("건너뜀", "skipped"),
            ),
        };
        let points = match self.lang {
            Lang::Ko => format!("{}/{}점", result.points, result.max_points),
            Lang::En => format!("{} of {} points", result.points, result.max_points),
        };
        writeln!(out, "  {mark} {}: {word}, {points}", result.title)?;
        if !result.message.is_empty() {
            writeln!(out, "    {}", result.message)?;
        }
        let facts = [
            (self.lang.pick("기대한 것", "expected"), &result.expected),
            (self.lang.pick("실제", "actual"), &result.actual),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                let mut lines = fact.lines();
                writeln!(out, "    {name}: {}", lines.next().unwrap_or_default())?;
                for line in lines {
                    writeln!(out, "      {}", self.look(Look::Faint, line))?;
                }
            }
        }
        for finding in &result.findings {
            self.finding(finding, out)?;
        }
        Ok(())
    }

    /// As `lint` shows it. A file that is gone, or a link, is not quoted.
    fn finding(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        let path = self.dir.join(&finding.file);
        let is_file = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let bytes = if is_file {
            std::fs::read(&path).unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut text = String::new();
        let source = Source::new(&bytes);
        block(
            &mut text,
            &finding.file,
            &source,
            finding,
            self.lang,
            self.colour,
        );
        for line in text.trim_end().lines() {
            writeln!(out, "    {line}")?;
        }
        Ok(())
    }

    fn sum(&self, report: &Report, out: &mut impl Write) -> io::Result<()> {
        let (points, max) = (report.points, report.max_points);
        let not_judged = report
            .checks
            .iter()
            .any(|check| check.status == Status::Error);
        let (look, text) = match (report.passed, not_judged, self.lang) {
            (true, _, Lang::Ko) => (Look::Good, format!("통과: {max}점 중 {points}점")),
            (true, _, Lang::En) => (Look::Good, format!("Passed: {points} of {max} points")),
            (_, true, Lang::Ko) => (
                Look::Warn,
                format!("일부를 채점하지 못함: {max}점 중 {points}점"),
            ),
            (_, true, Lang::En) => (
                Look::Warn,
                format!("Not all could be judged: {points} of {max} points"),
            ),
            (_, _, Lang::Ko) => (Look::Bad, format!("아직: {max}점 중 {points}점")),
            (_, _, Lang::En) => (Look::Bad, format!("Not yet: {points} of {max} points")),
        };
        writeln!(out, "{}", self.look(look, &text))
    }

    fn look(&self, look: Look, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match look {
            Look::Strong => "1",
            Look::Faint => "2",
            Look::Good => "32",
            Look::Bad => "31",
            Look::Warn => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(event: &Event) -> String {
        let mut out = Vec::new();
        let mut screen = Screen::new(Path::new("."), Lang::En);
        screen.colour = false;
        screen.show(event, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_result_says_what_was_expected_and_what_was_there() {
        let result = CheckResult {
            id: "answers".into(),
            stage: Stage::Run,
            title: "Answers".into(),
            status: Status::Fail,
            points: 0,
            max_points: 5,
            message: "It does not answer.".into(),
            expected: Some("HTTP 200".into()),
            actual: Some("it ended\nlast line".into()),
            findings: Vec::new(),
            duration_ms: 1,
        };
        let text = shown(&Event::Check {
            result: Box::new(result),
        });
        assert_eq!(
            text,
            "  ✗ Answers: not yet, 0 of 5 points\n    It does not answer.\n    expected: HTTP 200\n    actual: it ended\n      last line\n"
        );
    }
}
