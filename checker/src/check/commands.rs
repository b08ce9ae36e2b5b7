//! Several commands in one container. A shell in the image runs them one after the other and writes a mark behind each; a
//! start costs far more than a command. Where an image has no shell, each command gets a container.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout_at};

use super::plain;
use super::serve::{error, limit, pairs, started};
use super::wording;
use super::world::{Connection, World};
use crate::assert::run::Run;
use crate::assert::{Verdict, one_line};
use crate::engine::{Exit, Fault, Output, Start, Started};
use crate::{Lang, Status};

impl World<'_> {
    /// Judges the commands; the first one that is not right is told.
    pub(super) async fn commands(&mut self, at: usize, run: &Run) -> Result<Verdict, Verdict> {
        let image = self.image_of(at, run.image.as_ref())?;
        let connection = self.connection().await?;
        let lang = self.lang;
        let mark = mark();
        let start = Start {
            what: "commands",
            image: image.clone(),
            entrypoint: Some(vec!["/bin/sh".to_owned()]),
            command: Some(vec!["-c".to_owned(), script(run, &mark)]),
            env: pairs(&run.env),
            network: Some("none".to_owned()),
        };
        let engine = &connection.engine;
        let container = match engine.start(&connection.cleanup, &start).await {
            Ok(Started::Yes(container)) => container,
            Ok(Started::BadProgram(_)) => return one_by_one(&connection, &image, run, lang).await,
            Err(Fault::Refused { status: 404, why }) => {
                return Err(wording::no_image(&image, &why, lang));
            }
            Err(fault) => return Err(error(&fault, lang)),
        };
        let limit = limit(&connection, run.patience());
        let ended = timeout_at(Instant::now() + limit, engine.wait(&container)).await;
        let output = engine.output(&container, None).await;
        connection.cleanup.remove(&container.name).await;
        let output = output.map_err(|fault| error(&fault, lang))?;
        let (parts, last) = split(&output.stdout, &mark);
        let (errors, last_errors) = split(&output.stderr, &mark);
        let mut errors = errors.into_iter();
        for (one, (code, stdout)) in run.commands.iter().zip(&parts) {
            let alone = run.alone(one);
            let printed = Output {
                stdout: stdout.clone(),
                stderr: errors.next().map(|(_, text)| text).unwrap_or_default(),
            };
            let exit = Exit {
                code: *code,
                out_of_memory: false,
            };
            let verdict = with_errors(alone.judge(exit, &printed, lang), &printed);
            if verdict.status != Status::Pass {
                return Ok(named(verdict, &one.command));
            }
        }
        match (ended, run.commands.get(parts.len())) {
            (_, None) => Ok(Verdict::pass()),
            (Ok(Err(fault)), _) => Err(error(&fault, lang)),
            (Ok(Ok(exit)), Some(one)) => {
                let printed = Output {
                    stdout: last,
                    stderr: last_errors,
                };
                Ok(named(
                    wording::explained(Verdict::fail(), exit, &printed.text(), lang),
                    &one.command,
                ))
            }
            (Err(_), Some(one)) => {
                let verdict = wording::never_ends(limit.as_secs(), lang);
                Ok(named(verdict, &one.command).expected(run.alone(one).wanted(lang)))
            }
        }
    }
}

/// For an image without a shell.
async fn one_by_one(
    connection: &Connection,
    image: &str,
    run: &Run,
    lang: Lang,
) -> Result<Verdict, Verdict> {
    let engine = &connection.engine;
    for one in &run.commands {
        let (program, arguments) = one.command.split_at(1);
        let start = Start {
            what: "command",
            image: image.to_owned(),
            entrypoint: Some(program.to_vec()),
            command: Some(arguments.to_vec()),
            env: pairs(&run.env),
            network: Some("none".to_owned()),
        };
        let container = started(connection, &start, lang).await?;
        let limit = limit(connection, run.patience());
        let ended = timeout_at(Instant::now() + limit, engine.wait(&container)).await;
        let output = engine.output(&container, None).await;
        connection.cleanup.remove(&container.name).await;
        let output = output.map_err(|fault| error(&fault, lang))?;
        let alone = run.alone(one);
        let verdict = match ended {
            Ok(Ok(exit)) => with_errors(alone.judge(exit, &output, lang), &output),
            Ok(Err(fault)) => return Err(error(&fault, lang)),
            Err(_) => wording::never_ends(limit.as_secs(), lang).expected(alone.wanted(lang)),
        };
        if verdict.status != Status::Pass {
            return Ok(named(verdict, &one.command));
        }
    }
    Ok(Verdict::pass())
}

