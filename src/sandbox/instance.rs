//! One sandbox: scope, workbench, workspace and terminals, and its way from stopped to ready and back.
//!
//! Each change of state holds `turn`, so that a start, a stop and a reset never overlap; and runs in a task of its own,
//! so that a request which goes away leaves nothing half done.

mod engine;
mod shells;

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Instant;

use tokio::sync::broadcast;

pub(super) use engine::remove_scope;
use shells::Shells;

use super::error::SandboxError;
use super::folders::Folders;
use super::ground::{self, Ground, Shared};
use super::terminal::Terminal;
use super::workspace::Workspace;
use crate::web::protocol::{SandboxState, SandboxStatus, ServerEvent};

/// Terminals of one sandbox.
pub const TERMINALS: u8 = 4;

/// One learner's sandbox, or the spare one.
pub struct Sandbox {
    pub(super) scope: String,
    pub(super) folders: Folders,
    pub(super) workspace: Workspace,
    shared: Arc<Shared>,
    turn: tokio::sync::Mutex<()>,
    life: Mutex<Life>,
    terminals: Mutex<[Option<Arc<Terminal>>; TERMINALS as usize]>,
    /// Where its learner hears of it; nobody hears of the spare one.
    events: OnceLock<broadcast::Sender<ServerEvent>>,
    me: Weak<Sandbox>,
}

struct Life {
    state: SandboxState,
    message: String,
    next: String,
    workbench: Option<String>,
    containers: Option<(u32, u32)>,
    /// The first terminal's shell was started with the workbench, and nobody has seen it yet.
    new_shell: bool,
    last_input: Instant,
    ready_since: Instant,
}

/// Why a sandbox is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nobody typed for a while.
    Idle,
    /// It is older than a sandbox may be.
    Age,
    /// The server stops.
    Shutdown,
}

impl Sandbox {
    /// Opens the folders of a scope; touches no engine.
    pub(super) fn open(shared: &Arc<Shared>, scope: &str) -> Result<Arc<Sandbox>, SandboxError> {
        let folders = Folders::new(&shared.data, scope);
        let fail = |error| SandboxError::server("open your workspace", &error);
        folders.make(shared.owner).map_err(fail)?;
        let workspace = Workspace::open(&folders.work(), shared.owner).map_err(fail)?;
        let now = Instant::now();
        Ok(Arc::new_cyclic(|me| Sandbox {
            scope: scope.to_owned(),
            folders,
            workspace,
            shared: Arc::clone(shared),
            turn: tokio::sync::Mutex::new(()),
            life: Mutex::new(Life {
                state: SandboxState::Stopped,
                message: String::new(),
                next: String::new(),
                workbench: None,
                containers: None,
                new_shell: false,
                last_input: now,
                ready_since: now,
            }),
            terminals: Mutex::default(),
            events: OnceLock::new(),
            me: Weak::clone(me),
        }))
    }

    /// The scope's engine socket: what the learner's `docker` speaks to, and the checker.
    pub fn socket(&self) -> PathBuf {
        self.folders.socket()
    }

    /// The socket for a check, whose own calls are not taken for the learner's, and what the learner has called so far.
    pub fn for_check(&self) -> (PathBuf, Option<Vec<checker::check::EngineCall>>) {
        let scope = self
            .shared
            .ground_now()
            .and_then(|ground| ground.gateway.scope(&self.scope));
        let Some(scope) = scope else {
            return (self.socket(), None);
        };
        let calls = scope.calls(0).into_iter().map(super::script::call);
        let socket = scope.tool_socket().unwrap_or_else(|error| {
            tracing::warn!(%error, "a check goes by the learner's own socket");
            self.socket()
        });
        (socket, Some(calls.collect()))
    }

    /// The learner did something.
    pub fn touch(&self) {
        self.life().last_input = Instant::now();
    }

