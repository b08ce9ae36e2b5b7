//! Registries: the course's own, which is in this process, and those that a learner runs in the scope and publishes.
//! The engine pushes and pulls nothing; it exports and loads archives, and the rest is done here.

pub(crate) mod account;
pub(crate) mod manifest;
pub(crate) mod remote;
pub(crate) mod store;

use crate::error::Fault;
use crate::scope::Inner;
use account::Credentials;
use hyper::StatusCode;
use remote::Remote;
use std::fs::File;
use std::sync::Arc;
use store::Store;

/// The name of the course's registry. The ending is reserved, so no such host can exist on the internet.
pub(crate) const COURSE: &str = "registry.test";

/// The namespace in it that a scope sees, which is also the account's name. Each scope has one of its own under it.
pub(crate) const NAMESPACE: &str = "learner";

/// A repository on a registry.
pub(crate) enum Target {
    /// In the course's registry, in this scope's namespace.
    Course {
        scope: Arc<Inner>,
        repository: String,
    },
    /// In a registry that runs in the scope.
    Remote(Remote),
}

/// The registry's address that a repository begins with, and the rest.
pub(crate) fn split(repository: &str) -> Option<(&str, &str)> {
    let (host, path) = repository.split_once('/')?;
    (host.contains(['.', ':']) || host == "localhost").then_some((host, path))
}

/// The port of a registry that the learner runs and publishes, if the address is of such a one.
pub(crate) fn local_port(host: &str) -> Option<u16> {
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    matches!(name, "localhost" | "127.0.0.1")
        .then(|| port.parse().ok())
        .flatten()
}

/// What nobody may read or write, and what is not there, is answered so.
pub(crate) fn denied() -> Fault {
    Fault::new(
        StatusCode::FORBIDDEN,
        "denied: requested access to the resource is denied",
    )
    .by("ownership")
}

impl Target {
    /// Where a repository is, if this scope may go there.
    pub(crate) fn of(
        scope: &Arc<Inner>,
        repository: &str,
        credentials: Option<Credentials>,
    ) -> Result<Self, Fault> {
        let elsewhere = || {
            let name = repository.rsplit('/').next().unwrap_or(repository);
            Fault::refused(format!(
                "{repository} is on a registry that cannot be reached from here. There is the course's registry \
                 ({COURSE}/{NAMESPACE}/{name}), and any that you run and publish (localhost:5000/{name})"
            ))
        };
        let (host, path) = split(repository).ok_or_else(elsewhere)?;
        if host == COURSE {
            let known = credentials.ok_or_else(|| {
                Fault::new(
                    StatusCode::FORBIDDEN,
                    format!("unauthorized: authentication required (docker login {COURSE})"),
                )
                .by("ownership")
            })?;
            // On 401 the command line would ask the person for a password in the middle of a push.
            account::check(scope, &known).map_err(|fault| Fault {
                status: StatusCode::FORBIDDEN,
                ..fault
            })?;
            if path
                .strip_prefix(NAMESPACE)
                .is_none_or(|rest| !rest.starts_with('/'))
            {
                return Err(denied());
            }
            return Ok(Self::Course {
                scope: scope.clone(),
                repository: path.to_owned(),
            });
        }
        let port = local_port(host).ok_or_else(elsewhere)?;
        Ok(Self::Remote(Remote::new(
            scope,
            host,
            port,
            path,
            credentials,
        )?))
    }

    /// Whether the registry has a blob.
    pub(crate) async fn has(&self, digest: &str) -> Result<bool, Fault> {
        match self {
            Self::Course { scope, .. } => {
                let digest = digest.to_owned();
                in_store(scope, move |store| Ok(store.has(&digest))).await
            }
            Self::Remote(remote) => remote.has(digest).await,
        }
    }

    /// Puts a blob there; its digest was computed here.
    pub(crate) async fn put(&self, digest: &str, mut file: File, size: u64) -> Result<(), Fault> {
        match self {
            Self::Course { scope, .. } => {
                let (digest, most) = (digest.to_owned(), scope.limits().registry);
                in_store(scope, move |store| {
                    store.put(&digest, &mut file, size, most)
                })
                .await
            }
            Self::Remote(remote) => remote.put(digest, file, size).await,
        }
    }

    /// Puts a manifest there under a tag.
    pub(crate) async fn tag(&self, tag: &str, manifest: Vec<u8>) -> Result<(), Fault> {
        match self {
            Self::Course { scope, repository } => {
                let (repository, tag) = (repository.clone(), tag.to_owned());
                let most = scope.limits().registry;
                in_store(scope, move |store| {
                    store.tag(&repository, &tag, &manifest, most)
                })
                .await
            }
            Self::Remote(remote) => remote.tag(tag, manifest).await,
        }
    }

    /// The manifest of a tag or a digest.
    pub(crate) async fn manifest(&self, reference: &str) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Course { scope, repository } => {
                let (repository, reference) = (repository.clone(), reference.to_owned());
                in_store(scope, move |store| store.manifest(&repository, &reference)).await
            }
            Self::Remote(remote) => remote.manifest(reference).await,
        }
    }

    /// A blob, of this size and with this digest.
    pub(crate) async fn blob(&self, digest: &str, size: u64) -> Result<File, Fault> {
        match self {
            Self::Course { scope, .. } => {
                let digest = digest.to_owned();
                in_store(scope, move |store| store.blob(&digest, size)).await
            }
            Self::Remote(remote) => remote.blob(digest, size).await,
        }
    }
}

/// Works with the scope's part of the course's registry, on a thread that may wait.
pub(crate) async fn in_store<T: Send + 'static>(
    scope: &Arc<Inner>,
    work: impl FnOnce(&mut Store) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let scope = scope.clone();
    tokio::task::spawn_blocking(move || scope.with_registry(work))
        .await
        .map_err(|error| Fault::internal(error.to_string()))?
}
