//! A scope's part of the course's registry: blobs by their digest, and an index of tags, in a folder of its own.
//!
//! Nothing that a client wrote becomes a path: repositories and tags are keys of the index, blobs have their hash for a
//! name. Blobs are not shared between scopes, so that nobody learns from "Layer already exists" what others have.

use super::manifest::{self, Manifest};
use crate::error::Fault;
use crate::names;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The registry of one scope.
pub(crate) struct Store {
    folder: PathBuf,
    index: Index,
    /// Bytes of all blobs.
    used: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    repositories: BTreeMap<String, Repository>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Repository {
    /// The digest of each tag's manifest.
    tags: BTreeMap<String, String>,
    /// All manifests that were pushed here.
    manifests: BTreeSet<String>,
}

impl Store {
    /// Opens the registry in a folder, which need not exist, and removes what an unfinished push has left.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder.join("blobs"))?;
        let index = match std::fs::read(folder.join("index.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Index::default(),
            Err(error) => return Err(error),
        };
        let mut store = Self {
            folder: folder.to_owned(),
            index,
            used: 0,
        };
        store.collect()?;
        Ok(store)
    }

    /// Bytes of all blobs.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    pub(crate) fn has(&self, digest: &str) -> bool {
        self.path(digest).is_some_and(|path| path.exists())
    }

    /// Takes in a blob; what is there already costs nothing.
    pub(crate) fn put(
        &mut self,
        digest: &str,
        file: &mut File,
        size: u64,
        most: u64,
    ) -> Result<(), Fault> {
        if self.has(digest) {
            return Ok(());
        }
        self.make_room(size, most)?;
        let path = self
            .path(digest)
            .ok_or_else(|| Fault::bad("invalid digest"))?;
        let aside = path.with_extension(format!("new-{}", names::random(8)));
        let written = file.rewind().and_then(|()| copy(file, &aside));
        match written {
            Ok((length, hash)) if length == size && hash == digest => {}
            Ok(_) => {
                let _ = std::fs::remove_file(&aside);
                return Err(Fault::bad(
                    "digest invalid: provided digest did not match uploaded content",
                ));
            }
            Err(error) => {
                let _ = std::fs::remove_file(&aside);
                return Err(trouble(&error));
            }
        }
        std::fs::rename(&aside, &path).map_err(|error| trouble(&error))?;
        self.used += size;
        Ok(())
    }

    /// Puts a manifest under a tag. All of its blobs must be here.
    pub(crate) fn tag(
        &mut self,
        repository: &str,
        tag: &str,
        bytes: &[u8],
        most: u64,
    ) -> Result<(), Fault> {
        let Manifest::Image { config, layers } = manifest::read(bytes, "", u64::MAX)? else {
            return Err(Fault::bad("manifest invalid: a list"));
        };
        if !std::iter::once(&config)
            .chain(&layers)
            .all(|blob| self.has(&blob.digest))
        {
            return Err(Fault::bad(
                "manifest blob unknown: blob unknown to registry",
            ));
        }
        let digest = manifest::digest(bytes);
        let mut file = tempfile(bytes, &self.folder).map_err(|error| trouble(&error))?;
        self.put(&digest, &mut file, bytes.len() as u64, most)?;
        let entry = self
            .index
            .repositories
            .entry(repository.to_owned())
            .or_default();
        entry.manifests.insert(digest.clone());
        entry.tags.insert(tag.to_owned(), digest);
        self.write().map_err(|error| trouble(&error))
    }

    /// The manifest of a tag, or of a digest that was pushed to this repository.
    pub(crate) fn manifest(&self, repository: &str, reference: &str) -> Result<Vec<u8>, Fault> {
        let unknown = || {
            Fault::missing(format!(
                "manifest unknown: {reference} is not in {repository}"
            ))
        };
        let entry = self
            .index
            .repositories
            .get(repository)
            .ok_or_else(super::denied)?;
        let digest = match entry.tags.get(reference) {
            Some(digest) => digest,
            None => entry.manifests.get(reference).ok_or_else(unknown)?,
        };
        let path = self.path(digest).ok_or_else(unknown)?;
        std::fs::read(path).map_err(|error| trouble(&error))
    }

