//! A scope: one learner's part of the engine, its state and its socket.

mod open;
mod registry;

use crate::audit::{EngineCall, History};
use crate::disk::{self, Disk};
use crate::error::{Fault, GatewayError};
use crate::gateway::{Limits, Shared, Workspace};
use crate::ground::ports::Ports;
use crate::ledger::{Change, State};
use crate::rate::Rate;
use crate::registry::{manifest::Blob, store::Store};
use crate::server::Listener;
use crate::usage::{self, Usage};
use crate::{api, watch};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};

/// An open scope. Clones are the same scope.
#[derive(Clone)]
pub struct Scope(pub(crate) Arc<Inner>);

impl Scope {
    /// The scope's name.
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// The engine's id of the scope's default network; empty until the scope was opened.
    pub fn network_id(&self) -> String {
        self.0
            .state()
            .bridge()
            .and_then(|network| network.id.clone())
            .unwrap_or_default()
    }

    /// How many of the scope's containers run, and how many there are.
    pub fn counts(&self) -> (u32, u32) {
        let all = self.0.state().containers.len();
        (self.0.running().len() as u32, all as u32)
    }

    /// Looks how much of the disk the scope uses, unless that was done a moment ago; [`Scope::usage`] then says it.
    pub async fn look_at_disk(&self) {
        disk::current(&self.0).await;
    }

    /// What the scope uses of what it may have.
    pub fn usage(&self) -> Usage {
        usage::of(&self.0)
    }

    /// The same where the scope was not opened, with the limits that it would be opened with.
    pub fn usage_of(&self, limits: &Limits) -> Usage {
        usage::within(&self.0, limits)
    }

    /// What the learner asked of this engine since a moment (milliseconds since 1970), oldest call first: every call that
    /// came by the scope's own socket, without those that clients send by themselves (ping, version, info, events).
    /// The latest 2000 calls are remembered, over restarts too.
    pub fn calls(&self, since_ms: u64) -> Vec<EngineCall> {
        self.0.history.since(since_ms)
    }

    /// A second socket of the scope, for the server's own tools: it shows the same and allows the same, but what comes in
    /// by it is no part of [`Scope::calls`]. It lies in the gateway's folder and only this user may use it.
    /// Must be called within a tokio runtime.
    pub fn tool_socket(&self) -> Result<PathBuf, GatewayError> {
        self.0.tool_socket()
    }

    /// Says which container the learner works in: published ports are bound in its network namespace.
    /// Must be called within a tokio runtime.
    pub fn set_workbench(&self, container_id: Option<String>) {
        self.work_in(container_id.map(Workbench::Container));
    }

    /// The same for a scope that is used from this process's own surroundings: published ports are bound to 127.0.0.1
    /// beside it. Must be called within a tokio runtime.
    pub fn publish_here(&self) {
        self.work_in(Some(Workbench::Here));
    }

    fn work_in(&self, workbench: Option<Workbench>) {
        *lock(&self.0.workbench) = workbench;
        let inner = self.0.clone();
        tokio::spawn(async move { watch::bind_again(&inner).await });
    }
}

/// Where the learner works, and so where published ports are bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Workbench {
    /// In this container.
    Container(String),
    /// Where this process runs.
    Here,
}

/// Everything about a scope that the rest of the crate works with.
pub(crate) struct Inner {
    pub(crate) name: String,
    pub(crate) shared: Arc<Shared>,
    pub(crate) ports: Ports,
    pub(crate) workbench: Mutex<Option<Workbench>>,
    /// Builds, loads, imports and commits: their temporary files and their work for the engine are bounded so.
    pub(crate) building: Arc<tokio::sync::Semaphore>,
    /// Images that are saved, and thus hold a thread each.
    pub(crate) saving: Arc<tokio::sync::Semaphore>,
    /// Attached and exec connections that are open.
    pub(crate) hijacks: Arc<tokio::sync::Semaphore>,
    state: Mutex<State>,
    running: Mutex<HashSet<String>>,
    /// Objects that are gone, so that their last events still find a name.
    gone: Mutex<VecDeque<Gone>>,
    /// Suffixes of the real names of objects that are being made just now.
    pending: Mutex<HashSet<String>>,
    /// Execs are made one at a time, so that they can be counted.
    pub(crate) making_exec: tokio::sync::Mutex<()>,
    pub(crate) rate: Rate,
    pub(crate) disk: Disk,
    /// What layers, by their hash, are when they are compressed.
    pub(crate) packed: Mutex<HashMap<String, Blob>>,
    /// The scope's part of the course's registry, opened when it is needed first.
    registry: Mutex<Option<Store>>,
    registry_bytes: AtomicU64,
    /// What `CgroupParent` is for everything of this scope.
    cgroup: Mutex<Option<String>>,
    limits: Mutex<Limits>,
    workspace: Mutex<Option<Workspace>>,
    listener: Mutex<Option<Listener>>,
    /// The socket for the server's own tools.
    tools: Mutex<Option<Listener>>,
    /// What the learner asked for lately.
    pub(crate) history: History,
    opening: tokio::sync::Mutex<()>,
}

