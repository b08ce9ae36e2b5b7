//! How much of the engine's disk a scope uses. The kernel holds nobody to it: it is looked at again and again, calls that
//! would write more are refused where it is full, and who goes on writing all the same is stopped.

mod look;
mod watch;

pub(crate) use look::{Look, current};
pub(crate) use watch::poll;

use crate::api::build::spool::read_on;
use crate::api::incoming::Kept;
use crate::error::Fault;
use crate::ground::disk;
use crate::ground::layers::Layers;
use crate::scope::{Inner, lock};
use hyper::StatusCode;
use look::Spot;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch as channel;
use tokio::time::Instant;

/// Looks that run at the same time, for all scopes together.
const LOOKS: usize = 2;
/// Names of containers that were stopped are remembered up to so many.
const NAMES: usize = 10;

/// Bytes on the disk of the engine's host. A part that cannot be measured is missing, and is not in `used`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskUsage {
    /// All parts together.
    pub used: u64,
    /// The most that there may be.
    pub limit: u64,
    /// Files that containers and build steps have written into themselves.
    pub layers: Option<u64>,
    /// Files in volumes.
    pub volumes: Option<u64>,
    /// What containers have printed.
    pub logs: Option<u64>,
    /// Layers of own images, without those of the course's images.
    pub images: Option<u64>,
    /// Files in the workspace.
    pub workspace: Option<u64>,
}

/// What a gateway's looks need of the host.
pub(crate) struct Ground {
    /// The engine's folder, where this process may read it.
    root: Option<PathBuf>,
    layers: Option<Layers>,
    looks: tokio::sync::Semaphore,
}

impl Ground {
    /// `info` is the engine's own `/info`; `local` says whether this process is root on the engine's host.
    pub(crate) fn new(info: &Value, local: bool) -> Self {
        let root = info["DockerRootDir"].as_str().map(PathBuf::from);
        Self {
            root: root.filter(|root| local && root.is_dir()),
            layers: local.then(|| Layers::new(info)).flatten(),
            looks: tokio::sync::Semaphore::new(LOOKS),
        }
    }

    /// Bytes that are free on the engine's disk.
    fn free(&self) -> Option<u64> {
        disk::free(self.root.as_deref()?)
    }

    fn part(&self, name: &str) -> Option<PathBuf> {
        let folder = self.root.as_deref().map(|root: &Path| root.join(name))?;
        folder.is_dir().then_some(folder)
    }
}

/// What is known of one scope's disk.
pub(crate) struct Disk {
    last: Mutex<Option<Arc<Look>>>,
    /// One look at a time.
    looking: tokio::sync::Mutex<()>,
    /// Whether something was written or removed since the last look.
    changed: AtomicBool,
    /// When the next look is to be.
    due: Mutex<Instant>,
    /// Where a container's files lie, by its id; that never changes.
    spots: Mutex<HashMap<String, Arc<Spot>>>,
    /// Topmost layers by the id of an image; nothing for one that is gone.
    tops: Mutex<HashMap<String, Option<String>>>,
    /// Containers of build steps that run.
    steps: Mutex<HashSet<String>>,
    /// Images that running builds have made so far.
    made: Mutex<Vec<String>>,
    /// Containers that were stopped since there was room last: their ids, and the learner's names for them.
    stopped: Mutex<BTreeMap<String, String>>,
    /// Whether the scope is so far over its limit that builds are ended.
    cut: channel::Sender<bool>,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            last: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            changed: AtomicBool::default(),
            due: Mutex::new(Instant::now()),
            spots: Mutex::default(),
            tops: Mutex::default(),
            steps: Mutex::default(),
            made: Mutex::default(),
            stopped: Mutex::default(),
            cut: channel::Sender::new(false),
        }
    }
}

impl Disk {
    /// Something was written or removed: what is known is old, and the next look is to be soon.
    pub(crate) fn changed(&self) {
        self.changed.store(true, Ordering::Relaxed);
        *lock(&self.due) = Instant::now();
    }

