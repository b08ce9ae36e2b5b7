//! `docktutor serve`: the tutor in a browser, until Ctrl+C.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::USAGE;
use super::signals::Signals;
use super::token::local_token;
use crate::sandbox::{Sandboxes, Settings};
use crate::store::Store;
use crate::{data, web};

/// Less free space than this is called full: a saved file and the database must always fit.
const ROOM: u64 = 64 << 20;

/// Requests under way get this long to end after Ctrl+C.
const GRACE: Duration = Duration::from_secs(3);

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = listen_address)]
    listen: SocketAddr,
    /// Folder for progress, workspaces and images.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder or archive (.tar.gz) with `lessons` and `exercises`, instead of the course in the binary.
    #[arg(long)]
    course: Option<PathBuf>,
    /// Another name under which browsers reach this server; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Minutes without input after which a sandbox is stopped; its files are kept.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    idle_minutes: u64,
    /// Hours after which a sandbox is stopped whatever happens in it; its files and containers are kept, and the next key
    /// starts it again.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..))]
    max_hours: u64,
    /// A limit of each learner's sandbox, such as memory=512m, cpus=1.5, disk=2g, containers=5; may be given several times.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// Close the internet to learners' containers.
    #[arg(long)]
    no_internet: bool,
    /// Keep no sandbox ready in advance.
    #[arg(long)]
    no_spare: bool,
}

/// What each learner may use.
fn limits_of(args: &ServeArgs) -> Result<gateway::Limits, String> {
    let mut limits = super::gateway::limits::all(&args.limits)?;
    limits.internet &= !args.no_internet;
    limits.check().map_err(|error| error.to_string())?;
    Ok(limits)
}

/// An address as people write it: `127.0.0.1:8080`, `localhost:8080`, or a port alone, which means this machine only.
pub(super) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let port = text
        .strip_prefix("localhost:")
        .or_else(|| text.strip_prefix(':'))
        .unwrap_or(text);
    if let Ok(port) = port.parse() {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    text.parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:8080".to_owned())
}

/// Serves until Ctrl+C or SIGTERM, then stops everything that was started. A second Ctrl+C ends at once.
pub async fn run(args: ServeArgs) -> anyhow::Result<u8> {
    start_log();
    let course = match super::find::course(args.course.as_deref()) {
        Ok(course) => course,
        Err(message) => {
            eprintln!("docktutor: {message}");
            return Ok(USAGE);
        }
    };
    let limits = match limits_of(&args) {
        Ok(limits) => limits,
        Err(message) => {
            eprintln!("docktutor: {message}");
            return Ok(USAGE);
        }
    };
    let folder = data::folder(args.data.clone());
    let _lock = open_data(&folder)?;
    let listener = bind(args.listen).await?;
    let store = Store::open(&folder).await?;
    let instance = data::instance_id(&folder).context("cannot name this installation")?;
    let token = local_token(&folder).context("cannot read or make the token")?;
    let you = store.add_learner("you", &token).await?;

    // From here on things are started that must be stopped again.
    let mut signals = Signals::catch().context("cannot catch signals")?;
    let shutdown = CancellationToken::new();
    let settings = Settings {
        idle: Duration::from_secs(args.idle_minutes * 60),
        spare: !args.no_spare,
        max_age: Some(Duration::from_secs(args.max_hours * 3600)),
        limits,
    };
    let sandboxes = Sandboxes::with(folder, store.clone(), instance, settings);
    let news = sandboxes.watch(you.id);
    let ground = tokio::spawn({
        let (sandboxes, shutdown) = (sandboxes.clone(), shutdown.clone());
        async move { sandboxes.run(shutdown).await }
    });
    let address = listener.local_addr()?;
    print_line(&format!(
        "Docktutor is ready: http://{address}/enter?token={token}"
    ));
    print_line("Press Ctrl+C to stop it. Files, progress and containers are kept.");
    let progress = tokio::spawn(super::progress::show(
        news,
        sandboxes.status(you.id),
        shutdown.clone(),
    ));

    let parts = web::Parts {
        store: store.clone(),
        sandboxes: sandboxes.clone(),
        course,
        hosts: args.hosts,
    };
    let mut server = tokio::spawn(web::serve(listener, parts, shutdown.clone()));
    let served = tokio::select! {
        () = signals.wait() => Ok(()),
        ended = &mut server => ended?,
    };
    shutdown.cancel();
    print_line("Stopping. Press Ctrl+C again to leave at once.");
    tokio::select! {
        () = stop(server, ground, progress, &sandboxes, &store) => {}
        () = signals.wait() => {}
    }
    served.context("the server failed")?;
    Ok(0)
}

async fn stop(
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    ground: tokio::task::JoinHandle<()>,
    progress: tokio::task::JoinHandle<()>,
    sandboxes: &Sandboxes,
    store: &Store,
) {
    let _ = tokio::time::timeout(GRACE, server).await;
    let _ = progress.await;
    let _ = ground.await;
    sandboxes.shutdown().await;
    store.close().await;
}

/// Makes the folder where it is missing, private to its owner, and holds it: two servers on one folder would
/// fight over sockets and sandboxes.
fn open_data(folder: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    if !folder.exists() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| {
                format!(
                    "cannot make the data folder {}; name another one with --data",
                    folder.display()
                )
            })?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    if let Some(full) = data::too_full(folder, ROOM) {
        bail!("{full} Make room, or name another folder with --data.");
    }
    let path = folder.join("lock");
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| {
            format!(
                "cannot write to the data folder {}; name another one with --data",
                folder.display()
            )
        })?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => bail!(
            "another docktutor is using the data folder {}; stop it, or name another folder with --data",
            folder.display()
        ),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {} of {} is taken by another program; stop it, or choose another port with --listen {}:{}",
            address.port(),
            address.ip(),
            address.ip(),
            address.port().wrapping_add(1).max(1024),
        ),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => bail!(
            "you may not listen on port {}; choose one above 1023 with --listen {}:8080",
            address.port(),
            address.ip(),
        ),
        Err(error) => Err(error).with_context(|| {
            format!("cannot listen on {address}; choose an address of this machine with --listen")
        }),
    }
}

/// Warnings and errors, unless `RUST_LOG` says otherwise; to stderr, so that the address stays alone on stdout.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// The terminal may be gone by now, and that must not end the stopping.
fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        let here: SocketAddr = "127.0.0.1:9000".parse().unwrap();
        for text in ["127.0.0.1:9000", "localhost:9000", ":9000", "9000"] {
            assert_eq!(listen_address(text), Ok(here), "{text}");
        }
        assert_eq!(listen_address("[::1]:80").unwrap().to_string(), "[::1]:80");
        for text in ["", "localhost", "127.0.0.1", "70000", "example.org:80"] {
            let error = listen_address(text).unwrap_err();
            assert!(error.contains("127.0.0.1:8080"), "{text}: {error}");
        }
    }
}
