//! What the whole-product tests share: the real server as a process, a browserless learner, and the raw engine.
//!
//! A test makes a [`home::Home`] (a data folder), starts [`server::Server`]s on it, and lets [`learner::Learner`]s in.
//! When the home is dropped, `docktutor uninstall` runs on it and the engine must have nothing of it left.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub(crate) mod engine;
pub(crate) mod gateway;
pub(crate) mod home;
pub(crate) mod http;
pub(crate) mod learner;
pub(crate) mod server;
pub(crate) mod terminal;

use std::future::Future;
use std::time::{Duration, Instant};

/// The lesson of these tests.
pub(crate) const LESSON: &str = "01-one-image-many-containers";

/// The exercise of these tests.
pub(crate) const EXERCISE: &str = "images-and-containers/first-dockerfile";

/// How long anything may take before a test gives up on it. It is generous, because it is only spent on a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again and again until `probe` answers, or panics with what was waited for.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut probe: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