    /// A container of a build's step has started.
    pub(crate) fn step_began(&self, id: &str) {
        lock(&self.steps).insert(id.to_owned());
        self.changed();
    }

    /// A container is gone that may have been a build's step.
    pub(crate) fn step_ended(&self, id: &str) {
        lock(&self.steps).remove(id);
    }

    /// A build that runs has made an image.
    pub(crate) fn made(&self, image: &str) {
        lock(&self.made).push(image.to_owned());
    }

    /// A build has ended, and the books know what it made.
    pub(crate) fn noted(&self, images: &[String]) {
        lock(&self.made).retain(|image| !images.contains(image));
        self.changed();
    }

    /// Bytes in a volume at the last look, by the engine's name for it.
    pub(crate) fn of_volume(&self, real: &str) -> Option<u64> {
        lock(&self.last).as_ref()?.of_volume(real)
    }

    /// Comes back when the scope is so far over its limit that what writes must end.
    pub(crate) async fn overflow(&self) {
        // The sender lives as long as this does.
        let _ = self.cut.subscribe().wait_for(|cut| *cut).await;
    }

    /// Whether this container was stopped because it went on writing.
    pub(crate) fn has_stopped(&self, id: &str) -> bool {
        lock(&self.stopped).contains_key(id)
    }

    fn last(&self) -> Option<Arc<Look>> {
        lock(&self.last).clone()
    }
}

/// What was seen last, within these limits; nothing before the first look.
pub(crate) fn usage(scope: &Inner, limit: u64) -> Option<DiskUsage> {
    let look = scope.disk.last()?;
    Some(look.usage(limit))
}

/// Says no where the scope's disk is full, else how many bytes there is room for.
pub(crate) async fn room(scope: &Arc<Inner>) -> Result<u64, Fault> {
    let limit = scope.limits().disk;
    let left = |look: Option<Arc<Look>>| match look {
        Some(look) if !look.whole() => 0,
        Some(look) => limit.saturating_sub(look.usage(limit).used),
        None => u64::MAX,
    };
    match left(current(scope).await) {
        0 => {}
        room => return Ok(room),
    }
    // Files may have been deleted in a container or in the workspace meanwhile: who is refused is looked at again.
    if scope.disk.last().is_some_and(|look| look.is_old()) {
        scope.disk.changed();
    }
    match left(current(scope).await) {
        0 => Err(full(scope)),
        room => Ok(room),
    }
}

/// The same for a call with a large body: a client reads why it was refused once it has sent all.
pub(crate) async fn room_to_receive(scope: &Arc<Inner>, body: &mut Kept) -> Result<u64, Fault> {
    let room = room(scope).await;
    if room.is_err() {
        read_on(body).await;
    }
    room
}

/// Says no where this many bytes more are not within the limit.
pub(crate) async fn room_for(scope: &Arc<Inner>, what: &str, bytes: u64) -> Result<(), Fault> {
    let room = room(scope).await?;
    if bytes <= room {
        return Ok(());
    }
    Err(too_large(scope, what, bytes, room))
}

/// Something that is larger than the room that is left.
pub(crate) fn too_large(scope: &Inner, what: &str, bytes: u64, room: u64) -> Fault {
    let full = full(scope);
    let message = format!(
        "{what} takes {} MiB, and there is room for {} MiB: {}",
        bytes.div_ceil(1 << 20),
        room >> 20,
        full.message
    );
    Fault { message, ..full }
}