    /// A blob's file.
    pub(crate) fn blob(&self, digest: &str, size: u64) -> Result<File, Fault> {
        let unknown = || Fault::missing("blob unknown to registry");
        let file = File::open(self.path(digest).ok_or_else(unknown)?).map_err(|_| unknown())?;
        let length = file.metadata().map_err(|error| trouble(&error))?.len();
        if length == size {
            Ok(file)
        } else {
            Err(unknown())
        }
    }

    /// Where room is short, what only old manifests have goes first.
    fn make_room(&mut self, size: u64, most: u64) -> Result<(), Fault> {
        if self.used.saturating_add(size) <= most {
            return Ok(());
        }
        for repository in self.index.repositories.values_mut() {
            let tagged: BTreeSet<String> = repository.tags.values().cloned().collect();
            repository
                .manifests
                .retain(|digest| tagged.contains(digest));
        }
        // Blobs of the push that is under way are in no manifest yet; they were put in the last minutes.
        self.write()
            .and_then(|()| self.collect_older())
            .map_err(|error| trouble(&error))?;
        if self.used.saturating_add(size) <= most {
            return Ok(());
        }
        Err(Fault::refused(format!(
            "your part of the registry may hold {} MiB, holds {} MiB, and this layer has {} MiB more: \
             push a smaller image, push over a tag that you need no more, or reset the sandbox",
            most >> 20,
            self.used >> 20,
            size.div_ceil(1 << 20)
        ))
        .by("limit"))
    }

    /// Removes every blob that no manifest names, and counts the rest.
    fn collect(&mut self) -> io::Result<()> {
        self.sweep(std::time::Duration::ZERO)
    }

    fn collect_older(&mut self) -> io::Result<()> {
        self.sweep(std::time::Duration::from_secs(600))
    }

