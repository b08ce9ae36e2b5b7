//! `docktutor watch`: work on an exercise in your own editor; every save is checked, without a server and a browser.
//!
//! The engine and the scope stay open between the checks, so that what a build has cached stays cached. Progress is in
//! the same database that the server uses.

mod files;
mod keyboard;
mod tutor;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use checker::spec::Exercise;
use checker::{Lang, Stage};
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::place::{NoPlace, Place, Room, Turn};
use super::signals::stop_at_signal;
use super::token::local_token;
use super::{FAULT, USAGE, find};
use crate::data;
use crate::store::Store;
use files::Look;
pub(super) use keyboard::restore;
use keyboard::{Keyboard, meant};
use tutor::Tutor;

/// How often the folder is looked at. A save is taken when two looks in a row see the same: editors write aside, rename
/// and touch, and only what is there in the end counts.
const LOOK: Duration = Duration::from_millis(250);

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The exercise's id, or the last part of it.
    exercise: String,
    /// The folder to work in; by default one with the exercise's name. It gets the starter's files where it is empty.
    dir: Option<PathBuf>,
    /// Folder or archive (.tar.gz) with `lessons` and `exercises`, instead of the course in the binary.
    #[arg(long)]
    course: Option<PathBuf>,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = find::lang)]
    lang: Option<Lang>,
    /// Folder for progress, images and the engine's files.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// What ends the work on one exercise.
enum End {
    /// Go on with the exercise at this place of the course.
    Next(usize),
    Quit,
}

/// Watches until `q`, the end of the input, or a signal.
pub async fn run(args: WatchArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(find::terminal_lang);
    let found = find::course(args.course.as_deref()).and_then(|course| {
        let id = find::exercise(&course, &args.exercise)?.spec.id.clone();
        Ok((course, id))
    });
    let (course, id) = match found {
        Ok(found) => found,
        Err(message) => {
            eprintln!("docktutor: {message}");
            return Ok(USAGE);
        }
    };
    let data = data::folder(args.data.clone());
    std::fs::create_dir_all(&data)?;
    let store = Store::open(&data).await?;
    let learner = store.add_learner("you", &local_token(&data)?).await?.id;
    let stop = stop_at_signal()?;
    let Some(turn) = Turn::take(&data, &stop).await? else {
        return Ok(FAULT);
    };
    let mut at = course
        .exercises()
        .iter()
        .position(|one| one.spec.id == id)
        .unwrap_or(0);
    let mut dir = match args.dir {
        Some(dir) => dir,
        None => PathBuf::from(files::folder_name(&id)),
    };
    let mut keyboard = Keyboard::open();
    let mut end = 0;
    loop {
        let open = open(&course.exercises()[at].spec, &data, &turn, &stop).await;
        let Ok(open) = open else { break };
        let tutor = Tutor {
            course: &course,
            exercise: &course.exercises()[at],
            dir: dir.clone(),
            lang,
            store: &store,
            learner,
            open: open.as_ref(),
            rooms: AtomicUsize::new(0),
            typing: keyboard.typing,
        };
        let ended = work(&tutor, at, &mut keyboard, &stop).await;
        if let Some((place, room)) = open {
            place.leave(room).await;
            place.close().await;
        }
        match ended {
            Ok(End::Next(next)) => {
                at = next;
                let name = files::folder_name(&course.exercises()[at].spec.id).to_owned();
                dir = dir
                    .parent()
                    .map_or_else(|| PathBuf::from(&name), |parent| parent.join(&name));
            }
            Ok(End::Quit) => break,
            Err(error) => {
                eprintln!("docktutor: {error:#}");
                end = FAULT;
                break;
            }
        }
    }
    store.close().await;
    Ok(end)
}

/// A scope for the exercise, if it needs one and an engine is there. `Err` when the user stops meanwhile.
async fn open(
    spec: &Exercise,
    data: &Path,
    turn: &Turn,
    stop: &CancellationToken,
) -> Result<Option<(Place, Room)>, ()> {
    if spec.checks.iter().all(|check| check.stage() == Stage::Text) {
        return Ok(None);
    }
    let problem = match Place::open(data, turn, &spec.images, stop).await {
        Ok(place) => match place.room(0).await {
            Ok(room) => return Ok(Some((place, room))),
            Err(problem) => {
                place.close().await;
                problem
            }
        },
        Err(NoPlace::Stopped) => return Err(()),
        Err(NoPlace::Problem(problem)) => problem,
    };
    // The text is checked all the same; what needs an engine then says that it has none.
    eprintln!("docktutor: {} {}", problem.message, problem.next);
    Ok(None)
}

/// Checks at each save and does what the keys say.
async fn work(
    tutor: &Tutor<'_>,
    at: usize,
    keyboard: &mut Keyboard,
    stop: &CancellationToken,
) -> anyhow::Result<End> {
    files::begin(&tutor.dir, &tutor.exercise.starter)?;
    tutor.greet();
    let mut seen = Look::of(&tutor.dir);
    let mut checked: Option<Look> = None;
    let mut check = Some(Box::pin(tutor.check()));
    loop {
        let running = async {
            match &mut check {
                Some(check) => check.as_mut().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(End::Quit),
            done = running => {
                check = None;
                done?;
                checked.get_or_insert_with(|| seen.clone());
            }
            () = tokio::time::sleep(LOOK) => {
                let now = Look::of(&tutor.dir);
                let settled = now == seen;
                let begun = checked.get_or_insert_with(|| seen.clone());
                if settled && now != *begun {
                    // A check of the files as they were before is worth nothing now; dropping it ends it.
                    *begun = now.clone();
                    check = Some(Box::pin(tutor.check()));
                }
                seen = now;
            }
            typed = keyboard.next() => {
                let Some(typed) = typed else { return Ok(End::Quit) };
                match meant(&typed).as_str() {
                    "h" => tutor.hint().await?,
                    "l" => tutor.list().await?,
                    "c" => check = Some(Box::pin(tutor.check())),
                    "s" => {
                        let open = tutor.may_see_solution().await?;
                        if open || agreed(keyboard, tutor.ask_for_solution()).await? {
                            tutor.show_solution().await?;
                        }
                    }
                    "r" => {
                        if agreed(keyboard, tutor.ask_for_reset()).await? {
                            let aside = files::reset(&tutor.dir, &tutor.exercise.starter)?;
                            tutor.say_reset(&aside);
                        }
                    }
                    "n" => {
                        if at + 1 < tutor.course.exercises().len() {
                            return Ok(End::Next(at + 1));
                        }
                        tutor.say_last();
                    }
                    "q" => return Ok(End::Quit),
                    _ => tutor.keys(),
                }
            }
        }
    }
}

/// Asks; only a clear yes is one.
async fn agreed(keyboard: &mut Keyboard, question: &str) -> anyhow::Result<bool> {
    tutor::say(&format!("{question} [y/N]"));
    let answer = keyboard.next().await.unwrap_or_default();
    Ok(matches!(meant(&answer).as_str(), "y" | "yes" | "네" | "예"))
}
