//! One look at everything of a scope that takes room on the disk.

use super::{DiskUsage, watch};
use crate::error::Fault;
use crate::ground::disk::Walk;
use crate::ground::layers;
use crate::policy::query::Query;
use crate::scope::{Inner, lock};
use crate::upstream::Call;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// How old a look may be that a decision rests on.
const FRESH: Duration = Duration::from_secs(1);
/// For so many times as long as a look took, there is no other one by itself: a scope with very many files costs no more
/// of the machine than one with few.
pub(super) const SPARING: u32 = 20;
/// However long a look takes, there is another one after this time.
const LONGEST: Duration = Duration::from_secs(60);
/// How long the engine may take to say where a container's files lie.
const ANSWER: Duration = Duration::from_secs(3);
/// How long it may take for all that a look asks it.
const ANSWERS: Duration = Duration::from_secs(20);

/// Where a container's files lie.
pub(super) struct Spot {
    /// The folder with what it wrote into itself; the engine says it for `overlay2` and the like.
    upper: Option<PathBuf>,
    /// The volumes that it can write to, by the engine's names.
    pub(super) volumes: Vec<String>,
    /// Whether it can write into the workspace.
    pub(super) binds: bool,
}

/// What was seen.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(super) began: Instant,
    /// How long it took, without waiting for a place.
    took: Duration,
    /// What each container wrote into itself and printed, by its id.
    pub(super) containers: HashMap<String, u64>,
    /// What is in each volume, by the engine's name for it.
    pub(super) volumes: Option<HashMap<String, u64>>,
    layers: Option<u64>,
    logs: Option<u64>,
    images: Option<u64>,
    pub(super) workspace: Option<u64>,
    /// Whether everything was counted.
    whole: bool,
}

impl Look {
    pub(crate) fn usage(&self, limit: u64) -> DiskUsage {
        let volumes = self.volumes.as_ref().map(|all| all.values().sum());
        let parts = [self.layers, volumes, self.logs, self.images, self.workspace];
        DiskUsage {
            used: parts.into_iter().flatten().sum(),
            limit,
            layers: self.layers,
            volumes,
            logs: self.logs,
            images: self.images,
            workspace: self.workspace,
        }
    }

    pub(super) fn of_volume(&self, real: &str) -> Option<u64> {
        self.volumes.as_ref()?.get(real).copied()
    }

    /// Whether things may have changed since.
    pub(super) fn is_old(&self) -> bool {
        self.began.elapsed() >= self.rest(2)
    }

    /// How long there is no other look, if that shall be so many times as long as this one took.
    pub(super) fn rest(&self, times: u32) -> Duration {
        (self.took * times).clamp(FRESH, LONGEST)
    }

    pub(crate) fn whole(&self) -> bool {
        self.whole
    }
}

/// The last look where it still tells how things are, else a new one. Nothing where the engine does not answer.
pub(crate) async fn current(scope: &Arc<Inner>) -> Option<Arc<Look>> {
    let asked = Instant::now();
    if let Some(last) = scope.disk.last()
        && !scope.disk.changed.load(Ordering::Relaxed)
        && last.began.elapsed() < last.rest(SPARING)
    {
        return Some(last);
    }
    let scope = scope.clone();
    // In a task of its own: a look that has begun comes to its end, whether or not the client waits for it.
    let looking = tokio::spawn(async move {
        let _one = scope.disk.looking.lock().await;
        match scope.disk.last() {
            // Somebody else has looked while this one waited for its turn.
            Some(last) if last.began > asked => Some(last),
            _ => look(&scope).await,
        }
    });
    looking.await.ok().flatten()
}

