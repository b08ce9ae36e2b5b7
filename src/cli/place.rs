//! A place to check in: the engine, a gateway to it, and a scope of its own for each check, removed with everything in
//! it when the check is over.
//!
//! A server may be running on the same data folder, and its gateway owns that folder's ledger. A place therefore has
//! an instance and a ledger of its own, one of a few that commands take turns with; what a killed command has left is
//! removed by the next one that takes its turn.

mod bar;
mod guard;
mod judge;
mod outcome;
mod turn;

use std::path::{Path, PathBuf};
use std::time::Duration;

use checker::check::{Endpoint, EngineCall};
use checker::spec::{Exercise, Kind};
use gateway::{Config, Gateway, Limits, Scope, ScopeSpec, Workspace};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::data;
use crate::sandbox::SandboxError;
use crate::sandbox::engine::{Engine, Problem, find_or_start, runtime};
use crate::sandbox::images::Images;
use crate::sandbox::script::{self, Work};
use bar::Bar;
pub(super) use guard::Guard;
pub(super) use judge::{Judge, needs_engine};
pub(super) use outcome::Outcome;
pub(super) use turn::{Turn, instances};

/// The longest that removing a scope may take.
const REMOVAL: Duration = Duration::from_secs(60);

/// An engine with a gateway, on which rooms are opened.
pub(super) struct Place {
    engine: Engine,
    gateway: Gateway,
    letter: char,
    sockets: PathBuf,
    /// Where the folders of commands that are handed in are.
    copies: PathBuf,
    /// The id under which the gateway and we make things.
    instance: String,
    /// Id of the workbench's image.
    workbench: String,
    /// Bytes of the disk that each room may use.
    disk: u64,
}

/// A scope for one check.
pub(super) struct Room {
    name: String,
    socket: PathBuf,
    scope: Scope,
    /// The scope's workspace, where commands were handed in.
    work: Option<Work>,
}

impl Room {
    /// Where the scope's engine answers.
    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.socket.clone())
    }

    /// What the submission's commands have asked of the engine so far.
    pub(super) fn calls(&self) -> Vec<EngineCall> {
        self.scope.calls(0).into_iter().map(script::call).collect()
    }
}

/// Why there is no place.
pub(super) enum NoPlace {
    /// `stop` was cancelled meanwhile; nothing that was started runs on.
    Stopped,
    /// The engine, the images or the disk.
    Problem(Problem),
}

impl Place {
    /// Finds or starts the engine, prepares the images and removes what a killed command has left. `stop` ends the
    /// preparation, which can take minutes; only the images that `references` name are made.
    pub(super) async fn open(
        data: &Path,
        turn: &Turn,
        references: &[String],
        stop: &CancellationToken,
    ) -> Result<Place, NoPlace> {
        let instance = data::instance_id(data)
            .map_err(|error| NoPlace::Problem(trouble("The data folder cannot be used", &error)))?;
        // An engine that is being started is waited for and then stopped: left half-way, it would run on.
        let engine = find_or_start(data, &instance)
            .await
            .map_err(NoPlace::Problem)?;
        let opened = tokio::select! {
            opened = Place::open_on(&engine, data, &instance, turn, references) => opened.map_err(NoPlace::Problem),
            () = stop.cancelled() => Err(NoPlace::Stopped),
        };
        if opened.is_err() {
            engine.stop().await;
        }
        opened
    }

    async fn open_on(
        engine: &Engine,
        data: &Path,
        instance: &str,
        turn: &Turn,
        references: &[String],
    ) -> Result<Place, Problem> {
        let bar = Bar::default();
        let prepared = Images::new(engine.clone(), data, instance)
            .only_for(references)
            .prepare(&|progress| bar.show(&progress))
            .await?;
        drop(bar);
        let config = Config {
            upstream: engine.endpoint.socket().to_owned(),
            local: engine.is_local_root(),
            runtime: runtime(),
            folder: turn.ledger(),
            instance: turn.instance(instance),
        };
        let gateway = Gateway::open(config)
            .await
            .map_err(|error| trouble("The gateway to the engine cannot be opened", &error))?;
        gateway.set_catalogue(prepared.catalogue);
        let place = Place {
            engine: engine.clone(),
            gateway,
            letter: turn.letter(),
            sockets: turn.sockets().to_owned(),
            copies: turn.copies(),
            instance: turn.instance(instance),
            workbench: prepared.workbench,
            disk: Limits::default().disk,
        };
        script::sweep(&place.engine.docker, &place.instance).await;
        place.remove_all().await;
        Ok(place)
    }

