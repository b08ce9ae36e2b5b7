//! Runs an exercise's checks on a submission: text, then build, then run; each stage only if the one before passed.

mod build;
mod build_failure;
mod build_log;
mod cache;
mod commands;
mod context;
mod hints;
mod inside;
mod listeners;
pub(crate) mod probe;
mod running;
mod serve;
mod state;
mod still;
mod told;
mod wording;
mod world;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

pub use crate::assert::history::EngineCall;
use crate::assert::{Assertion, Verdict};
use crate::spec::{Check, Exercise};
use crate::submission::Submission;
use crate::{CheckResult, Event, Lang, Report, Stage, Status};
pub use context::context_files;
pub(crate) use context::hash_piece;
pub use hints::{Surroundings, fitting_hints, fitting_hints_in};
pub use still::saved;
use world::World;

/// What is checked, and with what.
pub struct Job<'a> {
    /// The exercise.
    pub exercise: &'a Exercise,
    /// SHA-256 (hex) of all that belongs to the exercise.
    pub exercise_hash: String,
    /// The submission's folder.
    pub dir: &'a Path,
    /// The engine that builds and runs; without one those checks end as `error`.
    pub engine: Option<Endpoint>,
    /// An image with `sh`, coreutils and curl, for requests to the learner's containers.
    pub probe_image: String,
    /// What the learner has asked of the engine so far, oldest first; `None` where nobody kept it.
    pub history: Option<Vec<EngineCall>>,
    /// The language of all texts.
    pub lang: Lang,
    /// The time for everything together.
    pub deadline: Duration,
}

/// Where an engine answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A scope's socket, or any engine's.
    Unix(PathBuf),
}

/// Checks a submission. Events come as things happen; the last one is [`Event::Done`] with the same report.
///
/// All containers that the check starts are removed, also where the returned future is dropped before its end (then in
/// the background). The built image stays, so that the learner can use it.
pub async fn run(job: Job<'_>, events: &mut (dyn FnMut(Event) + Send)) -> Report {
    let lang = job.lang;
    let submission = open(&job).await;
    let mut world = World::new(&job, Instant::now() + job.deadline);
    let mut results: Vec<Option<CheckResult>> = vec![None; job.exercise.checks.len()];
    let mut stopped: Option<(Stage, Status)> = None;
    let mut told = told::Told::default();

    for stage in [Stage::Text, Stage::Build, Stage::Run] {
        let order = order_of(&job.exercise.checks, stage);
        if order.is_empty() {
            continue;
        }
        if stopped.is_none() {
            events(Event::Stage { stage });
        }
        for at in order {
            let check = &job.exercise.checks[at];
            let began = Instant::now();
            let verdict = match (&submission, stopped) {
                (Err(error), _) => Verdict::error(no_folder(error, lang)),
                (Ok(_), Some((earlier, status))) => {
                    Verdict::skipped(skipped(earlier, status, lang))
                }
                (Ok(submission), None) => judge(&mut world, submission, at, check, events).await,
            };
            let verdict = told.once(verdict);
            let result = result_of(check, verdict, began.elapsed(), lang);
            events(Event::Check {
                result: Box::new(result.clone()),
            });
            results[at] = Some(result);
        }
        let ended = |status: Status| {
            let mut of_stage = results.iter().flatten().filter(|r| r.stage == stage);
            of_stage.any(|result| result.status == status)
        };
        if stopped.is_none() {
            stopped = [Status::Error, Status::Fail]
                .into_iter()
                .find(|status| ended(*status))
                .map(|status| (stage, status));
        }
    }
    world.finish().await;

    let checks: Vec<CheckResult> = results.into_iter().flatten().collect();
    let report = Report {
        version: 1,
        exercise: job.exercise.id.clone(),
        lang,
        passed: checks.iter().all(|check| check.status == Status::Pass),
        points: checks.iter().map(|check| check.points).sum(),
        max_points: job.exercise.max_points(),
        checks,
        exercise_hash: job.exercise_hash.clone(),
        submission_hash: submission_hash(submission.as_ref().ok(), &world),
        images_hash: world.images_hash(),
        checker_version: crate::VERSION.to_owned(),
    };
    events(Event::Done {
        report: Box::new(report.clone()),
    });
    report
}