async fn look(scope: &Arc<Inner>) -> Option<Arc<Look>> {
    scope.disk.changed.store(false, Ordering::Relaxed);
    let before = scope.disk.last();
    let began = Instant::now();
    let seen = match tokio::time::timeout(ANSWERS, places(scope)).await {
        Ok(Ok(places)) => {
            // Only what works takes a place: an engine that does not answer for one scope keeps no other one waiting.
            let asked = began.elapsed();
            let _turn = scope.shared.disk.looks.acquire().await;
            let scope = scope.clone();
            tokio::task::spawn_blocking(move || places.count(&scope, began, asked))
                .await
                .ok()
        }
        Ok(Err(fault)) => {
            tracing::debug!(
                scope = scope.name,
                fault.message,
                "the disk could not be looked at"
            );
            None
        }
        Err(_) => None,
    };
    let Some(seen) = seen.map(Arc::new) else {
        scope.disk.changed.store(true, Ordering::Relaxed);
        return before;
    };
    *lock(&scope.disk.last) = Some(seen.clone());
    watch::judge(scope, before.as_deref(), &seen).await;
    Some(seen)
}

/// Everything that is to be counted.
struct Places {
    containers: Vec<(String, Arc<Spot>)>,
    /// What containers wrote into themselves where only the engine can tell it.
    told: HashMap<String, u64>,
    volumes: Vec<String>,
    /// Topmost layers of own images.
    tops: Vec<String>,
    /// Layers of the course's images.
    known: HashSet<String>,
    workspace: Option<PathBuf>,
}

async fn places(scope: &Arc<Inner>) -> Result<Places, Fault> {
    let (mut ids, volumes, images) = {
        let state = scope.state();
        let ids: Vec<String> = state
            .containers
            .values()
            .filter_map(|c| c.id.clone())
            .collect();
        let volumes: Vec<String> = state.volumes.keys().cloned().collect();
        let own = state.images.values().map(|image| image.id.clone());
        let images: HashSet<String> = own.chain(state.layers.iter().cloned()).collect();
        (ids, volumes, images)
    };
    ids.extend(lock(&scope.disk.steps).iter().cloned());
    lock(&scope.disk.spots).retain(|id, _| ids.contains(id));
    let mut containers = Vec::new();
    for id in ids {
        if let Some(spot) = spot(scope, &id).await? {
            containers.push((id, spot));
        }
    }
    let told = if containers.iter().any(|(_, spot)| spot.upper.is_none()) {
        sizes(scope).await?
    } else {
        HashMap::new()
    };
    let (mut tops, mut known) = (Vec::new(), HashSet::new());
    if scope.shared.disk.layers.is_some() {
        let catalogue = scope.shared.catalogue();
        for image in catalogue.0.values() {
            // One that has been removed from the engine has no layers there.
            if let Ok(image) = scope.shared.image(&image.id).await {
                known.extend(layers::names(&image));
            }
        }
        let mut images = images;
        images.extend(lock(&scope.disk.made).iter().cloned());
        lock(&scope.disk.tops).retain(|id, _| images.contains(id));
        for image in images.iter().filter(|id| !id.is_empty()) {
            tops.extend(top(scope, image).await?);
        }
    }
    Ok(Places {
        containers,
        told,
        volumes,
        tops,
        known,
        workspace: scope.counted_workspace(),
    })
}

/// Where a container's files lie; nothing for one that is gone.
async fn spot(scope: &Inner, id: &str) -> Result<Option<Arc<Spot>>, Fault> {
    if let Some(known) = lock(&scope.disk.spots).get(id) {
        return Ok(Some(known.clone()));
    }
    let call = Call::get(format!("/containers/{id}/json")).within(ANSWER);
    let value = match scope.shared.upstream.json(call).await {
        Ok(value) => value,
        // One that hangs in the engine must not hide what all others write.
        Err(fault)
            if matches!(
                fault.status,
                StatusCode::NOT_FOUND | StatusCode::GATEWAY_TIMEOUT
            ) =>
        {
            return Ok(None);
        }
        Err(fault) => return Err(fault),
    };
    let local = scope.shared.disk.root.is_some();
    let upper = value["GraphDriver"]["Data"]["UpperDir"].as_str();
    let mounts = value["Mounts"].as_array().into_iter().flatten();
    let writable: Vec<&Value> = mounts.filter(|mount| mount["RW"] != false).collect();
    let volumes = writable.iter().filter_map(|mount| mount["Name"].as_str());
    let spot = Arc::new(Spot {
        upper: upper.filter(|_| local).map(PathBuf::from),
        volumes: volumes.map(str::to_owned).collect(),
        binds: writable.iter().any(|mount| mount["Type"] == "bind"),
    });
    lock(&scope.disk.spots).insert(id.to_owned(), spot.clone());
    Ok(Some(spot))
}