    /// Lets rooms use so many bytes of the disk, if that is more than usual.
    pub(super) fn with_disk(self, bytes: u64) -> Place {
        let disk = self.disk.max(bytes);
        Place { disk, ..self }
    }

    /// Opens an empty scope. Rooms that are open at the same time have different numbers.
    pub(super) async fn room(&self, number: usize) -> Result<Room, Problem> {
        self.open_room(number, None).await
    }

    /// Opens an empty scope for a submission. Where commands are handed in, it has a copy of the submission's folder as
    /// its workspace; [`Place::hand_in`] runs them there.
    pub(super) async fn room_for(
        &self,
        number: usize,
        exercise: &Exercise,
        submission: &Path,
    ) -> Result<Room, Problem> {
        let commands = exercise.kind == Kind::Sandbox && submission.join(script::FILE).is_file();
        let work = if commands {
            let copied = Work::copy(submission, &self.copies).await;
            Some(copied.map_err(|error| Problem::new(error.message, error.next))?)
        } else {
            None
        };
        self.open_room(number, work).await
    }

    async fn open_room(&self, number: usize, work: Option<Work>) -> Result<Room, Problem> {
        let name = format!("room{}{number}", self.letter);
        let socket = self.sockets.join(format!("{number}.sock"));
        let spec = ScopeSpec {
            name: name.clone(),
            socket: socket.clone(),
            access: gateway::Access::Everybody,
            workspace: work
                .as_ref()
                .map(|work| Workspace::in_workbench(work.path().to_owned())),
            limits: Limits {
                disk: self.disk,
                ..Limits::default()
            },
        };
        match self.gateway.open_scope(spec).await {
            Ok(scope) => Ok(Room {
                name,
                socket,
                scope,
                work,
            }),
            Err(error) => {
                self.remove(&name).await;
                Err(trouble("A sandbox for the check cannot be opened", &error))
            }
        }
    }

    /// A sandbox exercise is handed in as commands: runs them in the room that was opened for them, so that what they
    /// leave can be judged. Says how they went; nothing where the submission has none.
    pub(super) async fn hand_in(&self, room: &Room) -> Result<Option<script::Ended>, SandboxError> {
        let Some(work) = &room.work else {
            return Ok(None);
        };
        let ground = script::Ground {
            docker: &self.engine.docker,
            instance: &self.instance,
            image: &self.workbench,
            scope: &room.scope,
            socket: &room.socket,
        };
        script::run(ground, work).await.map(Some)
    }

    /// Watches how much the containers of a room write.
    pub(super) fn guard(&self, room: &Room, most: u64) -> Guard {
        Guard::new(&self.engine, &room.scope, most)
    }

    /// Removes a room with everything in it. The folder that its containers may have mounted goes last.
    pub(super) async fn leave(&self, room: Room) {
        self.remove(&room.name).await;
        drop(room.work);
    }

    /// Removes all rooms; stops the engine if it was started for this.
    pub(super) async fn close(self) {
        // Commands that were given up in the middle have left the container that they ran in.
        script::sweep(&self.engine.docker, &self.instance).await;
        self.remove_all().await;
        self.gateway.shutdown().await;
        self.engine.stop().await;
    }

    async fn remove_all(&self) {
        for name in self.gateway.scopes() {
            self.remove(&name).await;
        }
    }

    async fn remove(&self, name: &str) {
        match timeout(REMOVAL, self.gateway.remove_scope(name)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                eprintln!("docktutor: a check's sandbox could not be removed: {error}");
            }
            Err(_) => eprintln!("docktutor: a check's sandbox could not be removed in time"),
        }
    }
}

fn trouble(what: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        format!("{what}: {error}."),
        "`docktutor doctor` shows what is wrong.",
    )
}
