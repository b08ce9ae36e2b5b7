//! The folder that a learner works in: made from the starter, looked at, and put back without losing anything.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::course::CourseFile;

/// Files that are looked at; an exercise has few.
const MOST: usize = 5_000;

/// What a folder holds, by path: time of the last change, size, and number of the file, which a replaced file changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look(BTreeMap<PathBuf, (Option<SystemTime>, u64, u64)>);

impl Look {
    /// Looks at a folder. Links are not followed; hidden folders, such as those of git and of editors, are left out.
    pub(super) fn of(folder: &Path) -> Look {
        use std::os::unix::fs::MetadataExt as _;
        let mut look = Look::default();
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else {
                    continue;
                };
                let name = entry.file_name();
                let name = name.as_encoded_bytes();
                if metadata.is_dir() {
                    if !name.starts_with(b".") {
                        waiting.push(entry.path());
                    }
                } else if !is_editors(name) && look.0.len() < MOST {
                    let seen = (metadata.modified().ok(), metadata.len(), metadata.ino());
                    look.0.insert(entry.path(), seen);
                }
            }
        }
        look
    }
}

/// Files that editors keep beside what is edited.
fn is_editors(name: &[u8]) -> bool {
    name.ends_with(b"~")
        || name.ends_with(b".swp")
        || name.ends_with(b".swx")
        || name == b"4913"
        || name.starts_with(b".#")
}

/// The folder's name for an exercise: the last part of its id.
pub(super) fn folder_name(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Makes the folder, and puts the starter into it where it is empty. Nothing is ever overwritten.
pub(super) fn begin(folder: &Path, starter: &[CourseFile]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    if std::fs::read_dir(folder)?.next().is_none() {
        place(folder, starter)?;
    }
    Ok(())
}

fn place(folder: &Path, starter: &[CourseFile]) -> io::Result<()> {
    use std::io::Write as _;
    for (path, bytes) in starter {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = std::fs::File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Moves all that is in the folder into a new one beside it, and puts the starter in its place. Gives the new folder.
pub(super) fn reset(folder: &Path, starter: &[CourseFile]) -> io::Result<PathBuf> {
    let folder = std::path::absolute(folder)?;
    let mut number = 1;
    let aside = loop {
        let mut name = folder.clone().into_os_string();
        name.push(format!(".before-{number}"));
        match std::fs::create_dir(&name) {
            Ok(()) => break PathBuf::from(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    for entry in std::fs::read_dir(&folder)? {
        let entry = entry?;
        std::fs::rename(entry.path(), aside.join(entry.file_name()))?;
    }
    place(&folder, starter)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_or_overwritten() {
        let all = tempfile::tempdir().unwrap();
        let folder = all.path().join("one");
        let starter = vec![("app/Dockerfile".to_owned(), b"FROM x".to_vec())];
        begin(&folder, &starter).unwrap();
        std::fs::write(folder.join("app/Dockerfile"), "mine").unwrap();
        begin(&folder, &starter).unwrap();
        assert_eq!(
            std::fs::read(folder.join("app/Dockerfile")).unwrap(),
            b"mine"
        );
        let first = reset(&folder, &starter).unwrap();
        assert_eq!(
            std::fs::read(folder.join("app/Dockerfile")).unwrap(),
            b"FROM x"
        );
        assert_eq!(
            std::fs::read(first.join("app/Dockerfile")).unwrap(),
            b"mine"
        );
        assert_ne!(reset(&folder, &starter).unwrap(), first);
    }

    #[test]
    fn a_save_is_seen_however_the_editor_saves() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Dockerfile");
        std::fs::write(&file, "one").unwrap();
        let first = Look::of(folder.path());
        std::fs::write(folder.path().join(".Dockerfile.swp"), "x").unwrap();
        assert_eq!(Look::of(folder.path()), first);
        // Written aside and renamed, with the same size.
        std::fs::write(folder.path().join("new"), "two").unwrap();
        std::fs::rename(folder.path().join("new"), &file).unwrap();
        assert_ne!(Look::of(folder.path()), first);
    }
}