/// Which limit it is, how much is used by what, and what to remove.
pub(crate) fn full(scope: &Inner) -> Fault {
    let limit = scope.limits().disk;
    let workspace = scope.workspace().map(|workspace| workspace.seen_as);
    let look = scope.disk.last();
    let mut stopped: Vec<String> = lock(&scope.disk.stopped).values().cloned().collect();
    stopped.sort();
    stopped.dedup();
    let usage = look.as_ref().map(|look| look.usage(limit));
    let whole = look.is_none_or(|look| look.whole());
    let message = words(usage.as_ref(), limit, whole, workspace.as_deref(), &stopped);
    Fault::new(StatusCode::FORBIDDEN, message).by("limit")
}

fn words(
    usage: Option<&DiskUsage>,
    limit: u64,
    whole: bool,
    workspace: Option<&str>,
    stopped: &[String],
) -> String {
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let remove_files = format!("delete files in {}", workspace.unwrap_or("the workspace"));
    let part = |bytes: fn(&DiskUsage) -> Option<u64>, name, remedy| {
        (usage.and_then(bytes).unwrap_or(0), name, remedy)
    };
    let mut parts = [
        part(
            |usage| usage.layers,
            "files in containers",
            "remove containers (docker ps -as shows their size, docker rm -f NAME removes one)",
        ),
        part(
            |usage| usage.volumes,
            "volumes",
            "remove volumes (docker system df -v shows their size, docker volume rm NAME removes one)",
        ),
        part(
            |usage| usage.images,
            "images",
            "remove images (docker rmi NAME, and docker image prune for those without a name)",
        ),
        part(
            |usage| usage.logs,
            "logs of containers",
            "remove containers that print much (docker rm -f NAME)",
        ),
        part(
            |usage| usage.workspace,
            "the workspace",
            remove_files.as_str(),
        ),
    ];
    parts.sort_by_key(|(bytes, ..)| std::cmp::Reverse(*bytes));
    let all: u64 = parts.iter().map(|(bytes, ..)| bytes).sum();
    let counted: Vec<String> = (parts.iter())
        .filter(|(bytes, ..)| *bytes >= 1 << 20)
        .map(|(bytes, name, _)| format!("{name} {}", mib(*bytes)))
        .collect();
    // What takes little is not worth removing.
    let remedies: Vec<&str> = (parts.iter())
        .filter(|(bytes, ..)| *bytes > 0 && *bytes >= all / 10)
        .map(|(.., remedy)| *remedy)
        .collect();
    let mut text = format!(
        "this sandbox may use at most {} MiB of disk and uses {}",
        limit >> 20,
        mib(usage.map_or(0, |usage| usage.used))
    );
    if !whole {
        text += " or more (it has more files, or folders in folders, than can be counted)";
    }
    if !counted.is_empty() {
        text += &format!(" ({})", counted.join(", "));
    }
    if !remedies.is_empty() {
        text += &format!(": {}", remedies.join("; "));
    }
    if !stopped.is_empty() {
        text += &format!(
            ". Stopped, because it went on writing: {}",
            stopped.join(", ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_what_is_used_and_what_to_remove() {
        let usage = DiskUsage {
            used: 31 << 20,
            limit: 20 << 20,
            layers: Some(2 << 20),
            volumes: Some(25 << 20),
            logs: Some(4096),
            images: None,
            workspace: Some(4 << 20),
        };
        let text = words(
            Some(&usage),
            20 << 20,
            true,
            Some("/work"),
            &["web".to_owned()],
        );
        assert!(
            text.starts_with(
                "this sandbox may use at most 20 MiB of disk and uses 31 \
                 (volumes 25, the workspace 4, files in containers 2): remove volumes"
            ),
            "{text}"
        );
        assert!(
            text.contains("docker volume rm") && text.contains("delete files in /work"),
            "{text}"
        );
        assert!(
            !text.contains("docker rmi") && !text.contains("docker ps"),
            "{text}"
        );
        assert!(
            text.ends_with("Stopped, because it went on writing: web"),
            "{text}"
        );
        let text = words(Some(&usage), 20 << 20, false, None, &[]);
        assert!(text.contains("than can be counted"), "{text}");
    }
}
