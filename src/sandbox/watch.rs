//! Tells a learner's pages which files changed, whoever changed them.
//!
//! Folders are watched by inotify, each by its handle, so that a link leads nowhere; at most `FOLDERS` of them. Whatever
//! the learner's programs do to their files costs the server a bounded share of its time: events are gathered, few
//! files are read for their version, and after each round the watcher rests for a multiple of the time that it took.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tokio::io::unix::AsyncFd;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use super::workspace::{MAX_ENTRIES, TEMPORARY, Workspace};
use crate::web::protocol::{FileEntry, FileKind, ServerEvent};

/// Folders that are watched; the kernel's memory for watches is shared by all.
const FOLDERS: usize = 400;

/// Changes of one file follow one another; so long they are gathered.
const GATHER: Duration = Duration::from_millis(60);

/// Files and bytes that are read in one round.
const READ_FILES: usize = 32;
const READ_BYTES: u64 = 4 << 20;

/// Events that are taken from the kernel in one round; what is more stays in its queue, which is bounded too.
const EVENTS: usize = 4096;

/// Without inotify (the kernel's limit of instances is reached) the list is compared so often.
const COMPARE: Duration = Duration::from_secs(2);

/// Nobody listens: after so long the watcher ends.
const UNHEARD: Duration = Duration::from_secs(30);

/// Place for a learner's watcher.
#[derive(Default)]
pub(super) struct Slot {
    running: Running,
}

type Running = Arc<Mutex<Option<JoinHandle<()>>>>;
type Events = broadcast::Sender<ServerEvent>;

impl Slot {
    /// Starts watching unless it runs.
    pub(super) fn start(&self, workspace: &Workspace, events: &broadcast::Sender<ServerEvent>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_ref().is_none_or(JoinHandle::is_finished) {
            let watching = run(workspace.clone(), events.clone(), Arc::clone(&self.running));
            *running = Some(tokio::spawn(watching));
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.take() {
            running.abort();
        }
    }
}

/// Whether the watcher may end because nobody listens. Its place is free then, before a listener can find it taken by
/// a watcher that is about to end.
fn may_end(events: &Events, running: &Running) -> bool {
    let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
    let unheard = events.receiver_count() == 0;
    if unheard {
        *running = None;
    }
    unheard
}

/// What the watcher knows between rounds.
#[derive(Debug, Default)]
struct Known {
    /// Path of each watched folder by the kernel's number; the workspace itself has the empty path.
    folders: HashMap<i32, String>,
    files: HashSet<String>,
}

/// What happened since the last round.
#[derive(Debug, Default)]
struct Round {
    changed: BTreeSet<String>,
    /// Something came or went.
    list: bool,
    /// A folder came, went or moved: the watches are set anew.
    folders: bool,
    /// There is more in the kernel's queue.
    more: bool,
}

async fn run(workspace: Workspace, events: Events, running: Running) {
    match open_queue() {
        Ok(queue) => follow(workspace, events, Arc::new(queue), running).await,
        Err(error) => {
            tracing::warn!(%error, "files are compared instead of watched; fs.inotify.max_user_instances may be too low");
            compare(workspace, events, running).await;
        }
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe for what this type promises anyway: it owns the handle and keeps it"
)]
fn open_queue() -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?)
}

async fn follow(
    workspace: Workspace,
    events: Events,
    queue: Arc<AsyncFd<OwnedFd>>,
    running: Running,
) {
    let mut known = Known::default();
    let mut round = Round {
        folders: true,
        ..Round::default()
    };
    loop {
        let begin = Instant::now();
        // The disk is asked on a thread that may wait for it.
        let told = tokio::task::spawn_blocking({
            let (workspace, queue) = (workspace.clone(), Arc::clone(&queue));
            move || {
                if round.folders {
                    known = look(&workspace, queue.get_ref(), known);
                }
                (tell(&workspace, &round), known)
            }
        });
        let Ok((told, still_known)) = told.await else {
            return;
        };
        known = still_known;
        for event in told {
            // Without a listener nothing is lost: a page asks for everything when it comes.
            let _ = events.send(event);
        }
        tokio::time::sleep(begin.elapsed() * 8).await;
        let Ok(ready) = tokio::time::timeout(UNHEARD, queue.readable()).await else {
            if may_end(&events, &running) {
                return;
            }
            round = Round::default();
            continue;
        };
        let Ok(mut ready) = ready else {
            return;
        };
        if may_end(&events, &running) {
            return;
        }
        tokio::time::sleep(GATHER).await;
        round = take(queue.get_ref(), &mut known);
        if !round.more {
            ready.clear_ready();
        }
    }
}

