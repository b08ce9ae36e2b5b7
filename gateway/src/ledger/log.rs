//! The ledger's file: one JSON line for each change, on the disk before the engine hears of it.

use super::{Change, State};
use crate::error::GatewayError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

const FILE: &str = "ledger.jsonl";
/// A file with fewer lines is never rewritten.
const SMALL: usize = 4000;

#[derive(Serialize, Deserialize)]
struct Line {
    scope: String,
    #[serde(flatten)]
    change: Wrapped,
}

#[derive(Serialize, Deserialize)]
struct Wrapped {
    change: Change,
}

struct Entry {
    scope: String,
    changes: Vec<Change>,
    done: oneshot::Sender<Result<(), String>>,
}

/// The writing end of the ledger. One thread writes; changes that wait together are flushed together.
pub(crate) struct Log {
    sender: Mutex<Option<mpsc::Sender<Entry>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Log {
    /// Reads the ledger of a folder and starts to write to it.
    pub(crate) fn open(folder: &Path) -> Result<(Self, BTreeMap<String, State>), GatewayError> {
        std::fs::create_dir_all(folder).map_err(GatewayError::io(format!(
            "cannot make {}",
            folder.display()
        )))?;
        let lock = lock(folder)?;
        let path = folder.join(FILE);
        let states = load(&path)?;
        let file = rewrite(&path, &states)
            .map_err(GatewayError::io(format!("cannot write {}", path.display())))?;
        let (sender, receiver) = mpsc::channel();
        let mut writer = Writer {
            path,
            file,
            lines: 0,
            states: states.clone(),
            _lock: lock,
        };
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(GatewayError::io("cannot start the ledger's thread"))?;
        let log = Self {
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        };
        Ok((log, states))
    }

    /// Writes what is queued, then lets go of the folder. Later changes are refused.
    pub(crate) fn close(&self) {
        drop(lock_mutex(&self.sender).take());
        if let Some(thread) = lock_mutex(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the ledger's thread failed");
        }
    }

    /// Queues changes in the order of the calls; the answer comes when they are on the disk.
    pub(crate) fn append(
        &self,
        scope: &str,
        changes: Vec<Change>,
    ) -> oneshot::Receiver<Result<(), String>> {
        let (done, written) = oneshot::channel();
        let entry = Entry {
            scope: scope.to_owned(),
            changes,
            done,
        };
        let refused = match lock_mutex(&self.sender).as_ref() {
            Some(sender) => sender.send(entry).err().map(|mpsc::SendError(entry)| entry),
            None => Some(entry),
        };
        if let Some(entry) = refused {
            // Nobody may wait for the answer any more.
            let _ = entry.done.send(Err("the ledger is closed".to_owned()));
        }
        written
    }
}

fn lock_mutex<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

fn lock(folder: &Path) -> Result<File, GatewayError> {
    let path = folder.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(GatewayError::io(format!("cannot open {}", path.display())))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(
        |_| {
            GatewayError::Ledger(format!(
                "another gateway uses {}: stop it first",
                folder.display()
            ))
        },
    )?;
    Ok(file)
}

fn load(path: &Path) -> Result<BTreeMap<String, State>, GatewayError> {
    let text = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            return Err(GatewayError::io(format!("cannot read {}", path.display()))(
                error,
            ));
        }
    };
    let mut states = BTreeMap::new();
    let mut lines = text.split(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        // What follows the last line feed was never acknowledged: a crash cut it off.
        if lines.peek().is_none() {
            break;
        }
        let line: Line = serde_json::from_slice(line).map_err(|error| {
            GatewayError::Ledger(format!(
                "{} is damaged in line {}: {error}",
                path.display(),
                number + 1
            ))
        })?;
        apply(&mut states, line.scope, line.change.change);
    }
    Ok(states)
}

fn apply(states: &mut BTreeMap<String, State>, scope: String, change: Change) {
    if matches!(change, Change::Gone) {
        states.remove(&scope);
    } else {
        states.entry(scope).or_default().apply(change);
    }
}

