//! `docktutor grade`: an exercise's checks on many submissions at once, each in a scope of its own.
//!
//! A result is on the disk as soon as it is there, so a run that was stopped or killed goes on where it was. What a
//! submission does in its containers cannot reach the results: it is judged from a copy, and nothing of the host is
//! mounted.

mod archive;
mod board;
mod copy;
mod gather;
mod results;
mod summary;
mod worker;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use checker::Lang;
use checker::report::Format;
use clap::Args;
use futures_util::StreamExt as _;

use super::place::{NoPlace, Place, Turn, needs_engine};
use super::signals::stop_at_signal;
use super::{FAULT, USAGE, find};
use crate::data;
use board::Board;
pub(super) use copy::unpack;
use gather::{Folders, gather};
use results::Results;
use summary::Line;
use worker::Worker;

/// More at once than this helps nobody: each has containers and a network of its own.
const MOST_JOBS: usize = 32;

/// Arguments of `grade`.
#[derive(Debug, Args)]
pub struct GradeArgs {
    /// The exercise's id, or the last part of it.
    exercise: String,
    /// Folders or archives (.tar, .tar.gz). A single folder that holds only folders and archives is a folder of
    /// submissions.
    #[arg(required = true)]
    submissions: Vec<PathBuf>,
    /// Every folder that is named holds submissions: its folders and archives are graded.
    #[arg(long)]
    each: bool,
    /// How many are graded at once.
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<usize>,
    /// Folder for the results. A second run with the same folder goes on where the first was stopped.
    #[arg(long, value_name = "DIR", default_value = "docktutor-results")]
    out: PathBuf,
    /// Formats of the file about all submissions, beside summary.json: csv, junit, classroom, tap, sarif, exercism, json.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_value = "csv", value_parser = format)]
    format: Vec<Format>,
    /// Seconds for each submission.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// What each submission may write to the disk, in MB.
    #[arg(long, value_name = "MB", default_value = "2000", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    disk: u64,
    /// Folder or archive (.tar.gz) with `lessons` and `exercises`, instead of the course in the binary.
    #[arg(long)]
    course: Option<PathBuf>,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = find::lang)]
    lang: Option<Lang>,
    /// Folder for images and the engine's files.
    #[arg(long)]
    data: Option<PathBuf>,
}

fn format(text: &str) -> Result<Format, String> {
    Format::named(text).ok_or_else(|| {
        let names = Format::ALL.map(Format::name);
        format!("the formats are {}", names.join(", "))
    })
}

pub(super) fn jobs(text: &str) -> Result<usize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(number) if number.get() <= MOST_JOBS => Ok(number.get()),
        _ => Err(format!("a number from 1 to {MOST_JOBS}")),
    }
}

/// Grades and says how it went.
pub async fn run(args: GradeArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(find::terminal_lang);
    let course = match find::course(args.course.as_deref()) {
        Ok(course) => course,
        Err(message) => return Ok(complain(&message, USAGE)),
    };
    let exercise = match find::exercise(&course, &args.exercise) {
        Ok(exercise) => exercise,
        Err(message) => return Ok(complain(&message, USAGE)),
    };
    let out = std::path::absolute(&args.out)?;
    let folders = if args.each {
        Folders::Each
    } else {
        Folders::Guess
    };
    // Where the results lie among the submissions, they are known by their real path.
    let real_out = std::fs::canonicalize(&out).unwrap_or_else(|_| out.clone());
    let submissions = match gather(&args.submissions, folders, &real_out) {
        Ok(submissions) => submissions,
        Err(message) => return Ok(complain(&message, USAGE)),
    };
    let results = match Results::open(&out) {
        Ok(results) => results,
        Err(message) => return Ok(complain(&message, FAULT)),
    };

    let stop = stop_at_signal()?;
    let data = data::folder(args.data.clone());
    let Some(turn) = Turn::take(&data, &stop).await? else {
        return Ok(stopped(0, submissions.len()));
    };
    let mut place = None;
    if needs_engine(&exercise.spec) {
        match Place::open(&data, &turn, &exercise.spec.images, &stop).await {
            // A guard watches each submission; the room's own limit must not come before it.
            Ok(open) => place = Some(open.with_disk(args.disk * 2_000_000)),
            Err(NoPlace::Stopped) => return Ok(stopped(0, submissions.len())),
            Err(NoPlace::Problem(problem)) => {
                return Ok(complain(
                    &format!("{} {}", problem.message, problem.next),
                    FAULT,
                ));
            }
        }
    }

    let all = submissions.len();
    let worker = Arc::new(Worker {
        exercise: exercise.spec.clone(),
        exercise_hash: exercise.hash.clone(),
        lang,
        timeout: Duration::from_secs(args.timeout),
        disk: args.disk * 1_000_000,
        copies: turn.copies(),
        place,
        results,
        board: Board::new(all),
        stop: stop.clone(),
    });
    let jobs = args.jobs.unwrap_or_else(default_jobs);
    let mut lines: Vec<(usize, Option<Line>)> =
        futures_util::stream::iter(submissions.into_iter().enumerate())
            .map(|(number, submission)| {
                let worker = Arc::clone(&worker);
                async move { (number, worker.grade(number, submission).await) }
            })
            .buffer_unordered(jobs)
            .collect()
            .await;
    lines.sort_by_key(|(number, _)| *number);
    let counts = worker.board.finish();
    // Every task of a submission has ended, so this is the last handle.
    let Some(worker) = Arc::into_inner(worker) else {
        anyhow::bail!("a submission is still being graded");
    };
    if let Some(place) = worker.place {
        place.close().await;
    }
    let lines: Vec<Line> = lines.into_iter().filter_map(|(_, line)| line).collect();
    if lines.len() < all {
        return Ok(stopped(counts.done(), all));
    }
    summary::write(&worker.results, &exercise.spec.id, &lines, counts)?;
    summary::write_formats(&worker.results, &args.format, &lines)?;
    Ok(summary::say(&lines, counts, &args.out))
}

/// As many as there are processors, but few enough that a laptop stays usable.
pub(super) fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().clamp(1, 4))
}

fn stopped(done: usize, all: usize) -> u8 {
    complain(
        &format!(
            "stopped: {done} of {all} are graded and kept, and everything that was started is removed; the same command again goes on with the rest"
        ),
        FAULT,
    )
}

fn complain(message: &str, code: u8) -> u8 {
    eprintln!("docktutor: {message}");
    code
}
