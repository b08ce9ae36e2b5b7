//! What a check has started is removed: at its end, on an error, on the deadline, and when nobody waits for it any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bollard::Docker;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};

use super::{Engine, Fault, within};

/// The label of every container that a check makes.
pub(crate) const LABEL: (&str, &str) = ("docktutor.check", "1");

/// Removal has its own time, so that it also happens when the check's time is over.
const REMOVAL: Duration = Duration::from_secs(15);

/// A container of a check that is this old was left by a program that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// Knows the containers of one check by name. A name is noted before the engine is asked to make the container, so
/// that it is removed even where the answer never came.
pub(crate) struct Cleanup {
    docker: Docker,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Default)]
struct Noted {
    names: Vec<String>,
    /// The check is over; what is made from now on is removed by who made it.
    closed: bool,
}

impl Cleanup {
    pub(crate) fn new(docker: Docker) -> Cleanup {
        Cleanup {
            docker,
            noted: Arc::default(),
        }
    }

    /// Makes a container under a new name, which is the answer.
    ///
    /// The request goes on where nobody waits for it any more: if it were cut off, the engine could make the container
    /// after it was looked for to remove it.
    pub(crate) async fn create(
        &self,
        engine: &Engine,
        what: &str,
        body: ContainerCreateBody,
    ) -> Result<String, Fault> {
        let name = new_name(what);
        lock(&self.noted).names.push(name.clone());
        let (engine, noted) = (engine.clone(), Arc::clone(&self.noted));
        let making = tokio::spawn(async move {
            let options = CreateContainerOptionsBuilder::new().name(&name).build();
            let created = engine.docker.create_container(Some(options), body);
            let created = engine.call(created).await;
            let closed = lock(&noted).closed;
            if closed && created.is_ok() {
                remove(&engine.docker, &name).await;
            }
            created.map(|_| name)
        });
        making.await.unwrap_or_else(|error| {
            Err(Fault::Gone {
                why: error.to_string(),
            })
        })
    }

    /// Removes one container now.
    pub(crate) async fn remove(&self, name: &str) {
        remove(&self.docker, name).await;
        lock(&self.noted).names.retain(|known| known != name);
    }

    /// Removes all that is left. It stays noted until it is gone, so that this may be dropped in the middle, too.
    pub(crate) async fn finish(&self) {
        let names = lock(&self.noted).names.clone();
        futures_util::future::join_all(names.iter().map(|name| self.remove(name))).await;
    }
}

impl Drop for Cleanup {
    /// A check whose caller went away is dropped in the middle; what it made is removed in the background.
    fn drop(&mut self) {
        let names = {
            let mut noted = lock(&self.noted);
            noted.closed = true;
            std::mem::take(&mut noted.names)
        };
        if names.is_empty() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let docker = self.docker.clone();
            runtime.spawn(async move {
                for name in names {
                    remove(&docker, &name).await;
                }
            });
        }
    }
}

fn new_name(what: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() & 0xffff_ffff_ffff);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    format!("docktutor-check-{what}-{process:x}-{now:x}-{count:x}")
}

fn lock(noted: &Mutex<Noted>) -> std::sync::MutexGuard<'_, Noted> {
    noted
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn remove(docker: &Docker, name: &str) {
    let options = RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    if let Err(fault) = within(REMOVAL, docker.remove_container(name, Some(options))).await
        && !matches!(fault, Fault::Refused { status: 404, .. })
    {
        tracing::warn!(name, ?fault, "a check's container could not be removed");
    }
}

/// Removes what a killed program has left: containers of checks that are older than any check can be.
pub(crate) async fn sweep(engine: &Engine) {
    let label = format!("{}={}", LABEL.0, LABEL.1);
    let filters = HashMap::from([("label", vec![label.as_str()])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let Ok(containers) = engine
        .call(engine.docker.list_containers(Some(options)))
        .await
    else {
        return;
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    for container in containers {
        let created = container
            .created
            .and_then(|seconds| u64::try_from(seconds).ok())
            .unwrap_or(now);
        if now.saturating_sub(created) > LEFT_BEHIND.as_secs()
            && let Some(id) = container.id
        {
            remove(&engine.docker, &id).await;
        }
    }
}
