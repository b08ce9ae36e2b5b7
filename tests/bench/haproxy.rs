//! HAProxy as people put it before an engine's socket: paths and methods by an allow list, and no idea of owners.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::PATIENCE;

/// A running HAProxy; killed when dropped.
pub(crate) struct Haproxy {
    child: Child,
    pub(crate) socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Haproxy {
    /// Before this engine; nothing where HAProxy is not installed.
    pub(crate) fn start(engine: &Path) -> Option<Haproxy> {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, socket) = (
            folder.path().join("haproxy.cfg"),
            folder.path().join("docker.sock"),
        );
        std::fs::write(&file, config(&socket, engine)).expect("a file");
        let mut child = Command::new("haproxy")
            .arg("-db")
            .arg("-f")
            .arg(&file)
            // Debian keeps it where only root's PATH leads.
            .env(
                "PATH",
                "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let begun = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(
                begun.elapsed() < PATIENCE && child.try_wait().expect("a status").is_none(),
                "HAProxy does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Haproxy {
            child,
            socket,
            _folder: folder,
        })
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The rules that socket proxies made of HAProxy come with.
fn config(socket: &Path, engine: &Path) -> String {
    let (socket, engine) = (socket.display(), engine.display());
    let mut text = format!(
        "global
    maxconn 4000
defaults
    mode http
    timeout connect 10s
    timeout client 10m
    timeout server 10m
    timeout tunnel 10m
frontend docker
    bind unix@{socket} mode 600
    http-request deny unless METH_GET or METH_HEAD or METH_POST or METH_PUT or METH_DELETE
"
    );
    for allowed in [
        "_ping",
        "version",
        "info",
        "events",
        "containers",
        "exec",
        "images",
        "networks",
        "volumes",
    ] {
        text += &format!(
            "    http-request allow if {{ path,url_dec -m reg -i ^(/v[0-9.]+)?/{allowed} }}\n"
        );
    }
    text + &format!(
        "    http-request deny
    default_backend engine
backend engine
    server engine unix@{engine}
"
    )
}
