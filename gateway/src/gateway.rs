//! The gateway: one for each engine. It opens, resets and removes scopes.

use crate::audit::{AuditLog, Caller, Entry, History, Verdict, now_ms};
use crate::error::GatewayError;
use crate::ground::anchors::Anchors;
use crate::ground::cgroups::Cgroups;
use crate::ground::firewall::{Bridges, Firewall};
use crate::ledger::{Change, Log, State};
use crate::policy::reference::Reference;
use crate::scope::{Inner, Scope};
use crate::upstream::{Call, Upstream};
use crate::{disk, reconcile, watch};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a cut-off build may take to end.
const BUILD_END: Duration = Duration::from_secs(15);

mod engine;
mod spec;

pub use spec::{
    Access, Catalogue, CatalogueImage, Config, Limits, ScopeSpec, Workspace, check_name,
};

/// The gateway to one engine. Clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(pub(crate) Arc<Shared>);

/// What all scopes of a gateway share.
pub(crate) struct Shared {
    pub(crate) upstream: Upstream,
    pub(crate) log: Log,
    pub(crate) audit: AuditLog,
    pub(crate) instance: String,
    pub(crate) folder: PathBuf,
    /// Whether the engine may be on this host.
    pub(crate) local: bool,
    /// What containers run by, unless the engine's default.
    pub(crate) runtime: Option<String>,
    pub(crate) anchors: Anchors,
    pub(crate) cgroups: Cgroups,
    pub(crate) firewall: Firewall,
    pub(crate) disk: disk::Ground,
    pub(crate) catalogue: RwLock<Arc<Catalogue>>,
    pub(crate) scopes: RwLock<BTreeMap<String, Arc<Inner>>>,
    /// The engine's own `/info` and `/version`, read once.
    pub(crate) info: Value,
    pub(crate) version: Value,
    /// Configurations of images by id; an image never changes.
    pub(crate) image_configs: Mutex<HashMap<String, Arc<Value>>>,
    /// Subnets are chosen by one scope at a time.
    pub(crate) subnets: tokio::sync::Mutex<()>,
    pub(crate) stop: CancellationToken,
}

impl Gateway {
    /// Reads the ledger, compares it with the engine, and removes what this instance made and nobody owns.
    pub async fn open(config: Config) -> Result<Self, GatewayError> {
        let probe = Upstream::new(config.upstream.clone(), "1.24".to_owned());
        let version = engine::ask(&probe, "/version").await?;
        let api = engine::api_version(&version)?;
        let anchors = Anchors::new(&config.folder, &config.upstream, config.local);
        let socket = config.upstream.clone();
        let upstream = Upstream::new(config.upstream, api);
        let info = engine::ask(&upstream, "/info").await?;
        engine::check_runtime(config.runtime.as_deref(), &info)?;
        let cgroups = Cgroups::new(&info, &config.instance, anchors.able());
        let firewall = Firewall::new(&socket, &config.instance, anchors.able());
        let disk = disk::Ground::new(&info, anchors.able());
        let (log, states) = Log::open(&config.folder)?;
        let mut calls: HashMap<String, History> = HashMap::new();
        let audit = AuditLog::open(&config.folder, |entry| {
            if states.contains_key(&entry.scope) {
                calls
                    .entry(entry.scope.clone())
                    .or_default()
                    .read_back(entry);
            }
        })?;
        let shared = Arc::new(Shared {
            upstream,
            log,
            audit,
            instance: config.instance,
            folder: config.folder,
            local: config.local,
            runtime: config.runtime,
            anchors,
            cgroups,
            firewall,
            disk,
            catalogue: RwLock::default(),
            scopes: RwLock::default(),
            info,
            version,
            image_configs: Mutex::default(),
            subnets: tokio::sync::Mutex::default(),
            stop: CancellationToken::new(),
        });
        for (name, state) in states {
            let history = calls.remove(&name).unwrap_or_default();
            shared.insert(Inner::new(name, shared.clone(), state, history));
        }
        reconcile::at_start(&shared).await?;
        shared.cgroups.sweep(&shared.names());
        tokio::spawn(watch::run(shared.clone()));
        Ok(Self(shared))
    }

