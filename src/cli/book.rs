//! `docktutor book`: the lessons as a static site, and a local server that builds it again when a lesson changes.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use clap::{Args, Subcommand};
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;

use super::{FAULT, USAGE, signals};
use crate::book;

/// How often the course's files are looked at while the book is served.
const LOOK: Duration = Duration::from_millis(200);

/// Arguments of `book`.
#[derive(Debug, Args)]
pub struct BookArgs {
    #[command(subcommand)]
    command: BookCommand,
}

#[derive(Debug, Subcommand)]
enum BookCommand {
    /// Write the book: Korean, English, search, glossary, rules.
    Build(BuildArgs),
    /// Build the book and show it; build it again when a file of the course changes.
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
struct BuildArgs {
    /// Folder of another course, with lessons/ and exercises/ in it.
    #[arg(long, value_name = "DIR")]
    course: Option<PathBuf>,
    /// Where the book is written to.
    #[arg(long, value_name = "DIR", default_value = "docktutor-book")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Folder of another course, with lessons/ and exercises/ in it; it is watched.
    #[arg(long, value_name = "DIR")]
    course: Option<PathBuf>,
    /// Port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
}

/// Builds or serves the book.
pub async fn run(args: BookArgs) -> anyhow::Result<u8> {
    match args.command {
        BookCommand::Build(args) => tokio::task::block_in_place(|| build(&args)),
        BookCommand::Serve(args) => serve(args).await,
    }
}

fn build(args: &BuildArgs) -> anyhow::Result<u8> {
    let course = match super::find::course(args.course.as_deref()) {
        Ok(course) => course,
        Err(message) => {
            eprintln!("docktutor: {message}");
            return Ok(USAGE);
        }
    };
    let began = Instant::now();
    match book::build(&course, &args.out, false) {
        Ok(built) => {
            eprintln!(
                "docktutor: {}: {} chapters in Korean and English, {} links checked, {} ms",
                args.out.display(),
                built.chapters,
                built.links,
                began.elapsed().as_millis()
            );
            Ok(0)
        }
        Err(error) => {
            eprintln!("docktutor: {error:#}");
            Ok(FAULT)
        }
    }
}

async fn serve(args: ServeArgs) -> anyhow::Result<u8> {
    let stop = signals::stop_at_signal()?;
    let course = match super::find::course(args.course.as_deref()) {
        Ok(course) => course,
        Err(message) => {
            eprintln!("docktutor: {message}");
            return Ok(USAGE);
        }
    };
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("book");
    tokio::task::block_in_place(|| book::build(&course, &out, true))?;
    let listener =
        match tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)))
            .await
        {
            Ok(listener) => listener,
            Err(error) => {
                eprintln!(
                    "docktutor: port {} cannot be used: {error}; choose another with --port",
                    args.port
                );
                return Ok(FAULT);
            }
        };
    eprintln!(
        "docktutor: the book is at http://{}/",
        listener.local_addr()?
    );
    let (changed, changes) = watch::channel(0_u64);
    if let Some(folder) = args.course.clone() {
        tokio::spawn(rebuild(folder, out.clone(), changed, stop.clone()));
    }
    let app = Router::new()
        .route("/reload", get(move || reload(changes.clone())))
        .fallback_service(ServeDir::new(&out));
    let ended = stop.clone();
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        () = ended.cancelled() => {}
    }
    Ok(0)
}

/// One event for each build after the first.
async fn reload(
    mut changes: watch::Receiver<u64>,
) -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>>> {
    changes.mark_unchanged();
    let stream = futures_util::stream::unfold(changes, |mut changes| async move {
        changes.changed().await.ok()?;
        let number = *changes.borrow_and_update();
        Some((number, changes))
    });
    Sse::new(stream.map(|number| Ok(Event::default().data(number.to_string()))))
        .keep_alive(KeepAlive::default())
}

/// Builds again whenever a file has changed. A course that is broken for now leaves the last book where it is.
async fn rebuild(
    folder: PathBuf,
    out: PathBuf,
    changed: watch::Sender<u64>,
    stop: CancellationToken,
) {
    let mut known = state(&folder);
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
        let now = state(&folder);
        if now == known {
            continue;
        }
        known = now;
        let began = Instant::now();
        let built = tokio::task::block_in_place(|| {
            let course = super::find::course(Some(&folder)).map_err(anyhow::Error::msg)?;
            book::build(&course, &out, true)
        });
        match built {
            Ok(_) => {
                eprintln!(
                    "docktutor: built again in {} ms",
                    began.elapsed().as_millis()
                );
                changed.send_modify(|number| *number += 1);
            }
            Err(error) => eprintln!("docktutor: {error:#}"),
        }
    }
}

/// Path, size and time of every file of a course.
fn state(folder: &Path) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.join("lessons"), folder.join("exercises")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                files.push((entry.path(), about.len(), about.modified().ok()));
            }
        }
    }
    files.sort();
    files
}