    /// Terminal `number`, 1 to `TERMINALS`. Its shell is started when there is none yet.
    ///
    /// # Errors
    /// When there is no terminal of that number.
    pub async fn terminal(&self, number: u8) -> Result<Arc<Terminal>, SandboxError> {
        let mut terminals = self.terminals();
        let place = usize::from(number)
            .checked_sub(1)
            .and_then(|at| terminals.get_mut(at));
        let Some(place) = place else {
            return Err(SandboxError::new(
                format!("There is no terminal {number}."),
                format!("Terminals are numbered 1 to {TERMINALS}."),
            ));
        };
        let open = || {
            let shells = Arc::new(Shells(Weak::clone(&self.me)));
            Terminal::open(number, &self.folders.log(number), shells)
        };
        Ok(Arc::clone(place.get_or_insert_with(open)))
    }

    /// As the learner sees it.
    pub(super) fn status(&self) -> SandboxStatus {
        let mut status = ground::status(&self.shared.footing());
        if status.state != SandboxState::Stopped {
            return status;
        }
        let life = self.life();
        status.state = life.state;
        status.message.clone_from(&life.message);
        status.next.clone_from(&life.next);
        status.containers = life
            .containers
            .filter(|_| life.state == SandboxState::Ready);
        status
    }

    /// The learner who has it from now on hears of it by `events`. The time without input begins now.
    pub(super) fn hand_over(&self, events: broadcast::Sender<ServerEvent>) {
        let _ = self.events.set(events);
        let mut life = self.life();
        life.last_input = Instant::now();
        life.ready_since = life.last_input;
        drop(life);
        self.announce();
    }