/// Writes the shortest file that says the same and puts it in the old one's place.
fn rewrite(path: &Path, states: &BTreeMap<String, State>) -> std::io::Result<File> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    let mut text = Vec::new();
    for (scope, state) in states {
        for change in state.changes() {
            write_line(&mut text, scope, change)?;
        }
    }
    file.write_all(&text)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

fn write_line(out: &mut Vec<u8>, scope: &str, change: Change) -> std::io::Result<()> {
    serde_json::to_writer(
        &mut *out,
        &Line {
            scope: scope.to_owned(),
            change: Wrapped { change },
        },
    )?;
    out.push(b'\n');
    Ok(())
}

struct Writer {
    path: PathBuf,
    file: File,
    lines: usize,
    /// The writer's own reading of the file, so that it can shorten it without asking anybody.
    states: BTreeMap<String, State>,
    /// Keeps a second gateway out of the folder.
    _lock: File,
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
    }
}

impl Writer {
    fn run(&mut self, receiver: &mpsc::Receiver<Entry>) {
        while let Ok(first) = receiver.recv() {
            let mut batch = vec![first];
            batch.extend(receiver.try_iter().take(255));
            let result = self.write(&batch).map_err(|error| error.to_string());
            for entry in batch {
                let _ = entry.done.send(result.clone());
            }
        }
    }

    fn write(&mut self, batch: &[Entry]) -> std::io::Result<()> {
        let mut text = Vec::new();
        for entry in batch {
            for change in &entry.changes {
                write_line(&mut text, &entry.scope, change.clone())?;
                self.lines += 1;
            }
        }
        let before = self.file.metadata()?.len();
        if let Err(error) = self
            .file
            .write_all(&text)
            .and_then(|()| self.file.sync_data())
        {
            // A torn line in the middle of the file would make it unreadable.
            use std::io::Seek;
            self.file.set_len(before)?;
            self.file.seek(std::io::SeekFrom::End(0))?;
            return Err(error);
        }
        for entry in batch {
            for change in &entry.changes {
                apply(&mut self.states, entry.scope.clone(), change.clone());
            }
        }
        if self.lines > SMALL {
            match rewrite(&self.path, &self.states) {
                Ok(file) => (self.file, self.lines) = (file, 0),
                Err(error) => tracing::warn!(%error, "the ledger could not be shortened"),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Network;

    fn network(name: &str) -> Change {
        Change::Network(Network {
            real: format!("{name}.x"),
            id: None,
            name: name.to_owned(),
            bridge: String::new(),
        })
    }

    async fn append(log: &Log, scope: &str, change: Change) {
        log.append(scope, vec![change])
            .await
            .expect("the writer answers")
            .expect("it is written");
    }

    #[tokio::test]
    async fn what_was_written_is_there_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, states) = Log::open(folder.path()).expect("a new ledger");
        assert!(states.is_empty());
        append(&log, "one", network("a")).await;
        append(&log, "two", network("b")).await;
        append(&log, "two", Change::Gone).await;
        drop(log);
        let (_log, states) = Log::open(folder.path()).expect("the ledger again");
        assert_eq!(states.keys().collect::<Vec<_>>(), ["one"]);
        assert!(states["one"].networks.contains_key("a.x"));
    }

    #[tokio::test]
    async fn a_torn_last_line_is_forgotten_and_a_damaged_one_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, _) = Log::open(folder.path()).expect("a new ledger");
        append(&log, "one", network("a")).await;
        drop(log);
        let path = folder.path().join(FILE);
        let mut text = std::fs::read(&path).expect("the file");
        text.extend_from_slice(b"{\"scope\":\"one\",\"chan");
        std::fs::write(&path, &text).expect("torn");
        let (log, states) = Log::open(folder.path()).expect("readable");
        assert_eq!(states["one"].networks.len(), 1);
        drop(log);
        text.extend_from_slice(b"\n{}\n");
        std::fs::write(&path, &text).expect("damaged");
        let error = Log::open(folder.path())
            .err()
            .expect("damage is an error")
            .to_string();
        assert!(error.contains("line"), "{error}");
    }

    #[test]
    fn a_second_gateway_is_kept_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let _first = Log::open(folder.path()).expect("the first");
        assert!(Log::open(folder.path()).is_err());
    }
}
