//! `docktutor check`: an exercise's checks on a folder, as the page runs them.

mod place;
mod show;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use checker::check::Job;
use checker::{Event, Lang, Report, Stage, Status};
use clap::{Args, ValueEnum};

use crate::course::{Course, CourseExercise};
use crate::data;
use place::Place;
pub(super) use place::instances;
use show::Screen;

/// The time for everything together, as on the page.
const DEADLINE: Duration = Duration::from_secs(300);

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
    /// Folder with `lessons` and `exercises`, instead of the course in the binary.
    #[arg(long)]
    course: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = lang)]
    lang: Option<Lang>,
    /// Folder for images and the engine's files.
    #[arg(long)]
    data: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, as it happens.
    Text,
    /// The report as one JSON document.
    Json,
}

fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "ko" => Ok(Lang::Ko),
        "en" => Ok(Lang::En),
        _ => Err("the languages are ko and en".to_owned()),
    }
}

/// Checks a folder and prints the result.
pub async fn run(args: CheckArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(terminal_lang);
    let course = match &args.course {
        Some(folder) => Course::load(folder),
        None => Course::embedded(),
    };
    let course = match course {
        Ok(course) => course,
        Err(error) => return usage(&format!("the course cannot be used:\n{error}")),
    };
    let exercise = match find(&course, &args.exercise) {
        Ok(exercise) => exercise,
        Err(message) => return usage(&message),
    };
    if !args.dir.is_dir() {
        return usage(&format!("{} is no folder", args.dir.display()));
    }

    let checks = &exercise.spec.checks;
    let mut place = None;
    if checks.iter().any(|check| check.stage() != Stage::Text) {
        let folder = data::folder(args.data.clone());
        match Place::open(&folder).await {
            Ok(open) => place = Some(open),
            // The text is checked all the same; what needs an engine then says that it has none.
            Err(problem) => eprintln!("docktutor: {} {}", problem.message, problem.next),
        }
    }
    let report = tokio::select! {
        report = check(&args, exercise, place.as_ref(), lang) => Some(report),
        _ = tokio::signal::ctrl_c() => None,
    };
    if let Some(place) = place {
        place.close().await;
    }
    let Some(report) = report else {
        eprintln!("docktutor: stopped; everything that the check had started is removed");
        return Ok(FAULT);
    };
    let report = report?;
    if args.format == Format::Json {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    }
    Ok(exit_code(&report))
}

async fn check(
    args: &CheckArgs,
    exercise: &CourseExercise,
    place: Option<&Place>,
    lang: Lang,
) -> anyhow::Result<Report> {
    let job = Job {
        exercise: &exercise.spec,
        exercise_hash: exercise.hash.clone(),
        dir: &args.dir,
        engine: place.map(Place::endpoint),
        probe_image: crate::sandbox::images::PROBE.to_owned(),
        lang,
        deadline: DEADLINE,
    };
    let mut screen = Screen::new(&args.dir, lang);
    let mut written = Ok(());
    let mut show = |event: Event| {
        // A reader that has seen enough, as `head` has, does not stop the check.
        if args.format == Format::Text && written.is_ok() {
            written = screen.show(&event, &mut std::io::stdout().lock());
        }
    };
    let report = checker::check::run(job, &mut show).await;
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(report),
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

/// By the whole id, or by its last part where only one exercise has it.
fn find<'a>(course: &'a Course, name: &str) -> Result<&'a CourseExercise, String> {
    if let Some(exercise) = course.exercise(name) {
        return Ok(exercise);
    }
    let last = |exercise: &&CourseExercise| exercise.spec.id.rsplit('/').next() == Some(name);
    let mut named = course.exercises().iter().filter(last);
    match (named.next(), named.next()) {
        (Some(only), None) => return Ok(only),
        (Some(_), Some(_)) => {
            return Err(format!(
                "several exercises are called `{name}`; write the whole id"
            ));
        }
        (None, _) => {}
    }
    let ids: Vec<&str> = course
        .exercises()
        .iter()
        .map(|exercise| exercise.spec.id.as_str())
        .collect();
    let ends = ids.iter().filter_map(|id| id.rsplit('/').next());
    let guess = dockerfile::suggest(name, ids.iter().copied().chain(ends));
    Err(match guess {
        Some(guess) => format!("there is no exercise `{name}`; did you mean `{guess}`?"),
        None => format!(
            "there is no exercise `{name}`; there are: {}",
            ids.join(", ")
        ),
    })
}

/// The language that the terminal is set to, by the usual rules.
fn terminal_lang() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if set.is_some_and(|value| value.starts_with("ko")) {
        Lang::Ko
    } else {
        Lang::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_found_by_its_id_or_the_end_of_it() {
        let course = Course::embedded().unwrap();
        let first = &course.exercises()[0].spec.id;
        let last = first.rsplit('/').next().unwrap();
        assert_eq!(&find(&course, first).unwrap().spec.id, first);
        assert_eq!(&find(&course, last).unwrap().spec.id, first);
        let mut slip = last.to_owned();
        slip.pop();
        let message = find(&course, &slip).unwrap_err();
        assert!(
            message.contains(&format!("did you mean `{last}`?")),
            "{message}"
        );
        assert!(find(&course, "zzzzzz").unwrap_err().contains(first));
    }
}
