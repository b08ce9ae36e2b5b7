//! Turns: several commands may check on one data folder at once, each with an instance and a ledger of its own.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// How many commands can check at once on one data folder. These letters never end an instance's id, so that no check
/// has the id of an installation.
const LETTERS: [char; 4] = ['0', '1', 'l', 'o'];

/// Sockets lie in the system's folder for temporary files, since their paths are short by law.
const PREFIX: &str = "docktutor-";

/// How often it is looked whether another command has given its turn back.
const LOOK: Duration = Duration::from_millis(300);

/// A turn; given back when dropped.
pub(in crate::cli) struct Turn {
    letter: char,
    folder: PathBuf,
    sockets: TempDir,
    /// Held as long as the ledger is ours; the last field, so that it is let go last.
    _lock: File,
}

/// The ids under which checks of an installation may have left something, when they were killed.
pub(in crate::cli) fn instances(instance: &str) -> impl Iterator<Item = String> {
    LETTERS
        .iter()
        .map(move |letter| with_letter(instance, *letter))
}

fn with_letter(instance: &str, letter: char) -> String {
    format!("{}{letter}", &instance[..instance.len() - 1])
}

impl Turn {
    /// Takes the first free turn and removes the files that a killed command has left in it. Waits where all are taken;
    /// nothing when `stop` is cancelled meanwhile.
    pub(in crate::cli) async fn take(
        data: &Path,
        stop: &CancellationToken,
    ) -> io::Result<Option<Turn>> {
        let mut said = false;
        loop {
            if let Some(turn) = Turn::free(data)? {
                return Ok(Some(turn));
            }
            if !said {
                eprintln!("Other checks are running; this one waits for its turn.");
                said = true;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return Ok(None),
            }
        }
    }

    fn free(data: &Path) -> io::Result<Option<Turn>> {
        for letter in LETTERS {
            let folder = data.join("check").join(letter.to_string());
            std::fs::create_dir_all(&folder)?;
            let lock = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(folder.join("lock"))?;
            match lock.try_lock() {
                Ok(()) => return Turn::begin(letter, folder, lock).map(Some),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    fn begin(letter: char, folder: PathBuf, lock: File) -> io::Result<Turn> {
        let note = folder.join("sockets");
        if let Ok(left) = std::fs::read_to_string(&note) {
            remove_sockets(Path::new(left.trim()));
        }
        remove_copies(&folder)?;
        std::fs::create_dir_all(folder.join("copies"))?;
        let sockets = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        std::fs::write(note, format!("{}\n", sockets.path().display()))?;
        Ok(Turn {
            letter,
            folder,
            sockets,
            _lock: lock,
        })
    }

    /// Tells this turn's objects on the engine from those of the others.
    pub(super) fn letter(&self) -> char {
        self.letter
    }

    /// The instance that everything on the engine is labelled with.
    pub(super) fn instance(&self, of: &str) -> String {
        with_letter(of, self.letter)
    }

    /// The gateway's folder.
    pub(super) fn ledger(&self) -> PathBuf {
        self.folder.join("gateway")
    }

    /// The folder for sockets.
    pub(super) fn sockets(&self) -> &Path {
        self.sockets.path()
    }

    /// A folder for copies of what is checked; emptied when the turn is over.
    pub(in crate::cli) fn copies(&self) -> PathBuf {
        self.folder.join("copies")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Err(error) = remove_copies(&self.folder) {
            tracing::warn!(%error, "copies of submissions could not be removed");
        }
        let _ = std::fs::remove_file(self.folder.join("sockets"));
    }
}

fn remove_copies(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder.join("copies")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the folder that the note of a killed command names, if it looks like one of ours.
fn remove_sockets(folder: &Path) {
    let named = folder
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let is_folder = std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    if named && is_folder && folder.parent() == Some(&std::env::temp_dir()) {
        let _ = std::fs::remove_dir_all(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commands_at_once_take_different_turns() {
        let data = tempfile::tempdir().unwrap();
        let mut taken: Vec<Turn> = LETTERS
            .iter()
            .map(|_| Turn::free(data.path()).unwrap().unwrap())
            .collect();
        let letters: Vec<char> = taken.iter().map(Turn::letter).collect();
        assert_eq!(letters, LETTERS);
        assert!(Turn::free(data.path()).unwrap().is_none());
        let stop = CancellationToken::new();
        stop.cancel();
        assert!(Turn::take(data.path(), &stop).await.unwrap().is_none());
        taken.remove(2);
        assert_eq!(
            Turn::free(data.path()).unwrap().unwrap().letter(),
            LETTERS[2]
        );
    }

    #[test]
    fn a_turn_begins_with_what_was_left_removed() {
        let data = tempfile::tempdir().unwrap();
        let turn = Turn::free(data.path()).unwrap().unwrap();
        let (sockets, copies) = (turn.sockets().to_owned(), turn.copies());
        std::fs::write(copies.join("secret"), "x").unwrap();
        // As after `kill -9`: nothing is dropped in order.
        let lock = turn._lock.try_clone().unwrap();
        std::mem::forget(turn);
        lock.unlock().unwrap();

        let next = Turn::free(data.path()).unwrap().unwrap();
        assert_eq!(next.letter(), LETTERS[0]);
        assert!(!sockets.exists() && next.sockets().exists());
        assert_eq!(std::fs::read_dir(next.copies()).unwrap().count(), 0);
        let copies = next.copies();
        drop(next);
        assert!(!copies.exists());
    }
}
