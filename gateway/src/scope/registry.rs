//! A scope's part of the course's registry: opened when it is needed first, emptied with the scope.

use super::{Inner, lock};
use crate::error::Fault;
use crate::registry::store::Store;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Inner {
    /// Where the scope's part of the course's registry lies.
    pub(crate) fn registry_folder(&self) -> PathBuf {
        self.shared.folder.join("registry").join(&self.name)
    }

    /// Works with the scope's part of the course's registry; for a thread that may wait.
    pub(crate) fn with_registry<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut registry = lock(&self.registry);
        let store = match registry.take() {
            Some(store) => store,
            None => Store::open(&self.registry_folder().join("store")).map_err(|error| {
                tracing::error!(scope = self.name, %error, "the scope's registry cannot be opened");
                Fault::internal("the registry's files cannot be used just now (is the disk full?)")
            })?,
        };
        let store = registry.insert(store);
        let done = work(store);
        self.registry_bytes.store(store.used(), Ordering::Relaxed);
        done
    }

    /// Bytes in the scope's part of the course's registry.
    pub(crate) fn registry_used(&self) -> u64 {
        // While a layer is being stored, the number of before is told: nobody waits for this.
        let idle = self.registry.try_lock().is_ok();
        if idle && self.registry_folder().join("store").exists() {
            return self.with_registry(|store| Ok(store.used())).unwrap_or(0);
        }
        self.registry_bytes.load(Ordering::Relaxed)
    }

    /// Empties the scope's part of the course's registry; its account stays unless `all` goes.
    pub(crate) async fn clear_registry(self: &Arc<Self>, all: bool) -> Result<(), Fault> {
        let scope = self.clone();
        let work = move || {
            let mut registry = lock(&scope.registry);
            registry.take();
            scope.registry_bytes.store(0, Ordering::Relaxed);
            let mut folder = scope.registry_folder();
            if !all {
                folder.push("store");
            }
            match std::fs::remove_dir_all(folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::internal(
                    format!("the registry cannot be emptied: {error}"),
                )),
                _ => Ok(()),
            }
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| Fault::internal(error.to_string()))?
    }
}