impl Inner {
    pub(crate) fn new(
        name: String,
        shared: Arc<Shared>,
        state: State,
        history: History,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            shared,
            ports: Ports::default(),
            workbench: Mutex::default(),
            building: Arc::new(tokio::sync::Semaphore::new(
                Limits::default().builds as usize,
            )),
            saving: Arc::new(tokio::sync::Semaphore::new(2)),
            hijacks: Arc::new(tokio::sync::Semaphore::new(128)),
            state: Mutex::new(state),
            running: Mutex::default(),
            gone: Mutex::default(),
            pending: Mutex::default(),
            making_exec: tokio::sync::Mutex::default(),
            rate: Rate::default(),
            disk: Disk::default(),
            packed: Mutex::default(),
            registry: Mutex::default(),
            registry_bytes: AtomicU64::default(),
            cgroup: Mutex::default(),
            limits: Mutex::default(),
            workspace: Mutex::default(),
            listener: Mutex::default(),
            tools: Mutex::default(),
            history,
            opening: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn running(&self) -> MutexGuard<'_, HashSet<String>> {
        lock(&self.running)
    }

    pub(crate) fn pending(&self) -> MutexGuard<'_, HashSet<String>> {
        lock(&self.pending)
    }

    pub(crate) fn limits(&self) -> Limits {
        lock(&self.limits).clone()
    }

    /// The folder whose paths may be bound, where anchors can be made.
    pub(crate) fn workspace(&self) -> Option<Workspace> {
        let able = self.shared.anchors.able();
        lock(&self.workspace).clone().filter(|_| able)
    }

    /// The folder whose files count as the scope's disk.
    pub(crate) fn counted_workspace(&self) -> Option<PathBuf> {
        let workspace = lock(&self.workspace);
        let own = workspace.as_ref().filter(|workspace| workspace.own);
        own.map(|workspace| workspace.folder.clone())
    }

    /// Puts the learner's names in place of the engine's, and his paths in place of anchors.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let state = self.state();
        let mut text = state.scrub(text);
        for bind in state.containers.values().flat_map(|c| &c.binds) {
            let anchor = api::binds::source(self, &bind.anchor);
            if let Some(anchor) = anchor.to_str().filter(|anchor| text.contains(*anchor)) {
                text = text.replace(anchor, &bind.asked);
            }
        }
        text
    }

    /// Changes the state at once and comes back when the change is on the disk.
    pub(crate) async fn record(&self, changes: Vec<Change>) -> Result<(), Fault> {
        self.reserve(|_| Ok((changes, ()))).await
    }

    /// Looks at the state and changes it in one step, so that no other request comes between; comes back when the
    /// change is on the disk. Where it cannot be written, the request fails and the next reconciliation mends the state.
    pub(crate) async fn reserve<T>(
        &self,
        decide: impl FnOnce(&State) -> Result<(Vec<Change>, T), Fault>,
    ) -> Result<T, Fault> {
        let (written, result) = {
            let mut state = self.state();
            let (changes, result) = decide(&state)?;
            if changes.is_empty() {
                return Ok(result);
            }
            for change in &changes {
                self.bury(&state, change);
                state.apply(change.clone());
            }
            // Queued under the lock, so that the file has the order of the decisions.
            (self.shared.log.append(&self.name, changes), result)
        };
        match written.await {
            Ok(Ok(())) => Ok(result),
            Ok(Err(error)) => {
                tracing::error!(scope = self.name, error, "the ledger cannot be written");
                Err(Fault::internal(
                    "the sandbox's books cannot be written (is the disk full?)",
                ))
            }
            Err(_) => Err(Fault::internal("the sandbox is being shut down")),
        }
    }

    fn bury(&self, state: &State, change: &Change) {
        let gone = |real: &str, name: &str, image: &str| Gone {
            real: real.to_owned(),
            name: name.to_owned(),
            image: image.to_owned(),
        };
        let one = match change {
            Change::DropContainer(real) => state
                .containers
                .get(real)
                .map(|c| gone(&c.real, &c.name, &c.asked.image)),
            Change::DropNetwork(real) => {
                state.networks.get(real).map(|n| gone(&n.real, &n.name, ""))
            }
            Change::DropVolume(real) => state.volumes.get(real).map(|v| gone(&v.real, &v.name, "")),
            _ => None,
        };
        if let Some(one) = one {
            let mut all = lock(&self.gone);
            all.push_back(one);
            if all.len() > 512 {
                all.pop_front();
            }
        }
    }

    /// Something that was there until lately, by the engine's name for it.
    pub(crate) fn buried(&self, real: &str) -> Option<Gone> {
        lock(&self.gone)
            .iter()
            .rev()
            .find(|gone| gone.real == real)
            .cloned()
    }

    pub(crate) async fn stop_containers(self: &Arc<Self>) -> Result<(), GatewayError> {
        api::lifecycle::stop_all(self)
            .await
            .map_err(GatewayError::from)
    }

    /// Removes everything that the learner made.
    pub(crate) async fn reset(self: &Arc<Self>) -> Result<(), GatewayError> {
        api::reset::everything(self)
            .await
            .map_err(GatewayError::from)
    }

    pub(crate) async fn remove_bridge(self: &Arc<Self>) -> Result<(), GatewayError> {
        api::reset::bridge(self).await.map_err(GatewayError::from)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// What an object was called.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) real: String,
    pub(crate) name: String,
    /// The image of a container, as the learner wrote it.
    pub(crate) image: String,
}