/// Says which command it was.
fn named(mut verdict: Verdict, command: &[String]) -> Verdict {
    let command = command.join(" ");
    let name = |text: String| format!("{command}: {text}");
    verdict.expected = verdict.expected.map(name);
    verdict.actual = verdict.actual.map(name);
    verdict
}

/// Nothing that a program prints by chance.
fn mark() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_nanos());
    format!("docktutor-mark-{now:x}-{:x}", std::process::id())
}

/// Each command in a shell of its own, so that `exit` and `cd` do not reach the next one.
fn script(run: &Run, mark: &str) -> String {
    let quoted = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
    let mut script = String::new();
    for one in &run.commands {
        let words: Vec<String> = one.command.iter().map(quoted).collect();
        script.push_str(&format!(
            "( {} ) </dev/null; c=$?; printf '\\n{mark} %s\\n' $c; printf '\\n{mark} %s\\n' $c >&2\n",
            words.join(" ")
        ));
    }
    script
}

/// Exit code and output of each command that has ended, and the output of the one that has not.
fn split(output: &[u8], mark: &str) -> (Vec<(i64, Vec<u8>)>, Vec<u8>) {
    let text = String::from_utf8_lossy(output);
    let mut parts = Vec::new();
    let mut rest = &*text;
    let mark = format!("\n{mark} ");
    while let Some((printed, after)) = rest.split_once(&mark) {
        let Some((code, after)) = after.split_once('\n') else {
            break;
        };
        let Ok(code) = code.parse() else { break };
        parts.push((code, printed.as_bytes().to_vec()));
        rest = after;
    }
    (parts, rest.as_bytes().to_vec())
}

/// Adds the last lines that a command which is not right has printed to its standard error: most programs say there why.
fn with_errors(mut verdict: Verdict, output: &Output) -> Verdict {
    const LINES: usize = 5;
    if verdict.status == Status::Pass {
        return verdict;
    }
    let text = plain(&String::from_utf8_lossy(&output.stderr));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut last: Vec<String> = lines.rev().take(LINES).map(one_line).collect();
    last.reverse();
    if let Some(actual) = verdict.actual.as_mut().filter(|_| !last.is_empty()) {
        actual.push('\n');
        actual.push_str(&last.join("\n"));
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_run_apart_from_each_other_in_a_real_shell() {
        let run: Run = serde_yaml::from_str(
            "{commands: [{command: [echo, \"it's\", \"a  b\"]}, {command: [exit, '3']}, {command: [cd, /]}, {command: [sh, -c, 'printf x; exit 7']}, {command: [no-such-program]}]}",
        )
        .unwrap();
        let output = std::process::Command::new("/bin/sh")
            .args(["-c", &script(&run, "MARK")])
            .output()
            .unwrap();
        let (parts, last) = split(&output.stdout, "MARK");
        assert!(last.is_empty());
        let (errors, _) = split(&output.stderr, "MARK");
        let codes = |parts: &[(i64, Vec<u8>)]| parts.iter().map(|part| part.0).collect::<Vec<_>>();
        assert_eq!(codes(&errors), codes(&parts));
        assert!(String::from_utf8_lossy(&errors[4].1).contains("no-such-program"));
        let shown: Vec<(i64, String)> = parts
            .into_iter()
            .map(|(code, text)| (code, String::from_utf8(text).unwrap()))
            .collect();
        let expected = [(0, "it's a  b\n"), (3, ""), (0, ""), (7, "x"), (127, "")];
        assert_eq!(shown, expected.map(|(code, text)| (code, text.to_owned())));
    }

    #[test]
    fn the_last_lines_of_the_errors_are_shown() {
        let output = |stderr: String| Output {
            stderr: stderr.into_bytes(),
            ..Output::default()
        };
        let many: String = (0..40)
            .map(|n| format!("\u{1b}[31mline {n}\u{1b}[0m\n\n"))
            .collect();
        let failed = || Verdict::fail().actual("exit code 1");
        let actual = |verdict: Verdict| verdict.actual.unwrap_or_default();
        assert_eq!(
            actual(with_errors(failed(), &output(many))),
            "exit code 1\nline 35\nline 36\nline 37\nline 38\nline 39"
        );
        let wide = actual(with_errors(failed(), &output("x".repeat(100_000))));
        assert!(
            wide.len() < 300 && wide.starts_with("exit code 1\nxxx"),
            "{wide}"
        );
        assert_eq!(
            actual(with_errors(failed(), &output("\n".into()))),
            "exit code 1"
        );
        assert_eq!(
            actual(with_errors(Verdict::pass(), &output("warning".into()))),
            ""
        );
    }
}