    /// Opens a scope, or changes one that is open: its socket answers when this returns.
    pub async fn open_scope(&self, spec: ScopeSpec) -> Result<Scope, GatewayError> {
        spec.check()?;
        let inner = match self.0.scope(&spec.name) {
            Some(inner) => inner,
            None => {
                let inner = Inner::new(
                    spec.name.clone(),
                    self.0.clone(),
                    State::default(),
                    History::default(),
                );
                let inner = self.0.insert(inner);
                inner.record(vec![Change::Open]).await?;
                inner
            }
        };
        let opened = inner.open(spec).await;
        self.0.note(&inner.name, "scope open", &opened);
        opened.map(|()| Scope(inner))
    }

    /// A scope that the ledger knows.
    pub fn scope(&self, name: &str) -> Option<Scope> {
        self.0.scope(name).map(Scope)
    }

    /// How the tags begin that hold scopes' images on the engine. Images carry no labels of ours, because a label would
    /// show as a step of the learner's build; whoever cleans up without a gateway finds them by this.
    pub fn image_prefix(instance: &str) -> String {
        crate::names::keep_repository(instance, "")
    }

    /// Takes away the mounts that hold bound folders, for whoever removes a ledger's folder without a gateway.
    pub fn clear_mounts(folder: &std::path::Path) -> std::io::Result<()> {
        crate::api::binds::clear(folder)
    }

    /// The names of all scopes that the ledger knows.
    pub fn scopes(&self) -> Vec<String> {
        self.0.names()
    }

    /// Why the networks of scopes have no firewall rules; nothing where they have them.
    pub fn firewall_problem(&self) -> Option<String> {
        self.0.firewall.problem()
    }

    /// Says which images all scopes see; may be called again when one becomes ready.
    pub fn set_catalogue(&self, catalogue: Catalogue) {
        let normal = catalogue.0.into_iter().map(|(reference, image)| {
            let reference =
                Reference::parse(&reference).map_or(reference, |parsed| parsed.familiar());
            (reference, image)
        });
        *self
            .0
            .catalogue
            .write()
            .unwrap_or_else(|poison| poison.into_inner()) = Arc::new(Catalogue(normal.collect()));
    }

    /// Removes the scope's containers, volumes, networks and images; the scope stays open.
    pub async fn reset_scope(&self, name: &str) -> Result<(), GatewayError> {
        let result = self.find(name)?.reset().await;
        self.0.note(name, "scope reset", &result);
        result
    }

    /// Stops the scope's containers, keeps them, and closes its socket.
    pub async fn stop_scope(&self, name: &str) -> Result<(), GatewayError> {
        let inner = self.find(name)?;
        inner.close();
        let stopped = inner.stop_containers().await;
        self.0.note(name, "scope stop", &stopped);
        if stopped.is_ok() {
            crate::api::binds::let_go(&inner).await;
        }
        stopped
    }

    /// Removes the scope with everything that it had.
    pub async fn remove_scope(&self, name: &str) -> Result<(), GatewayError> {
        let inner = self.find(name)?;
        inner.close();
        // A build that was running ends with its connection, and writes into the books what it made.
        let _ = tokio::time::timeout(BUILD_END, inner.building.acquire()).await;
        inner.reset().await?;
        inner.clear_registry(true).await?;
        inner.remove_bridge().await?;
        let (shared, group) = (self.0.clone(), name.to_owned());
        // The kernel may need a moment to see that the last process is gone.
        let swept = tokio::task::spawn_blocking(move || shared.cgroups.remove(&group));
        if swept.await.is_err() {
            tracing::error!(name, "the scope's control group was not removed");
        }
        inner.record(vec![Change::Gone]).await?;
        inner.history.forget();
        self.0.note(name, "scope remove", &Ok(()));
        self.0
            .scopes
            .write()
            .unwrap_or_else(|poison| poison.into_inner())
            .remove(name);
        Ok(())
    }

