//! `docktutor check`: an exercise's checks on a folder, as the page runs them.

mod show;

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use checker::check::Job;
use checker::spec::Exercise;
use checker::{Event, Lang, Report, Stage, Status};
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::find;
use super::output::{Format, write_output};
use super::place::{NoPlace, Place, Room, Turn};
use super::signals::stop_at_signal;
use crate::course::CourseExercise;
use crate::data;
use crate::sandbox::engine::Problem;
use crate::sandbox::script;
pub(super) use show::Screen;

/// The time for everything together, as on the page.
pub(super) const DEADLINE: Duration = Duration::from_secs(300);

/// Exit codes, as for every subcommand.
const PASSED: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const FAULT: u8 = 3;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The exercise's id, or the last part of it.
    exercise: String,
    /// The folder with the files.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Folder or archive (.tar.gz) with `lessons` and `exercises`, instead of the course in the binary.
    #[arg(long)]
    course: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the result to this file; the terminal then shows the check as it happens.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = find::lang)]
    lang: Option<Lang>,
    /// Folder for images and the engine's files.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Checks a folder and prints the result.
pub async fn run(args: CheckArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(find::terminal_lang);
    let course = match find::course(args.course.as_deref()) {
        Ok(course) => course,
        Err(message) => return usage(&message),
    };
    let exercise = match find::exercise(&course, &args.exercise) {
        Ok(exercise) => exercise,
        Err(message) => return usage(&message),
    };
    if !args.dir.is_dir() {
        return usage(&format!("{} is no folder", args.dir.display()));
    }

    let stop = stop_at_signal()?;
    let checks = &exercise.spec.checks;
    let mut open = None;
    if checks.iter().any(|check| check.stage() != Stage::Text) {
        match room(&args, &exercise.spec, &stop).await {
            Ok(opened) => open = Some(opened),
            Err(NoPlace::Stopped) => return stopped(),
            // The text is checked all the same; what needs an engine then says that it has none.
            Err(NoPlace::Problem(problem)) => {
                eprintln!("docktutor: {} {}", problem.message, problem.next);
            }
        }
    }
    let report = tokio::select! {
        report = check(&args, exercise, open.as_ref().map(|(_, place, room)| (place, room)), lang) => Some(report),
        () = stop.cancelled() => None,
    };
    if let Some((_turn, place, room)) = open {
        place.leave(room).await;
        place.close().await;
    }
    let Some(report) = report else {
        return stopped();
    };
    let (report, text) = report?;
    let code = exit_code(&report);
    let result = match args.format.written() {
        Some(format) => Some(format.write(&[(submission_name(&args.dir), report)])),
        None => args.output.is_some().then_some(text),
    };
    if let Some(result) = result {
        write_output(args.output.as_deref(), &result)
            .with_context(|| format!("cannot write {}", target(args.output.as_deref())))?;
    }
    Ok(code)
}

/// A scope for the check, and what it stands on.
async fn room(
    args: &CheckArgs,
    exercise: &Exercise,
    stop: &CancellationToken,
) -> Result<(Turn, Place, Room), NoPlace> {
    let data = data::folder(args.data.clone());
    let turn = match Turn::take(&data, stop).await {
        Ok(Some(turn)) => turn,
        Ok(None) => return Err(NoPlace::Stopped),
        Err(error) => {
            return Err(NoPlace::Problem(Problem::new(
                format!("The folder for checks cannot be used: {error}."),
                "`docktutor doctor` shows what is wrong.",
            )));
        }
    };
    let place = Place::open(&data, &turn, &exercise.images, stop).await?;
    match place.room_for(0, exercise, &args.dir).await {
        Ok(room) => Ok((turn, place, room)),
        Err(problem) => {
            place.close().await;
            Err(NoPlace::Problem(problem))
        }
    }
}

fn stopped() -> anyhow::Result<u8> {
    eprintln!("docktutor: stopped; everything that the check had started is removed");
    Ok(FAULT)
}

/// The folder as it was named, without what only says that it is here.
fn submission_name(dir: &Path) -> String {
    let parts = dir.components().filter(|part| *part != Component::CurDir);
    parts.collect::<PathBuf>().to_string_lossy().into_owned()
}

fn target(path: Option<&Path>) -> String {
    path.map_or("the standard output".to_owned(), |path| {
        path.display().to_string()
    })
}

/// The report, and where people are to read it in a file, what they read.
async fn check(
    args: &CheckArgs,
    exercise: &CourseExercise,
    open: Option<(&Place, &Room)>,
    lang: Lang,
) -> anyhow::Result<(Report, String)> {
    if let Some((place, room)) = open
        && let Some(ended) = place.hand_in(room).await?
    {
        say_how_it_went(&ended);
    }
    let room = open.map(|(_, room)| room);
    let job = Job {
        exercise: &exercise.spec,
        exercise_hash: exercise.hash.clone(),
        dir: &args.dir,
        engine: room.map(Room::endpoint),
        probe_image: crate::sandbox::images::PROBE.to_owned(),
        history: room.map(Room::calls),
        lang,
        deadline: DEADLINE,
    };
    let screen = Screen::new(&args.dir, lang);
    let (on_terminal, in_file) = match (args.format, &args.output) {
        (Format::Text, Some(_)) => (None, Some(screen.plain())),
        (Format::Text, None) | (_, Some(_)) => (Some(screen), None),
        (_, None) => (None, None),
    };
    let (mut on_terminal, mut in_file) = (on_terminal, in_file);
    let (mut written, mut text) = (Ok(()), Vec::new());
    let mut show = |event: Event| {
        // A reader that has seen enough, as `head` has, does not stop the check.
        if let (Some(screen), true) = (&mut on_terminal, written.is_ok()) {
            written = screen.show(&event, &mut std::io::stdout().lock());
        }
        if let (Some(screen), true) = (&mut in_file, written.is_ok()) {
            written = screen.show(&event, &mut text);
        }
    };
    let report = checker::check::run(job, &mut show).await;
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok((report, String::from_utf8_lossy(&text).into_owned())),
    }
}

/// How a submission's commands went, where they did not go well. What they leave is judged in any case.
pub(super) fn say_how_it_went(ended: &script::Ended) {
    let last: Vec<&str> = ended.output.lines().rev().take(10).collect();
    match ended.code {
        Some(0) => {}
        Some(code) => eprintln!("docktutor: {} ended with exit code {code}", script::FILE),
        None => eprintln!(
            "docktutor: {} was ended: it took or printed too much",
            script::FILE
        ),
    }
    if ended.code != Some(0) {
        for line in last.into_iter().rev() {
            // Whatever a submission prints must not steer the reader's terminal.
            eprintln!(
                "  {}",
                line.replace(|c: char| c.is_control() && c != '\t', "")
            );
        }
    }
}

fn usage(message: &str) -> anyhow::Result<u8> {
    eprintln!("docktutor: {message}");
    Ok(USAGE)
}

/// A fault goes before a failure: then not everything was judged.
fn exit_code(report: &Report) -> u8 {
    if report.passed {
        PASSED
    } else if report
        .checks
        .iter()
        .any(|check| check.status == Status::Error)
    {
        FAULT
    } else {
        FAILED
    }
}
