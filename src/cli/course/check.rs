//! `docktutor course check`: the proof of a course. Its structure and languages, what it covers, and every submission
//! that its authors wrote, each judged in a scope of its own by the workers of `grade`.

mod told;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use checker::{Lang, Report, Status};
use clap::Args;
use futures_util::StreamExt as _;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::super::grade::{default_jobs, jobs};
use super::super::place::{Judge, NoPlace, Place, Turn, needs_engine};
use super::super::signals::stop_at_signal;
use super::super::{FAULT, USAGE, find};
use crate::course::Course;
use crate::course::proof::{Case, CaseName, cases};
use crate::data;
use told::{Bar, Format, Told};

/// The time for one submission, as on the page.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Bytes that the containers of one submission may write.
const DISK: u64 = 2_000_000_000;

/// Arguments of `course check`.
#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    /// Folder or archive (.tar.gz) with `lessons` and `exercises`, instead of the course in the binary.
    #[arg(long)]
    course: Option<PathBuf>,
    /// Only these exercises, and those of these lessons, by their ids; what the whole course must cover is left out then.
    #[arg(long, value_name = "ID", num_args = 1..)]
    only: Vec<String>,
    /// How many submissions are judged at once.
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<usize>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Folder for images and the engine's files.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// How one case ended.
struct Proved {
    differences: Vec<String>,
    /// Something could not be judged, which says nothing about the course.
    fault: bool,
    report: Option<Report>,
    time: Duration,
}

/// Proves a course and says what is wrong with it.
pub(super) async fn run(args: ProveArgs) -> anyhow::Result<u8> {
    let began = Instant::now();
    let complain = |message: &str, code: u8| {
        eprintln!("docktutor: {message}");
        Ok(code)
    };
    let files = match find::course_files(args.course.as_deref()) {
        Ok(files) => files,
        Err(message) => return complain(&message, USAGE),
    };
    let (course, mut problems) = Course::read(&files);
    let chosen = match chosen(&course, &args.only) {
        Ok(chosen) => chosen,
        Err(message) => return complain(&message, USAGE),
    };
    let gaps = args.only.is_empty().then(|| course.gaps());
    if !args.only.is_empty() {
        let folders = named_folders(&course, &args.only);
        problems.retain(|problem| {
            folders
                .iter()
                .any(|folder| problem.file.starts_with(folder))
        });
    }
    let mut told = Told::new(&course, problems, gaps);

    let stop = stop_at_signal()?;
    let all: Vec<Case<'_>> = chosen
        .into_iter()
        .flat_map(|at| cases(&course.exercises()[at]))
        .collect();
    let data = data::folder(args.data.clone());
    let Some(turn) = Turn::take(&data, &stop).await? else {
        return complain("stopped; nothing was proved", FAULT);
    };
    let specs = || all.iter().map(|case| &case.exercise.spec);
    let mut place = None;
    if specs().any(needs_engine) {
        let mut images: Vec<String> = specs().flat_map(|spec| spec.images.clone()).collect();
        images.sort();
        images.dedup();
        match Place::open(&data, &turn, &images, &stop).await {
            Ok(open) => place = Some(open),
            Err(NoPlace::Stopped) => return complain("stopped; nothing was proved", FAULT),
            Err(NoPlace::Problem(problem)) => {
                // What needs no engine is told all the same.
                told.write(args.format, began.elapsed())?;
                return complain(&format!("{} {}", problem.message, problem.next), FAULT);
            }
        }
    }
    let prover = Prover {
        place: place.as_ref(),
        copies: turn.copies(),
        stop: &stop,
    };
    let bar = Bar::new(all.len());
    let mut proving = futures_util::stream::iter(all.iter().enumerate())
        .map(|(number, case)| {
            let prover = &prover;
            async move { (number, prover.prove(number, case).await) }
        })
        .buffer_unordered(args.jobs.unwrap_or_else(default_jobs));
    let mut ended: Vec<(usize, Proved)> = Vec::new();
    while let Some((number, proved)) = proving.next().await {
        if let Some(proved) = proved {
            bar.done(&all[number], &proved);
            ended.push((number, proved));
        }
    }
    drop(proving);
    bar.finish();
    if let Some(place) = place {
        place.close().await;
    }
    if stop.is_cancelled() {
        let message = format!(
            "stopped after {} of {} submissions; everything that the proof had started is removed",
            ended.len(),
            all.len()
        );
        return complain(&message, FAULT);
    }
    ended.sort_by_key(|(number, _)| *number);
    for (number, proved) in ended {
        told.add(&all[number], proved);
    }
    told.write(args.format, began.elapsed())?;
    Ok(told.exit_code())
}

/// Places of the exercises that are to be proved. The error is for a person.
fn chosen(course: &Course, only: &[String]) -> Result<Vec<usize>, String> {
    let all = course.exercises();
    if only.is_empty() {
        return Ok((0..all.len()).collect());
    }
    let mut chosen = Vec::new();
    for id in only {
        if course.lesson(id).is_some() {
            let of_lesson = |at: &usize| all[*at].spec.lesson == *id;
            chosen.extend((0..all.len()).filter(of_lesson));
        } else {
            let found = find::exercise(course, id)?;
            chosen.extend(all.iter().position(|one| one.spec.id == found.spec.id));
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// Folders of the lessons and exercises that were named, as problems name them.
fn named_folders(course: &Course, only: &[String]) -> Vec<String> {
    let folders = only.iter().flat_map(|id| match course.lesson(id) {
        Some(lesson) => {
            let exercises = lesson.exercises.iter();
            let mut folders: Vec<String> = exercises.map(|id| format!("exercises/{id}/")).collect();
            folders.push(format!("lessons/{id}/"));
            folders
        }
        None => find::exercise(course, id)
            .map(|found| format!("exercises/{}/", found.spec.id))
            .into_iter()
            .collect(),
    });
    folders.collect()
}

struct Prover<'a> {
    place: Option<&'a Place>,
    copies: PathBuf,
    stop: &'a CancellationToken,
}

impl Prover<'_> {
    /// Judges a case and compares. Nothing when it was stopped.
    async fn prove(&self, number: usize, case: &Case<'_>) -> Option<Proved> {
        if self.stop.is_cancelled() {
            return None;
        }
        let began = Instant::now();
        let laid_out = TempDir::new_in(&self.copies)
            .and_then(|folder| case.lay_out(folder.path()).map(|()| folder));
        let folder = match laid_out {
            Ok(folder) => folder,
            Err(error) => {
                return Some(Proved {
                    differences: vec![format!("its files cannot be written: {error}")],
                    fault: true,
                    report: None,
                    time: began.elapsed(),
                });
            }
        };
        let spec = &case.exercise.spec;
        let judge = Judge {
            exercise: spec,
            exercise_hash: &case.exercise.hash,
            // `says` is written in English.
            lang: Lang::En,
            timeout: TIMEOUT,
            disk: DISK,
            place: self.place.filter(|_| needs_engine(spec)),
            stop: self.stop,
        };
        let report = judge.check(number, folder.path(), "").await?;
        let error = |check: &checker::CheckResult| check.status == Status::Error;
        Some(Proved {
            differences: case.differences(&report),
            fault: report.checks.iter().any(error),
            time: began.elapsed(),
            report: Some(report),
        })
    }
}

/// Starter, solution, alternative or wrong case: what is counted.
fn kind(case: &Case<'_>) -> &'static str {
    match case.folder {
        CaseName::Starter => "starter",
        CaseName::Solution => "solution",
        CaseName::Alternative(_) => "alternative",
        CaseName::Wrong(_) => "wrong case",
    }
}
