//! A scope's socket: accepts connections, reads HTTP/1, hands requests to `api`.

use crate::api;
use crate::audit::Caller;
use crate::error::GatewayError;
use crate::gateway::Access;
use crate::scope::Inner;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Connections that one scope may have open.
const CONNECTIONS: usize = 256;
/// How long a client may take for the head of a request; idle connections end by it too.
const HEAD: Duration = Duration::from_secs(120);

/// A socket that is served until this is dropped.
pub(crate) struct Listener {
    path: PathBuf,
    inode: u64,
    _stop: DropGuard,
}

impl Listener {
    /// Whether this socket is at the path and still the one that was bound there.
    pub(crate) fn serves(&self, path: &Path) -> bool {
        self.path == path && inode(path) == Some(self.inode)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if inode(&self.path) == Some(self.inode) {
            // The folder may be gone already, and then the socket is too.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Binds a scope's socket and serves it.
pub(crate) fn listen(
    scope: Arc<Inner>,
    path: &Path,
    caller: Caller,
    access: Access,
) -> Result<Listener, GatewayError> {
    let problem = || GatewayError::io(format!("cannot serve {}", path.display()));
    let socket = bind(path).map_err(problem())?;
    let mode = match access {
        Access::Everybody => 0o666,
        Access::Owner => 0o600,
    };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(problem())?;
    let stop = CancellationToken::new();
    let listener = Listener {
        path: path.to_owned(),
        inode: inode(path).unwrap_or(0),
        _stop: stop.clone().drop_guard(),
    };
    tokio::spawn(accept(scope, socket, caller, stop));
    Ok(listener)
}

/// Binds by way of the folder's descriptor, because a socket's address has room for 107 letters only.
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    let invalid = || std::io::Error::from(std::io::ErrorKind::InvalidInput);
    let folder = std::fs::File::open(path.parent().ok_or_else(invalid)?)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    UnixListener::bind(short.join(path.file_name().ok_or_else(invalid)?))
}

fn inode(path: &Path) -> Option<u64> {
    std::fs::symlink_metadata(path).ok().map(|data| data.ino())
}

async fn accept(scope: Arc<Inner>, socket: UnixListener, caller: Caller, stop: CancellationToken) {
    let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = socket.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files, most likely: other connections must end first.
                tracing::warn!(scope = scope.name, %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(permit) = room.clone().try_acquire_owned() else {
            continue; // Dropping the stream closes it: this scope has connections enough.
        };
        let (scope, stop) = (scope.clone(), stop.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let ended = stop.clone();
            let service = service_fn(move |request| {
                let (scope, stop) = (scope.clone(), ended.clone());
                async move { Ok::<_, Infallible>(api::handle(&scope, caller, stop, request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_headers(64)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::select! {
                () = stop.cancelled() => {}
                // A client that breaks off is no event worth a line.
                _ = connection => {}
            }
        });
    }
}