    /// Tells the learner's pages how it is.
    pub(super) fn announce(&self) {
        if let Some(events) = self.events.get() {
            let _ = events.send(ServerEvent::Status {
                status: self.status(),
            });
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.life().state == SandboxState::Ready
    }

    /// Why it should be stopped now, if it should.
    pub(super) fn is_due(&self) -> Option<Stop> {
        let life = self.life();
        if life.state != SandboxState::Ready {
            return None;
        }
        let (quiet, age) = (life.last_input.elapsed(), life.ready_since.elapsed());
        self.shared.settings.due(quiet, age)
    }

    /// Notes how many containers there are; announces a change.
    pub(super) fn count(&self, ground: &Ground) {
        let counts = ground
            .gateway
            .scope(&self.scope)
            .map(|scope| scope.counts());
        let mut life = self.life();
        if life.state != SandboxState::Ready || life.containers == counts {
            return;
        }
        life.containers = counts;
        drop(life);
        self.announce();
    }

    /// Its workbench is not running any more, although nobody stopped it.
    pub(super) fn lost(&self, workbench: &str) {
        let mut life = self.life();
        if life.state == SandboxState::Ready && life.workbench.as_deref() == Some(workbench) {
            life.workbench = None;
            drop(life);
            tracing::warn!(scope = self.scope, "a workbench stopped by itself");
            self.set(
                SandboxState::Stopped,
                "Your workbench stopped.",
                "Press a key in the terminal to start it again.",
            );
        }
    }

    /// Id of its workbench, where it runs.
    pub(super) fn workbench(&self) -> Option<String> {
        let life = self.life();
        life.workbench
            .clone()
            .filter(|_| life.state == SandboxState::Ready)
    }

    /// Makes it ready; waits for the engine where it is being prepared. Requests at once share one start.
    pub(super) async fn start(&self) -> Result<(), SandboxError> {
        if self.is_ready() {
            return Ok(());
        }
        self.apart(|me| async move {
            let ground = me.shared.ground().await?;
            let _turn = me.turn.lock().await;
            me.shared.check_open()?;
            if me.is_ready() {
                return Ok(());
            }
            me.make_ready(&ground).await
        })
        .await
    }

    /// Stops it and keeps everything.
    pub(super) async fn stop(&self, why: Stop) -> Result<(), SandboxError> {
        self.apart(move |me| async move {
            let Some(ground) = me.shared.ground_now() else {
                return Ok(());
            };
            let _turn = me.turn.lock().await;
            // Somebody typed while this waited.
            if why != Stop::Shutdown && me.is_due().is_none() {
                return Ok(());
            }
            me.halt(&ground, why).await
        })
        .await
    }

    /// Removes all that the learner made in the engine, ends the terminals, and makes it ready again.
    pub(super) async fn reset(&self, with_files: bool) -> Result<(), SandboxError> {
        self.apart(move |me| async move {
            let ground = match me.shared.ground().await {
                Ok(ground) => ground,
                // Without an engine there is nothing else to reset.
                Err(_) if with_files => return me.clear_files().await,
                Err(error) => return Err(error),
            };
            let _turn = me.turn.lock().await;
            me.shared.check_open()?;
            me.set(SandboxState::Starting, "Your sandbox is being reset.", "");
            for terminal in me.open_terminals() {
                terminal.suspend();
            }
            let emptied = async {
                me.empty(&ground).await?;
                for terminal in me.open_terminals() {
                    terminal.clear();
                }
                if with_files {
                    me.clear_files().await
                } else {
                    Ok(())
                }
            };
            match emptied.await {
                Ok(()) => me.make_ready(&ground).await,
                Err(error) => Err(me.fail(error)),
            }
        })
        .await
    }

    /// Removes it with everything: engine, terminals, files.
    pub(super) async fn remove(&self) -> Result<(), SandboxError> {
        self.apart(|me| async move {
            let _turn = me.turn.lock().await;
            *me.terminals() = Default::default();
            me.set(SandboxState::Stopped, "", "");
            if let Some(ground) = me.shared.ground_now() {
                remove_scope(&ground, &me.shared, &me.scope).await?;
            }
            me.folders
                .remove()
                .map_err(|error| SandboxError::server("remove a sandbox", &error))
        })
        .await
    }

    async fn make_ready(&self, ground: &Ground) -> Result<(), SandboxError> {
        self.set(SandboxState::Starting, "Your sandbox is starting.", "");
        match self.bring_up(ground).await {
            Ok(workbench) => {
                let mut life = self.life();
                life.workbench = Some(workbench);
                life.containers = ground
                    .gateway
                    .scope(&self.scope)
                    .map(|scope| scope.counts());
                life.last_input = Instant::now();
                life.ready_since = life.last_input;
                drop(life);
                self.set(SandboxState::Ready, "", "");
                for terminal in self.open_terminals() {
                    terminal.wake();
                }
                self.start_what_ran();
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    async fn clear_files(&self) -> Result<(), SandboxError> {
        let cleared = self.workspace.clear().await;
        cleared.map_err(|error| SandboxError::new(error.to_string(), error.next()))
    }

    /// Terminals that no page holds; their output is in their files.
    fn drop_unused_terminals(&self) {
        for place in self.terminals().iter_mut() {
            if place
                .as_ref()
                .is_some_and(|terminal| Arc::strong_count(terminal) == 1)
            {
                *place = None;
            }
        }
    }

    pub(super) fn open_terminals(&self) -> Vec<Arc<Terminal>> {
        self.terminals().iter().flatten().cloned().collect()
    }

    fn fail(&self, error: SandboxError) -> SandboxError {
        self.set(SandboxState::Failed, &error.message, &error.next);
        error
    }

    fn set(&self, state: SandboxState, message: &str, next: &str) {
        let mut life = self.life();
        life.state = state;
        message.clone_into(&mut life.message);
        next.clone_into(&mut life.next);
        drop(life);
        self.announce();
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn terminals(&self) -> MutexGuard<'_, [Option<Arc<Terminal>>; TERMINALS as usize]> {
        self.terminals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn apart<F>(&self, work: impl FnOnce(Arc<Sandbox>) -> F) -> Result<(), SandboxError>
    where
        F: Future<Output = Result<(), SandboxError>> + Send + 'static,
    {
        let Some(me) = self.me.upgrade() else {
            return Ok(());
        };
        match tokio::spawn(work(me)).await {
            Ok(result) => result,
            Err(error) => Err(SandboxError::server("finish what it began", &error)),
        }
    }
}