    /// Closes all sockets. Containers run on.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        let scopes = std::mem::take(
            &mut *self
                .0
                .scopes
                .write()
                .unwrap_or_else(|poison| poison.into_inner()),
        );
        for scope in scopes.values() {
            scope.close();
        }
        let shared = self.0.clone();
        // The writer's last flush takes a moment of a thread that may wait.
        if tokio::task::spawn_blocking(move || {
            shared.log.close();
            shared.audit.close();
        })
        .await
        .is_err()
        {
            tracing::error!("the ledger was not closed in order");
        }
    }

    fn find(&self, name: &str) -> Result<Arc<Inner>, GatewayError> {
        self.0
            .scope(name)
            .ok_or_else(|| GatewayError::Unknown(name.to_owned()))
    }
}

impl Shared {
    pub(crate) fn scope(&self, name: &str) -> Option<Arc<Inner>> {
        self.scopes
            .read()
            .unwrap_or_else(|poison| poison.into_inner())
            .get(name)
            .cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Inner>> {
        self.scopes
            .read()
            .unwrap_or_else(|poison| poison.into_inner())
            .values()
            .cloned()
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.all().iter().map(|scope| scope.name.clone()).collect()
    }

    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue
            .read()
            .unwrap_or_else(|poison| poison.into_inner())
            .clone()
    }

    /// Notes what the gateway itself did to a scope.
    fn note(&self, scope: &str, kind: &str, result: &Result<(), GatewayError>) {
        self.audit.write(Entry {
            at_ms: now_ms(),
            scope: scope.to_owned(),
            by: Caller::Gateway,
            method: String::new(),
            path: String::new(),
            kind: kind.to_owned(),
            object: String::new(),
            verdict: Verdict::Allowed,
            rule: String::new(),
            reason: String::new(),
            status: if result.is_ok() { 200 } else { 500 },
            ms: 0,
        });
    }

    /// Has the firewall hold what the books say of networks.
    pub(crate) async fn guard(self: &Arc<Self>) {
        let shared = self.clone();
        let work = move || shared.firewall.apply(|| shared.bridges());
        if tokio::task::spawn_blocking(work).await.is_err() {
            tracing::error!("the firewall's rules could not be written");
        }
    }

    fn bridges(&self) -> Bridges {
        let mut bridges = Bridges::new();
        for scope in self.all() {
            let state = scope.state();
            let named = state
                .networks
                .values()
                .filter(|network| !network.bridge.is_empty());
            bridges.extend(named.map(|network| (network.bridge.clone(), !state.closed)));
        }
        bridges
    }

    /// Takes in a scope unless another call was faster; gives back the one that counts.
    fn insert(&self, inner: Arc<Inner>) -> Arc<Inner> {
        let mut scopes = self
            .scopes
            .write()
            .unwrap_or_else(|poison| poison.into_inner());
        scopes.entry(inner.name.clone()).or_insert(inner).clone()
    }

    /// What the engine says of an image, remembered.
    pub(crate) async fn image(&self, id: &str) -> Result<Arc<Value>, crate::error::Fault> {
        let known = |map: &Mutex<HashMap<String, Arc<Value>>>| {
            map.lock()
                .unwrap_or_else(|poison| poison.into_inner())
                .get(id)
                .cloned()
        };
        if let Some(image) = known(&self.image_configs) {
            return Ok(image);
        }
        let image = Arc::new(
            self.upstream
                .json(Call::get(format!("/images/{id}/json")))
                .await?,
        );
        let mut map = self
            .image_configs
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        if map.len() > 500 {
            map.clear();
        }
        map.insert(id.to_owned(), image.clone());
        Ok(image)
    }
}