    fn sweep(&mut self, age: std::time::Duration) -> io::Result<()> {
        let mut named = BTreeSet::new();
        for digest in self
            .index
            .repositories
            .values()
            .flat_map(|repository| &repository.manifests)
        {
            named.insert(digest.clone());
            let bytes = self
                .path(digest)
                .map(std::fs::read)
                .transpose()?
                .unwrap_or_default();
            if let Ok(Manifest::Image { config, layers }) = manifest::read(&bytes, "", u64::MAX) {
                named.extend(
                    std::iter::once(config)
                        .chain(layers)
                        .map(|blob| blob.digest),
                );
            }
        }
        self.used = 0;
        for entry in std::fs::read_dir(self.folder.join("blobs"))? {
            let entry = entry?;
            let digest = format!("sha256:{}", entry.file_name().to_string_lossy());
            let data = entry.metadata()?;
            let young = data.modified()?.elapsed().is_ok_and(|since| since < age);
            if named.contains(&digest) || young {
                self.used += data.len();
            } else {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn path(&self, digest: &str) -> Option<PathBuf> {
        let hex = digest.strip_prefix("sha256:")?;
        manifest::is_digest(digest).then(|| self.folder.join("blobs").join(hex))
    }

    fn write(&self) -> io::Result<()> {
        let aside = self.folder.join("index.new");
        let mut file = File::create(&aside)?;
        file.write_all(&serde_json::to_vec(&self.index)?)?;
        file.sync_all()?;
        std::fs::rename(&aside, self.folder.join("index.json"))?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Copies into a fresh file, which is on the disk then; gives its length and digest.
fn copy(from: &mut impl Read, to: &Path) -> io::Result<(u64, String)> {
    let mut file = File::create(to)?;
    let (mut hasher, mut length, mut buffer) = (Sha256::new(), 0u64, vec![0u8; 128 << 10]);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        file.write_all(&buffer[..count])?;
        length += count as u64;
    }
    file.sync_all()?;
    let hex: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok((length, format!("sha256:{hex}")))
}

fn tempfile(bytes: &[u8], folder: &Path) -> io::Result<File> {
    let mut file = crate::api::build::spool::nameless(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn trouble(error: &io::Error) -> Fault {
    tracing::error!(%error, "the course's registry cannot be used");
    Fault::internal("the registry's files cannot be used just now (is the disk full?)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::manifest::Blob;

    fn put(store: &mut Store, folder: &Path, bytes: &[u8], most: u64) -> Result<Blob, Fault> {
        let digest = manifest::digest(bytes);
        let mut file = tempfile(bytes, folder).expect("a file");
        store.put(&digest, &mut file, bytes.len() as u64, most)?;
        Ok(Blob {
            digest,
            size: bytes.len() as u64,
        })
    }

    #[test]
    fn what_was_pushed_is_there_after_a_restart_and_what_was_not_finished_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(folder.path()).expect("a store");
        let most = 1 << 20;
        let config = put(&mut store, folder.path(), b"config", most).expect("room");
        let layer = put(&mut store, folder.path(), b"layer", most).expect("room");
        let bytes = manifest::write(&config, std::slice::from_ref(&layer));
        store
            .tag("learner/board", "1", &bytes, most)
            .expect("tagged");
        let lost = put(&mut store, folder.path(), b"a push that broke off", most).expect("room");
        let used = store.used();
        drop(store);
        let store = Store::open(folder.path()).expect("again");
        assert_eq!(store.manifest("learner/board", "1").expect("there"), bytes);
        assert_eq!(
            store
                .manifest("learner/board", &manifest::digest(&bytes))
                .expect("there"),
            bytes
        );
        assert!(
            store.blob(&layer.digest, layer.size).is_ok() && store.blob(&layer.digest, 1).is_err()
        );
        assert!(!store.has(&lost.digest));
        assert_eq!(store.used(), used - lost.size);
        // Names that could be paths are only keys.
        for (repository, reference) in [
            ("learner/board", "../1"),
            ("learner/../../board", "1"),
            ("learner/board", "2"),
        ] {
            assert!(store.manifest(repository, reference).is_err());
        }
        assert!(
            !store.has("sha256:../index.json") && !store.has(&format!("sha256:{}", "A".repeat(64)))
        );
    }

    #[test]
    fn bytes_count_and_what_is_not_whole_does_not_come_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(folder.path()).expect("a store");
        let config = put(&mut store, folder.path(), b"config", 1000).expect("room");
        let refused = put(&mut store, folder.path(), &[0; 1000], 1000).expect_err("no room");
        assert!(
            refused.rule == "limit" && refused.message.contains("may hold"),
            "{}",
            refused.message
        );
        let layer = put(&mut store, folder.path(), &[1; 900], 1000).expect("room");
        assert!(
            put(&mut store, folder.path(), &[1; 900], 1000).is_ok(),
            "what is there costs nothing"
        );
        let missing = Blob {
            digest: manifest::digest(b"elsewhere"),
            size: 9,
        };
        let bytes = manifest::write(&config, &[missing]);
        assert!(
            store.tag("learner/a", "1", &bytes, 10_000).is_err(),
            "a blob is missing"
        );
        let bytes = manifest::write(&config, &[layer]);
        assert!(
            store.tag("learner/a", "1", &bytes, 1000).is_err(),
            "manifests count too"
        );
        let mut file = tempfile(b"other", folder.path()).expect("a file");
        let wrong = store.put(&manifest::digest(b"words"), &mut file, 5, 10_000);
        assert!(wrong.is_err(), "a digest that is not that of the content");
        assert_eq!(store.used(), 906);
    }
}
