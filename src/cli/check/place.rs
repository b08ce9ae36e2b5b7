//! A place to check in: a scope of its own on the engine, removed with everything in it when the check is over.
//!
//! A server may be running on the same data folder, and its gateway owns that folder's ledger. A check therefore has
//! an instance and a ledger of its own, one of a few that it takes turns with; what a killed check has left is removed
//! by the next one that takes its turn.

use std::fs::{File, TryLockError};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use checker::check::Endpoint;
use gateway::{Config, Gateway, Limits, ScopeSpec};
use indicatif::ProgressBar;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::data;
use crate::sandbox::engine::{Engine, Problem, find_or_start};
use crate::sandbox::images::{Images, Progress};

/// How many checks can run at once on one data folder. These letters never end an instance's id, so that no check has
/// the id of an installation.
const TURNS: [char; 4] = ['0', '1', 'l', 'o'];

/// The longest that removing a scope may take.
const REMOVAL: Duration = Duration::from_secs(60);

/// A scope on an engine, for one check.
pub(super) struct Place {
    engine: Engine,
    gateway: Gateway,
    scope: String,
    socket: PathBuf,
    /// Holds the socket.
    _folder: TempDir,
    /// Held as long as the ledger is ours.
    _turn: File,
}

/// The ids under which checks of an installation may have left something, when they were killed.
pub(in crate::cli) fn instances(instance: &str) -> impl Iterator<Item = String> {
    TURNS
        .iter()
        .map(move |letter| turn_instance(instance, *letter))
}

fn turn_instance(instance: &str, letter: char) -> String {
    format!("{}{letter}", &instance[..instance.len() - 1])
}

impl Place {
    /// Finds or starts the engine, prepares the images and opens a scope.
    pub(super) async fn open(data: &Path) -> Result<Place, Problem> {
        let trouble = |what: &str, error: &dyn std::fmt::Display| {
            Problem::new(
                format!("{what}: {error}."),
                "`docktutor doctor` shows what is wrong.",
            )
        };
        let instance = data::instance_id(data)
            .map_err(|error| trouble("The data folder cannot be used", &error))?;
        let engine = find_or_start(data, &instance).await?;
        let opened = Place::open_on(&engine, data, &instance).await;
        if opened.is_err() {
            engine.stop().await;
        }
        opened
    }

    async fn open_on(engine: &Engine, data: &Path, instance: &str) -> Result<Place, Problem> {
        let trouble = |what: &str, error: &dyn std::fmt::Display| {
            Problem::new(
                format!("{what}: {error}."),
                "`docktutor doctor` shows what is wrong.",
            )
        };
        let bar = Bar::default();
        let prepared = Images::new(engine.clone(), data, instance)
            .prepare(&|progress| bar.show(&progress))
            .await;
        bar.end();
        let prepared = prepared?;

        let (turn, letter, ledger) = take_turn(data)
            .map_err(|error| trouble("The folder for checks cannot be used", &error))?;
        let folder = tempfile::Builder::new()
            .prefix("docktutor-")
            .tempdir()
            .map_err(|error| trouble("A temporary folder cannot be made", &error))?;
        let config = Config {
            upstream: engine.endpoint.socket().to_owned(),
            folder: ledger,
            instance: turn_instance(instance, letter),
        };
        let gateway = Gateway::open(config)
            .await
            .map_err(|error| trouble("The gateway to the engine cannot be opened", &error))?;
        gateway.set_catalogue(prepared.catalogue);
        let scope = format!("check{letter}");
        let socket = folder.path().join("docker.sock");
        let spec = ScopeSpec {
            name: scope.clone(),
            socket: socket.clone(),
            workspace: None,
            limits: Limits::default(),
        };
        let place = Place {
            engine: engine.clone(),
            gateway: gateway.clone(),
            scope,
            socket,
            _folder: folder,
            _turn: turn,
        };
        match gateway.open_scope(spec).await {
            Ok(_) => Ok(place),
            Err(error) => {
                place.clear().await;
                Err(trouble("A sandbox for the check cannot be opened", &error))
            }
        }
    }

    /// Where the scope's engine answers.
    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.socket.clone())
    }

    /// Removes the scope with everything in it; stops the engine if it was started for this.
    pub(super) async fn close(self) {
        self.clear().await;
        self.engine.stop().await;
    }

    async fn clear(&self) {
        let removed = timeout(REMOVAL, self.gateway.remove_scope(&self.scope)).await;
        match removed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                eprintln!("docktutor: the check's sandbox could not be removed: {error}")
            }
            Err(_) => eprintln!("docktutor: the check's sandbox could not be removed in time"),
        }
        self.gateway.shutdown().await;
    }
}

/// Takes the first free turn: its lock, its letter, and the folder of its ledger. Waits where all are taken.
fn take_turn(data: &Path) -> std::io::Result<(File, char, PathBuf)> {
    let open = |letter: char| {
        let folder = data.join("check").join(letter.to_string());
        std::fs::create_dir_all(&folder)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        Ok::<_, std::io::Error>((lock, folder.join("gateway")))
    };
    for letter in TURNS {
        let (lock, ledger) = open(letter)?;
        match lock.try_lock() {
            Ok(()) => return Ok((lock, letter, ledger)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    let letter = TURNS[0];
    let (lock, ledger) = open(letter)?;
    eprintln!("Other checks are running; this one waits for its turn.");
    lock.lock()?;
    Ok((lock, letter, ledger))
}

/// How far the images are, where they are not ready: a moving line for a person, a line for each step for a log.
#[derive(Default)]
struct Bar {
    state: Mutex<(Option<ProgressBar>, String)>,
}

impl Bar {
    fn show(&self, progress: &Progress) {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let text = format!("{}: {}", progress.image, progress.text);
        if std::io::stderr().is_terminal() {
            let bar = state.0.get_or_insert_with(|| {
                let bar = ProgressBar::new_spinner();
                bar.enable_steady_tick(Duration::from_millis(200));
                bar
            });
            bar.set_message(text);
        } else if state.1 != text {
            eprintln!("{text}");
            state.1 = text;
        }
    }

    fn end(&self) {
        let state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = &state.0 {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_at_once_take_different_turns() {
        let data = tempfile::tempdir().unwrap();
        let taken: Vec<_> = TURNS
            .iter()
            .map(|_| take_turn(data.path()).unwrap())
            .collect();
        let letters: Vec<char> = taken.iter().map(|turn| turn.1).collect();
        assert_eq!(letters, TURNS);
        drop(taken);
        assert_eq!(take_turn(data.path()).unwrap().1, TURNS[0]);
    }
}
