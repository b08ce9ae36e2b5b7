//! Pages, API and terminals over HTTP.
//!
//! `router.rs` lists every route, `protocol.rs` every message. A handler file holds one domain.

mod access;
mod assets;
mod door;
mod entry;
mod error;
mod exercises;
mod files;
mod frame;
mod pages;
pub mod protocol;
mod router;
mod sandbox;
mod search;
mod standing;
mod terminal;

pub(crate) use assets::bundled;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};

use axum::serve::ListenerExt as _;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::course::Course;
use crate::course::search::Index;
use crate::sandbox::Sandboxes;
use crate::store::{LearnerId, Store};

/// What every handler can reach.
pub struct App {
    store: Store,
    sandboxes: Sandboxes,
    course: Course,
    index: Index,
    texts: pages::LessonTexts,
    standings: RwLock<HashMap<LearnerId, Arc<standing::Standing>>>,
    access: access::Access,
    shutdown: CancellationToken,
    checking: Mutex<HashSet<LearnerId>>,
}

type AppState = Arc<App>;

/// `?lang=ko` or `?lang=en`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct LangQuery {
    #[serde(default)]
    lang: checker::Lang,
}

/// What `serve` needs besides a listener.
pub struct Parts {
    /// Progress and learners.
    pub store: Store,
    /// Workspaces and engines.
    pub sandboxes: Sandboxes,
    /// Lessons and exercises.
    pub course: Course,
    /// Further names under which this server may be asked.
    pub hosts: Vec<String>,
}

/// Serves until `shutdown`; open streams and terminals end then, requests under way are finished.
///
/// # Errors
/// The listener's own.
pub async fn serve(
    listener: TcpListener,
    parts: Parts,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let address: SocketAddr = listener.local_addr()?;
    let app = Arc::new(App {
        access: access::Access::new(address, &parts.hosts),
        store: parts.store,
        sandboxes: parts.sandboxes,
        texts: pages::LessonTexts::new(&parts.course),
        index: Index::new(&parts.course),
        course: parts.course,
        standings: RwLock::default(),
        shutdown: shutdown.clone(),
        checking: Mutex::default(),
    });
    // A key and its echo are a few bytes each: waiting to fill a packet would cost 40 ms of every keystroke.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection waits to fill its packets");
        }
    });
    axum::serve(listener, router::router(app))
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .await
}

/// While this lives, no other check of the same learner begins.
struct Turn {
    app: AppState,
    learner: LearnerId,
}

impl App {
    fn begin_check(self: &Arc<Self>, learner: LearnerId) -> Option<Turn> {
        let mut checking = self.checking.lock().ok()?;
        checking.insert(learner).then(|| Turn {
            app: Arc::clone(self),
            learner,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut checking) = self.app.checking.lock() {
            checking.remove(&self.learner);
        }
    }
}