/// What containers wrote into themselves, as the engine counts it.
async fn sizes(scope: &Inner) -> Result<HashMap<String, u64>, Fault> {
    let filters = json!({ "label": scope.label_filters() }).to_string();
    let query = Query::new()
        .with("all", "1")
        .with("size", "1")
        .with("filters", filters);
    let call = Call::get("/containers/json").query(query);
    let all = scope.shared.upstream.json(call).await?;
    let one = |value: &Value| {
        Some((
            value["Id"].as_str()?.to_owned(),
            value["SizeRw"].as_u64().unwrap_or(0),
        ))
    };
    Ok(all
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(one)
        .collect())
}

/// The topmost layer of an image; nothing for one that is gone.
async fn top(scope: &Inner, image: &str) -> Result<Option<String>, Fault> {
    if let Some(known) = lock(&scope.disk.tops).get(image) {
        return Ok(known.clone());
    }
    let call = Call::get(format!("/images/{image}/json"));
    let top = match scope.shared.upstream.json(call).await {
        Ok(value) => layers::names(&value).pop(),
        Err(fault) if fault.status == StatusCode::NOT_FOUND => None,
        Err(fault) => return Err(fault),
    };
    lock(&scope.disk.tops).insert(image.to_owned(), top.clone());
    Ok(top)
}

impl Places {
    /// Counts; for a thread that may wait.
    fn count(self, scope: &Inner, began: Instant, asked: Duration) -> Look {
        let (ground, counting) = (&scope.shared.disk, Instant::now());
        let mut walk = Walk::new();
        let (logs_in, volumes_in) = (ground.part("containers"), ground.part("volumes"));
        let (mut containers, mut written, mut printed) = (HashMap::new(), 0, 0);
        for (id, spot) in &self.containers {
            let own = match &spot.upper {
                Some(upper) => walk.folder(upper).unwrap_or(0),
                None => self.told.get(id).copied().unwrap_or(0),
            };
            let log = match &logs_in {
                Some(folder) => walk.files(&folder.join(id), &format!("{id}-json.log")),
                None => 0,
            };
            written += own;
            printed += log;
            containers.insert(id.clone(), own + log);
        }
        // A file that was deleted while it is open is in no folder.
        for (id, processes) in scope.shared.cgroups.processes(&scope.name) {
            let bytes: u64 = processes.iter().map(|process| walk.nameless(process)).sum();
            if let Some(all) = containers.get_mut(&id) {
                *all += bytes;
                written += bytes;
            }
        }
        let volumes = volumes_in.map(|folder| {
            let mut size =
                |real: &String| walk.folder(&folder.join(real).join("_data")).unwrap_or(0);
            self.volumes
                .iter()
                .map(|real| (real.clone(), size(real)))
                .collect()
        });
        let images = ground.layers.as_ref().map(|layers| {
            let of_containers = self
                .containers
                .iter()
                .filter_map(|(id, _)| layers.of_container(id));
            layers.bytes(self.tops.into_iter().chain(of_containers), &self.known)
        });
        let workspace = self.workspace.and_then(|folder| walk.folder(&folder));
        Look {
            began,
            took: asked + counting.elapsed(),
            containers,
            volumes,
            layers: Some(written),
            logs: logs_in.map(|_| printed),
            images,
            workspace,
            whole: walk.whole,
        }
    }
}
