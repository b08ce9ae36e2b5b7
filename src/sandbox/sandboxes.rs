//! All sandboxes: who has which, and what the web asks of them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::{Notify, OnceCell, broadcast};
use tokio_util::sync::CancellationToken;

use super::engine::{self, Engine};
use super::error::SandboxError;
use super::ground::{self, Settings, Shared};
use super::instance::{Sandbox, Stop};
use super::names;
use super::watch;
use super::workspace::Workspace;
use crate::store::{LearnerId, Store};
use crate::web::protocol::{SandboxStatus, ServerEvent};

/// A page that is so far behind hears that files changed, and asks for all of them.
const EVENTS: usize = 256;

/// A private engine takes a few seconds to start, and far longer only where something is wrong.
const ENGINE_START: Duration = Duration::from_secs(60);

/// All sandboxes; cheap to clone.
#[derive(Clone)]
pub struct Sandboxes {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    pub(super) store: Store,
    seats: Mutex<HashMap<LearnerId, Arc<Seat>>>,
    pub(super) spare: Mutex<Option<Arc<Sandbox>>>,
    /// The spare one was taken.
    pub(super) spare_taken: Notify,
    engine: OnceCell<Engine>,
    /// Held while an engine is being found or started.
    engine_turn: tokio::sync::Mutex<()>,
}

/// A learner's place: there before the sandbox is.
pub(super) struct Seat {
    learner: LearnerId,
    events: broadcast::Sender<ServerEvent>,
    sandbox: OnceCell<Arc<Sandbox>>,
    watcher: watch::Slot,
}

impl Sandboxes {
    /// No engine yet; workspaces work at once.
    pub fn new(data: PathBuf, store: Store, instance: String) -> Sandboxes {
        Sandboxes::with(data, store, instance, Settings::default())
    }

