//! The log's files: JSON lines, bounded in size and number. Requests never wait for the disk.

use super::Entry;
use crate::error::GatewayError;
use crate::scope::lock;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

/// A file that has grown to this size is put aside, in bytes.
const LARGEST: u64 = 8 << 20;
/// How many files there are at most, the one that is written to among them.
const FILES: usize = 5;
/// Lines that may wait for the disk; more are counted and dropped.
const WAITING: usize = 4096;

/// The writing end of the log.
pub(crate) struct AuditLog {
    sender: Mutex<Option<mpsc::SyncSender<Entry>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    dropped: Arc<AtomicU64>,
}

impl AuditLog {
    /// Opens the log of a folder; `each` gets every line that is there, oldest first.
    pub(crate) fn open(folder: &Path, each: impl FnMut(&Entry)) -> Result<Self, GatewayError> {
        Self::with_size(folder, LARGEST, each)
    }

    fn with_size(
        folder: &Path,
        largest: u64,
        mut each: impl FnMut(&Entry),
    ) -> Result<Self, GatewayError> {
        for number in (0..FILES).rev() {
            read(&path(folder, number), &mut each);
        }
        let problem = || format!("cannot write the audit log in {}", folder.display());
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let mut writer = Writer::open(folder, largest).map_err(GatewayError::io(problem()))?;
        let lost = dropped.clone();
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run(&receiver, &lost))
            .map_err(GatewayError::io(problem()))?;
        Ok(Self {
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            dropped,
        })
    }

    /// Queues a line; one for which there is no room is counted, and the count is written when there is room again.
    pub(crate) fn write(&self, entry: Entry) {
        if let Some(sender) = lock(&self.sender).as_ref()
            && sender.try_send(entry).is_err()
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what is queued and ends.
    pub(crate) fn close(&self) {
        drop(lock(&self.sender).take());
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the audit log's thread failed");
        }
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        self.close();
    }
}

/// The current file is number 0, older ones count up.
fn path(folder: &Path, number: usize) -> PathBuf {
    folder.join(match number {
        0 => "audit.jsonl".to_owned(),
        number => format!("audit.{number}.jsonl"),
    })
}

/// Reads the lines of a file; what is cut off or damaged is passed over, because the log decides nothing.
fn read(path: &Path, each: &mut impl FnMut(&Entry)) {
    let Ok(file) = File::open(path) else { return };
    for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
        if let Ok(entry) = serde_json::from_slice(&line) {
            each(&entry);
        }
    }
}

struct Writer {
    folder: PathBuf,
    largest: u64,
    file: BufWriter<File>,
    size: u64,
}

impl Writer {
    fn open(folder: &Path, largest: u64) -> std::io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path(folder, 0))?;
        let size = file.metadata()?.len();
        if size > 0 {
            // A line that a crash cut off must not spoil the next one; an empty line is passed over.
            file.write_all(b"\n")?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            largest,
            file: BufWriter::new(file),
            size,
        })
    }

    fn run(&mut self, receiver: &mpsc::Receiver<Entry>, dropped: &AtomicU64) {
        while let Ok(first) = receiver.recv() {
            let batch = std::iter::once(first).chain(receiver.try_iter().take(WAITING));
            let lines: Vec<Entry> = batch.collect();
            let lost = dropped.swap(0, Ordering::Relaxed);
            if let Err(error) = self.write(&lines, lost) {
                dropped.fetch_add(lost + lines.len() as u64, Ordering::Relaxed);
                tracing::warn!(%error, "the audit log could not be written");
            }
        }
    }

    fn write(&mut self, lines: &[Entry], lost: u64) -> std::io::Result<()> {
        let mut text = Vec::new();
        for entry in lines {
            serde_json::to_writer(&mut text, entry)?;
            text.push(b'\n');
        }
        if lost > 0 {
            tracing::warn!(lost, "lines of the audit log were dropped");
            let line = serde_json::json!({ "at_ms": super::now_ms(), "dropped": lost });
            text.extend_from_slice(format!("{line}\n").as_bytes());
        }
        if self.size > 0 && self.size + text.len() as u64 > self.largest {
            self.rotate()?;
        }
        self.file.write_all(&text)?;
        self.size += text.len() as u64;
        self.file.flush()
    }

    fn rotate(&mut self) -> std::io::Result<()> {
        for number in (0..FILES - 1).rev() {
            match std::fs::rename(path(&self.folder, number), path(&self.folder, number + 1)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        *self = Self::open(&self.folder, self.largest)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Caller, Verdict};
    use super::*;

    fn entry(number: u64) -> Entry {
        Entry {
            at_ms: number,
            scope: "alice".to_owned(),
            by: Caller::Learner,
            method: "POST".to_owned(),
            path: "/containers/create".to_owned(),
            kind: "container create".to_owned(),
            object: "web".to_owned(),
            verdict: Verdict::Allowed,
            rule: String::new(),
            reason: String::new(),
            status: 201,
            ms: 1,
        }
    }

    fn numbers(folder: &Path, largest: u64) -> Vec<u64> {
        let mut seen = Vec::new();
        AuditLog::with_size(folder, largest, |entry| seen.push(entry.at_ms)).expect("a log");
        seen
    }

    #[test]
    fn files_are_bounded_in_size_and_number_and_read_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..100 {
            let log = AuditLog::with_size(folder.path(), 600, |_| ()).expect("a log");
            log.write(entry(number));
        }
        let files: Vec<_> = std::fs::read_dir(folder.path())
            .expect("a folder")
            .collect();
        assert_eq!(files.len(), FILES);
        for file in files {
            let size = file.expect("a file").metadata().expect("its size").len();
            assert!(size < 900, "{size}");
        }
        let seen = numbers(folder.path(), 600);
        assert_eq!(seen.last(), Some(&99));
        assert!(
            seen.len() > 5 && seen.windows(2).all(|two| two[0] + 1 == two[1]),
            "{seen:?}"
        );
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(path(folder.path(), 0), "{\"at_ms\":1,\"sco").expect("torn");
        let log = AuditLog::open(folder.path(), |_| ()).expect("a log");
        log.write(entry(2));
        drop(log);
        assert_eq!(numbers(folder.path(), LARGEST), [2]);
    }

    #[test]
    fn what_finds_no_room_is_counted_and_nobody_waits() {
        let folder = tempfile::tempdir().expect("a folder");
        let (sender, receiver) = mpsc::sync_channel(2);
        let dropped = Arc::new(AtomicU64::new(0));
        let log = AuditLog {
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(None),
            dropped: dropped.clone(),
        };
        for number in 0..5 {
            log.write(entry(number));
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 3);
        log.close();
        let mut writer = Writer::open(folder.path(), LARGEST).expect("a file");
        writer.run(&receiver, &dropped);
        let text = std::fs::read_to_string(path(folder.path(), 0)).expect("the log");
        assert!(text.contains("\"dropped\":3"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }
}
