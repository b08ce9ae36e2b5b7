//! Watches how much the containers of one room write to the disk. The engine has no limit for it on most storage
//! drivers, and a build that fills the disk would take every other check with it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::{KillContainerOptions, ListContainersOptionsBuilder};
use gateway::Scope;
use tokio::time::timeout;

use crate::sandbox::engine::Engine;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// The longest that a look may take.
const ANSWER: Duration = Duration::from_secs(20);

/// Files of one volume that are counted; what is beyond is no exercise's work.
const MOST_FILES: usize = 200_000;

/// Watches until it is dropped.
pub(in crate::cli) struct Guard {
    docker: Docker,
    network: String,
    local: bool,
    most: u64,
    fired: AtomicBool,
}

impl Guard {
    pub(super) fn new(engine: &Engine, scope: &Scope, most: u64) -> Guard {
        Guard {
            docker: engine.docker.clone(),
            network: scope.network_id(),
            local: engine.is_local_root(),
            most,
            fired: AtomicBool::new(false),
        }
    }

    /// Whether something was killed because it wrote too much.
    pub(in crate::cli) fn has_fired(&self) -> bool {
        self.fired.load(Ordering::Relaxed)
    }

    /// Looks again and again; never returns.
    pub(in crate::cli) async fn watch(&self) {
        // What a step wrote stays in its image when the step's container is gone, so it is counted on.
        let mut written: HashMap<String, u64> = HashMap::new();
        loop {
            tokio::time::sleep(LOOK).await;
            // A look that fails says nothing; the check itself says what is wrong with the engine.
            let _ = timeout(ANSWER, self.look(&mut written)).await;
        }
    }

    async fn look(&self, written: &mut HashMap<String, u64>) -> Result<(), bollard::errors::Error> {
        // A build's containers carry no label, but they are on the scope's network.
        let filters = HashMap::from([("network".to_owned(), vec![self.network.clone()])]);
        let options = ListContainersOptionsBuilder::new()
            .size(true)
            .filters(&filters)
            .build();
        let running = self.docker.list_containers(Some(options)).await?;
        for container in &running {
            let Some(id) = &container.id else { continue };
            let mut bytes = u64::try_from(container.size_rw.unwrap_or(0)).unwrap_or(0);
            for mount in container.mounts.iter().flatten().filter(|_| self.local) {
                if let (Some(_), Some(source)) = (&mount.name, &mount.source) {
                    bytes += size_of(Path::new(source).to_owned()).await;
                }
            }
            let known = written.entry(id.clone()).or_default();
            *known = bytes.max(*known);
        }
        if written.values().sum::<u64>() > self.most {
            self.fired.store(true, Ordering::Relaxed);
            for id in running.iter().filter_map(|container| container.id.as_ref()) {
                let killed = self.docker.kill_container(id, None::<KillContainerOptions>);
                // It may have ended by itself meanwhile.
                let _ = killed.await;
            }
        }
        Ok(())
    }
}

/// How much the files below a folder take on the disk.
async fn size_of(folder: std::path::PathBuf) -> u64 {
    tokio::task::spawn_blocking(move || disk_usage(&folder))
        .await
        .unwrap_or(0)
}

fn disk_usage(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let mut waiting = vec![folder.to_owned()];
    let (mut bytes, mut files) = (0, 0);
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            files += 1;
            if files > MOST_FILES {
                return u64::MAX / 2;
            }
            // Links are not followed.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            bytes += metadata.blocks() * 512;
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/file"), vec![1; 1 << 20]).unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("link")).unwrap();
        let bytes = disk_usage(folder.path());
        assert!((1 << 20..2 << 20).contains(&bytes), "{bytes}");
    }
}