    /// As `new`, with other settings.
    pub fn with(data: PathBuf, store: Store, instance: String, settings: Settings) -> Sandboxes {
        Sandboxes {
            inner: Arc::new(Inner {
                shared: Arc::new(Shared::new(data, instance, settings)),
                store,
                seats: Mutex::default(),
                spare: Mutex::default(),
                spare_taken: Notify::new(),
                engine: OnceCell::new(),
                engine_turn: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Finds or starts the engine, prepares the images, brings back what runs, stops what idles. Returns when
    /// `shutdown` is cancelled; then call `Sandboxes::shutdown`.
    pub async fn run(&self, shutdown: CancellationToken) {
        super::life::run(&self.inner, shutdown).await;
    }

    /// The learner's files. A learner who comes for the first time gets the spare sandbox where there is one.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn workspace(&self, learner: LearnerId) -> Result<Workspace, SandboxError> {
        Ok(self.inner.sandbox(learner).await?.workspace.clone())
    }

    /// The learner's sandbox, ready. Waits while the engine and the images are being prepared.
    ///
    /// # Errors
    /// With what to do: no engine, or a sandbox that cannot be started.
    pub async fn start(&self, learner: LearnerId) -> Result<Arc<Sandbox>, SandboxError> {
        let sandbox = self.inner.sandbox(learner).await?;
        sandbox.start().await?;
        Ok(sandbox)
    }

    /// The learner's sandbox, where it is ready now; nothing is started for it.
    pub fn ready(&self, learner: LearnerId) -> Option<Arc<Sandbox>> {
        let seat = self.inner.seat(learner);
        let sandbox = seat.sandbox.get().filter(|sandbox| sandbox.is_ready());
        sandbox.cloned()
    }

    /// How the learner's sandbox is.
    pub fn status(&self, learner: LearnerId) -> SandboxStatus {
        let seat = self.inner.seat(learner);
        match seat.sandbox.get() {
            Some(sandbox) => sandbox.status(),
            None => ground::status(&self.inner.shared.footing()),
        }
    }

    /// What happens to the learner's sandbox and files from now on.
    pub fn watch(&self, learner: LearnerId) -> broadcast::Receiver<ServerEvent> {
        let seat = self.inner.seat(learner);
        let events = seat.events.subscribe();
        seat.watch_files();
        events
    }

    /// Tells the learner's pages.
    pub fn announce(&self, learner: LearnerId, event: ServerEvent) {
        let _ = self.inner.seat(learner).events.send(event);
    }

    /// The learner did something: the time without input begins anew.
    pub fn touch(&self, learner: LearnerId) {
        if let Some(sandbox) = self.inner.seat(learner).sandbox.get() {
            sandbox.touch();
        }
    }

    /// Removes everything that the learner made in the engine, and ends the terminals; files too when asked.
    ///
    /// # Errors
    /// When something cannot be removed, or the sandbox cannot be started again.
    pub async fn reset(&self, learner: LearnerId, with_files: bool) -> Result<(), SandboxError> {
        self.inner.sandbox(learner).await?.reset(with_files).await
    }

    /// Stops all containers and keeps them; removes the spare sandbox; stops the engine if it is ours.
    pub async fn shutdown(&self) {
        self.inner.shared.close();
        let sandboxes = self.inner.sandboxes();
        let stops = sandboxes.iter().map(|sandbox| async move {
            if let Err(error) = sandbox.stop(Stop::Shutdown).await {
                tracing::warn!(%error, scope = sandbox.scope, "a sandbox could not be stopped");
            }
            for terminal in sandbox.open_terminals() {
                terminal.flush().await;
            }
        });
        futures_util::stream::iter(stops)
            .buffer_unordered(8)
            .collect::<Vec<()>>()
            .await;
        let spare = self.inner.spare().take();
        if let Some(spare) = spare
            && let Err(error) = spare.remove().await
        {
            tracing::warn!(%error, "the spare sandbox could not be removed");
        }
        if let Some(ground) = self.inner.shared.ground_now() {
            ground.gateway.shutdown().await;
        }
        // An engine that is just being started is waited for, or it would be left behind.
        let _turn = tokio::time::timeout(ENGINE_START, self.inner.engine_turn.lock()).await;
        if let Some(engine) = self.inner.engine.get() {
            engine.stop().await;
        }
    }
}

impl Inner {
    /// The engine, found or started on the first call. Goes on when the caller goes away.
    pub(super) async fn engine(self: &Arc<Inner>) -> Result<Engine, SandboxError> {
        let me = Arc::clone(self);
        let finding = tokio::spawn(async move {
            let _turn = me.engine_turn.lock().await;
            me.shared.check_open()?;
            let find = async || {
                let engine = engine::find_or_start(&me.shared.data, &me.shared.instance).await?;
                engine.check_for_workbench().map(|()| engine)
            };
            let engine = me.engine.get_or_try_init(find).await;
            engine.cloned().map_err(SandboxError::from)
        });
        match finding.await {
            Ok(found) => found,
            Err(error) => Err(SandboxError::server("look for an engine", &error)),
        }
    }

    pub(super) fn seat(&self, learner: LearnerId) -> Arc<Seat> {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let seat = seats.entry(learner).or_insert_with(|| {
            Arc::new(Seat {
                learner,
                events: broadcast::Sender::new(EVENTS),
                sandbox: OnceCell::new(),
                watcher: watch::Slot::default(),
            })
        });
        Arc::clone(seat)
    }

    /// The learner's sandbox, running or not; a new one for who has none.
    pub(super) async fn sandbox(&self, learner: LearnerId) -> Result<Arc<Sandbox>, SandboxError> {
        let seat = self.seat(learner);
        let sandbox = seat.sandbox.get_or_try_init(|| self.assign(&seat)).await?;
        Ok(Arc::clone(sandbox))
    }

    /// Sandboxes that somebody has.
    pub(super) fn sandboxes(&self) -> Vec<Arc<Sandbox>> {
        let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats
            .values()
            .filter_map(|seat| seat.sandbox.get().cloned())
            .collect()
    }

    /// The ground changed: all pages hear their status.
    pub(super) fn announce_all(&self) {
        let seats: Vec<_> = {
            let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
            seats.values().cloned().collect()
        };
        for seat in seats {
            let status = match seat.sandbox.get() {
                Some(sandbox) => sandbox.status(),
                None => ground::status(&self.shared.footing()),
            };
            let _ = seat.events.send(ServerEvent::Status { status });
        }
    }

    pub(super) fn spare(&self) -> MutexGuard<'_, Option<Arc<Sandbox>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn assign(&self, seat: &Seat) -> Result<Arc<Sandbox>, SandboxError> {
        let fail = |error| SandboxError::server("find your sandbox", &error);
        let known = self.store.scope_of(seat.learner).await.map_err(fail)?;
        let sandbox = match known {
            Some(scope) => Sandbox::open(&self.shared, &scope)?,
            None => self.assign_new(seat).await?,
        };
        sandbox.hand_over(seat.events.clone());
        if seat.events.receiver_count() > 0 {
            seat.watcher.start(&sandbox.workspace, &seat.events);
        }
        Ok(sandbox)
    }

    async fn assign_new(&self, seat: &Seat) -> Result<Arc<Sandbox>, SandboxError> {
        let spare = self.spare().take();
        let sandbox = match spare {
            Some(spare) => spare,
            None => Sandbox::open(&self.shared, &names::scope())?,
        };
        match self.store.assign_scope(seat.learner, &sandbox.scope).await {
            Ok(scope) if scope == sandbox.scope => {
                sandbox.folders.unmark_spare();
                self.spare_taken.notify_one();
                Ok(sandbox)
            }
            // Another process was faster; its word holds.
            Ok(scope) => {
                *self.spare() = Some(sandbox);
                Sandbox::open(&self.shared, &scope)
            }
            Err(error) => {
                if sandbox.is_ready() {
                    *self.spare() = Some(sandbox);
                }
                Err(SandboxError::server("note which sandbox is yours", &error))
            }
        }
    }
}

impl Seat {
    fn watch_files(&self) {
        if let Some(sandbox) = self.sandbox.get() {
            self.watcher.start(&sandbox.workspace, &self.events);
        }
    }
}

#[cfg(test)]
mod tests;
