//! What a terminal shows of a check, as it happens.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use checker::{CheckResult, Event, Finding, Lang, Report, Severity, Stage, Status};
use unicode_width::UnicodeWidthStr as _;

/// Writes events for people.
pub(super) struct Screen {
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
    pub(super) fn new(dir: &Path, lang: Lang) -> Screen {
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Screen {
            dir: dir.to_owned(),
            lang,
            colour,
            open_line: false,
        }
    }

    /// Writes one event.
    pub(super) fn show(&mut self, event: &Event, out: &mut impl Write) -> io::Result<()> {
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

    fn finding(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        let (look, word) = match finding.severity {
            Severity::Error => (Look::Bad, self.lang.pick("오류", "error")),
            Severity::Warning => (Look::Warn, self.lang.pick("주의", "warning")),
            Severity::Info => (Look::Faint, self.lang.pick("참고", "remark")),
        };
        let (line, column) = (finding.start.line, finding.start.column);
        let word = self.look(look, &format!("{word}[{}]", finding.rule));
        writeln!(
            out,
            "    {}:{line}:{column}: {word} {}",
            finding.file, finding.message
        )?;
        if let Some(text) = self.quoted(finding) {
            let gutter = line.to_string();
            writeln!(out, "      {gutter} | {text}")?;
            let caret = caret(&text, finding);
            let space = " ".repeat(gutter.len());
            writeln!(out, "      {space} | {}", self.look(look, &caret))?;
        }
        if !finding.why.is_empty() {
            writeln!(out, "      {}", finding.why)?;
        }
        Ok(())
    }

    /// The finding's line. The file was read by the check already; a link is not followed here either.
    fn quoted(&self, finding: &Finding) -> Option<String> {
        let path = self.dir.join(&finding.file);
        if !std::fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let bytes = std::fs::read(&path).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().nth(finding.start.line.checked_sub(1)?)?;
        // A tab would move what follows it away from its caret.
        let shown = line.trim_start_matches('\u{feff}').replace('\t', " ");
        (shown.len() <= 400).then_some(shown)
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

/// Carets below what is wrong, as wide as it is on a terminal.
fn caret(line: &str, finding: &Finding) -> String {
    let start = finding.start.column.saturating_sub(1);
    let length = if finding.end.line == finding.start.line {
        finding.end.column.saturating_sub(finding.start.column)
    } else {
        usize::MAX
    };
    let before: String = line.chars().take(start).collect();
    let wrong: String = line.chars().skip(start).take(length).collect();
    format!(
        "{}{}",
        " ".repeat(before.width()),
        "^".repeat(wrong.width().max(1))
    )
}

#[cfg(test)]
mod tests {
    use checker::Position;

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

    #[test]
    fn carets_stand_below_wide_letters() {
        let at = |column| Position {
            line: 1,
            column,
            column_utf16: column,
            offset: 0,
        };
        let finding = |start, end| Finding {
            rule: "r".into(),
            aliases: Vec::new(),
            severity: Severity::Error,
            message: String::new(),
            why: String::new(),
            mistake: None,
            file: "Dockerfile".into(),
            start: at(start),
            end: at(end),
            fix: None,
        };
        assert_eq!(caret("RUN 가나 다", &finding(5, 7)), "    ^^^^");
        assert_eq!(caret("RUN 가나 다", &finding(8, 9)), "         ^^");
        assert_eq!(caret("RUN", &finding(4, 4)), "   ^");
    }
}