/// Marks an object as being made while it lives: reconciliation leaves the object alone.
pub(crate) struct Pending<'a> {
    scope: &'a Inner,
    suffix: String,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.scope.pending().remove(&self.suffix);
    }
}

impl Inner {
    /// Must be held before the object enters the books, until the engine's answer is in them. A real name's last
    /// part tells objects apart, so that part alone will do where the name is not known yet.
    pub(crate) fn pending_guard(&self, real: &str) -> Pending<'_> {
        let suffix = suffix(real).to_owned();
        self.pending().insert(suffix.clone());
        Pending {
            scope: self,
            suffix,
        }
    }

    /// Whether an object was being made at some moment, by the set of that moment.
    pub(crate) fn is_pending(set: &HashSet<String>, real: &str) -> bool {
        set.contains(suffix(real))
    }

    /// The labels on everything that the engine makes for this scope.
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        [
            (
                "docktutor.instance".to_owned(),
                self.shared.instance.clone(),
            ),
            ("docktutor.scope".to_owned(), self.name.clone()),
        ]
        .into()
    }

    /// The same as values of the engine's label filter.
    pub(crate) fn label_filters(&self) -> Vec<String> {
        self.labels()
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    }

    /// Refuses a platform that is not the engine's.
    pub(crate) fn check_platform(&self, asked: Option<&str>) -> Result<(), Fault> {
        let own = match self.shared.info["Architecture"].as_str() {
            Some("x86_64") | None => "amd64",
            Some("aarch64") => "arm64",
            Some(other) => other,
        };
        match asked.map(|platform| platform.trim_start_matches("linux/")) {
            None | Some("" | "linux") => Ok(()),
            Some(arch) if arch == own || arch == format!("{own}/v8") => Ok(()),
            Some(_) => Err(Fault::refused(format!("other platforms than linux/{own}"))),
        }
    }
}

fn suffix(real: &str) -> &str {
    real.rsplit('.').next().unwrap_or(real)
}