/// Reads and lints on a thread of its own, so that a large file does not hold up whatever else runs here.
async fn open(job: &Job<'_>) -> std::io::Result<Submission> {
    let (dir, exercise, lang) = (job.dir.to_owned(), job.exercise.clone(), job.lang);
    let opening = tokio::task::spawn_blocking(move || Submission::open(&dir, &exercise, lang));
    match tokio::time::timeout(job.deadline, opening).await {
        Ok(opened) => opened.unwrap_or_else(|error| Err(std::io::Error::other(error))),
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

/// The checks of a stage in the exercise's order, but what builds an image goes before what looks at one.
fn order_of(checks: &[Check], stage: Stage) -> Vec<usize> {
    let mut order: Vec<usize> = (0..checks.len())
        .filter(|&at| checks[at].stage() == stage)
        .collect();
    order.sort_by_key(|&at| !matches!(checks[at].assertion, Assertion::Build(_)));
    order
}

async fn judge(
    world: &mut World<'_>,
    submission: &Submission,
    at: usize,
    check: &Check,
    events: &mut (dyn FnMut(Event) + Send),
) -> Verdict {
    match &check.assertion {
        Assertion::Dockerfile(text) => text.judge(submission, world.lang),
        Assertion::Compose(project) => project.judge(submission, world.lang),
        Assertion::Command(command) => command.judge(submission, world.lang),
        Assertion::Answer(answer) => answer.judge(submission, &check.id, world.lang),
        Assertion::Build(build) => world.build(submission, at, build, events).boxed().await,
        Assertion::Cache(cache) => world.cache(submission, cache).boxed().await,
        Assertion::Image(image) => world.image(at, image).boxed().await,
        Assertion::Http(http) => world.http(at, http).await,
        Assertion::Run(run) => world.run(at, run).boxed().await,
        Assertion::Registry(registry) => world.registry(registry).await,
        Assertion::History(history) => history.judge(world.job.history.as_deref(), world.lang),
        Assertion::Container(_)
        | Assertion::Volume(_)
        | Assertion::Network(_)
        | Assertion::Resolves(_) => world.state(&check.assertion).await,
    }
}

fn result_of(check: &Check, verdict: Verdict, duration: Duration, lang: Lang) -> CheckResult {
    let message = match verdict.status {
        Status::Pass => String::new(),
        _ => verdict
            .message
            .unwrap_or_else(|| check.failure.get(lang).trim().to_owned()),
    };
    CheckResult {
        id: check.id.clone(),
        stage: check.stage(),
        title: check.title.get(lang).to_owned(),
        status: verdict.status,
        points: if verdict.status == Status::Pass {
            check.points
        } else {
            0
        },
        max_points: check.points,
        message,
        expected: verdict.expected,
        actual: verdict.actual,
        findings: verdict.findings,
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
    }
}

fn skipped(earlier: Stage, status: Status, lang: Lang) -> String {
    let stage = match earlier {
        Stage::Text => lang.pick("글 검사", "reading the files"),
        Stage::Build => lang.pick("빌드", "the build"),
        Stage::Run => lang.pick("실행", "the run"),
    };
    match (status, lang) {
        (Status::Error, Lang::Ko) => {
            format!("앞 단계({stage})를 채점하지 못해서 이 검사는 하지 않았어요.")
        }
        (Status::Error, Lang::En) => {
            format!("Not run, because an earlier stage ({stage}) could not be judged.")
        }
        (_, Lang::Ko) => {
            format!(
                "앞 단계({stage})를 통과하지 못해서 아직 검사하지 않았어요. 앞의 문제부터 고쳐 보세요."
            )
        }
        (_, Lang::En) => {
            format!(
                "Not run yet, because an earlier stage ({stage}) did not pass. Mend that one first."
            )
        }
    }
}

fn no_folder(error: &std::io::Error, lang: Lang) -> String {
    match lang {
        Lang::Ko => format!("제출 폴더를 열 수 없었어요({error})."),
        Lang::En => format!("The submission's folder could not be opened ({error})."),
    }
}

/// Everything that was judged: the exercise's files, and the contexts that were built.
fn submission_hash(submission: Option<&Submission>, world: &World<'_>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in submission.into_iter().flat_map(Submission::files) {
        hash_piece(&mut hash, name.as_bytes());
        hash_piece(&mut hash, content);
    }
    for context in world.context_hashes() {
        hash_piece(&mut hash, context);
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Text of a program as it would be read on a terminal: without colours and other controls, and of a line that was
/// overwritten only what stood there last.
pub(crate) fn plain(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap_or(line);
        let mut out = String::with_capacity(line.len());
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\u{1b}' {
                skip_escape(&mut chars);
            } else if c == '\t' || !c.is_control() {
                out.push(c);
            }
        }
        lines.push(out);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// `ESC [ … letter` and `ESC ] … BEL`; another escape is one character long.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        Some(']') => while chars.next().is_some_and(|c| c != '\u{7}' && c != '\u{1b}') {},
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_programs_becomes_plain_text() {
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[0m\ttab\u{7}\n"), "red\ttab");
        assert_eq!(plain("10%\r50%\r100%\r\nnext"), "100%\nnext");
        assert_eq!(plain("\u{1b}]0;title\u{7}shell"), "shell");
        assert_eq!(plain("cut \u{1b}["), "cut ");
    }

    #[test]
    fn hexadecimal_digits_keep_their_zeros() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