/// Sets the watches. What was watched and is not in the tree any more is let go.
fn look(workspace: &Workspace, queue: &OwnedFd, before: Known) -> Known {
    let flags = WatchFlags::MODIFY
        | WatchFlags::CLOSE_WRITE
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        | WatchFlags::ONLYDIR
        | WatchFlags::EXCL_UNLINK;
    let mut known = Known::default();
    for (path, folder) in workspace.folders(FOLDERS) {
        let handle = format!("/proc/self/fd/{}", folder.as_raw_fd());
        // The kernel gives the same number for the same folder, also under a new path.
        if let Ok(number) = inotify::add_watch(queue, handle, flags) {
            known.folders.insert(number, path);
        }
    }
    for number in before.folders.keys() {
        if !known.folders.contains_key(number) {
            let _ = inotify::remove_watch(queue, *number);
        }
    }
    let files = workspace
        .list_now()
        .into_iter()
        .filter(|entry| entry.kind == FileKind::File);
    known.files = files.map(|entry| entry.path).collect();
    known
}

/// Takes what is in the kernel's queue.
fn take(queue: &OwnedFd, known: &mut Known) -> Round {
    let mut round = Round::default();
    let mut buffer = [MaybeUninit::uninit(); 16 << 10];
    let mut reader = inotify::Reader::new(queue, &mut buffer);
    let mut taken = 0;
    loop {
        if taken >= EVENTS && reader.is_buffer_empty() {
            round.more = true;
            return round;
        }
        let Ok(event) = reader.next() else {
            return round;
        };
        taken += 1;
        if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
            round.list = true;
            round.folders = true;
            continue;
        }
        let name = event.file_name().and_then(|name| name.to_str().ok());
        if let (Some(folder), Some(name)) = (known.folders.get(&event.wd()), name) {
            let path = if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            };
            note(&mut round, &mut known.files, path, name, event.events());
        }
    }
}

fn note(round: &mut Round, files: &mut HashSet<String>, path: String, name: &str, what: ReadFlags) {
    if name.starts_with(TEMPORARY) {
        return;
    }
    let came = what.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO);
    let went = what.intersects(ReadFlags::DELETE | ReadFlags::MOVED_FROM);
    if what.contains(ReadFlags::ISDIR) {
        round.list |= came || went;
        round.folders |= came || went;
        return;
    }
    if came {
        // A file that is replaced in one step was there before; then the list is as it was.
        round.list |= !files.contains(&path);
        if files.len() < 2 * MAX_ENTRIES {
            files.insert(path.clone());
        }
    } else if went {
        files.remove(&path);
        round.list = true;
    }
    if round.changed.len() <= READ_FILES {
        round.changed.insert(path);
    }
}

/// What the pages hear of a round.
fn tell(workspace: &Workspace, round: &Round) -> Vec<ServerEvent> {
    let mut told = Vec::new();
    let mut bytes = READ_BYTES;
    for path in round.changed.iter().take(READ_FILES) {
        bytes = bytes.saturating_sub(workspace.size(path));
        if bytes == 0 {
            break;
        }
        told.push(ServerEvent::FileChanged {
            path: path.clone(),
            version: workspace.version(path),
        });
    }
    if round.list || told.len() < round.changed.len() {
        told.push(ServerEvent::FilesChanged);
    }
    told
}

/// A list, and versions of some of its files.
type Look = (Vec<FileEntry>, HashMap<String, Option<String>>);

/// Looks again and again.
async fn compare(workspace: Workspace, events: Events, running: Running) {
    let mut before: Option<Look> = None;
    let mut unheard = Duration::ZERO;
    while unheard < UNHEARD || !may_end(&events, &running) {
        let begin = Instant::now();
        let seen = tokio::task::spawn_blocking({
            let workspace = workspace.clone();
            move || {
                let list = workspace.list_now();
                let small = |entry: &&FileEntry| {
                    entry.kind == FileKind::File && entry.size <= READ_BYTES / READ_FILES as u64
                };
                let files = list.iter().filter(small).take(READ_FILES);
                let versions = files.map(|file| (file.path.clone(), workspace.version(&file.path)));
                let versions: HashMap<_, _> = versions.collect();
                (list, versions)
            }
        });
        let Ok((list, versions)) = seen.await else {
            return;
        };
        if let Some((old_list, old_versions)) = &before {
            for (path, version) in &versions {
                if old_versions.get(path).is_some_and(|old| old != version) {
                    let _ = events.send(ServerEvent::FileChanged {
                        path: path.clone(),
                        version: version.clone(),
                    });
                }
            }
            if *old_list != list {
                let _ = events.send(ServerEvent::FilesChanged);
            }
        }
        before = Some((list, versions));
        let rest = COMPARE.max(begin.elapsed() * 8);
        tokio::time::sleep(rest).await;
        unheard = if events.receiver_count() == 0 {
            unheard + rest
        } else {
            Duration::ZERO
        };
    }
}

#[cfg(test)]
mod tests;
