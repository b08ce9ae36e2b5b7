//! What all sandboxes stand on: the engine, the gateway to it and the images; and whether it is there yet.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bollard::Docker;
use gateway::Gateway;
use tokio::sync::watch;

use super::error::SandboxError;
use super::instance::Stop;
use super::workspace::Owner;
use crate::web::protocol::{SandboxState, SandboxStatus};

/// How sandboxes live.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A sandbox without input for so long is stopped.
    pub idle: Duration,
    /// A sandbox is stopped after so long whatever happens in it.
    pub max_age: Option<Duration>,
    /// One sandbox is kept ready for whoever comes next.
    pub spare: bool,
    /// What each learner may use of the engine.
    pub limits: gateway::Limits,
}

impl Settings {
    /// Why a sandbox is to be stopped that is ready for so long, and without input for so long.
    pub(super) fn due(&self, quiet: Duration, age: Duration) -> Option<Stop> {
        if quiet >= self.idle {
            Some(Stop::Idle)
        } else {
            (self.max_age.is_some_and(|most| age >= most)).then_some(Stop::Age)
        }
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            idle: Duration::from_secs(30 * 60),
            max_age: None,
            spare: true,
            limits: gateway::Limits::default(),
        }
    }
}

/// An engine that works, with everything that a sandbox needs.
pub(super) struct Ground {
    pub(super) docker: Docker,
    pub(super) gateway: Gateway,
    /// Id of the workbench's image.
    pub(super) workbench: String,
    /// References whose image is a stand-in.
    pub(super) stand_ins: Vec<String>,
}

/// Whether there is ground.
#[derive(Clone)]
pub(super) enum Footing {
    /// On the way.
    Preparing {
        message: String,
        progress: Option<f32>,
    },
    /// There is none, for now.
    Missing(SandboxError),
    Solid(Arc<Ground>),
}

/// What all sandboxes share.
pub(super) struct Shared {
    pub(super) data: PathBuf,
    pub(super) instance: String,
    pub(super) owner: Owner,
    pub(super) settings: Settings,
    footing: watch::Sender<Footing>,
    closing: AtomicBool,
}

impl Shared {
    pub(super) fn new(data: PathBuf, instance: String, settings: Settings) -> Shared {
        Shared {
            data,
            instance,
            owner: Owner::of_workbench(),
            settings,
            footing: watch::Sender::new(Footing::Preparing {
                message: "The Docker Engine is being looked for.".to_owned(),
                progress: None,
            }),
            closing: AtomicBool::new(false),
        }
    }

    pub(super) fn set_footing(&self, footing: Footing) {
        self.footing.send_replace(footing);
    }

    pub(super) fn footing(&self) -> Footing {
        self.footing.borrow().clone()
    }

    pub(super) fn footing_changes(&self) -> watch::Receiver<Footing> {
        self.footing.subscribe()
    }

    /// The ground, if it is there now.
    pub(super) fn ground_now(&self) -> Option<Arc<Ground>> {
        match &*self.footing.borrow() {
            Footing::Solid(ground) => Some(Arc::clone(ground)),
            _ => None,
        }
    }

    /// The ground, once it is there. Fails where there is none.
    pub(super) async fn ground(&self) -> Result<Arc<Ground>, SandboxError> {
        let mut changes = self.footing.subscribe();
        loop {
            if self.closing.load(Ordering::Acquire) {
                return Err(closing());
            }
            match &*changes.borrow_and_update() {
                Footing::Solid(ground) => return Ok(Arc::clone(ground)),
                Footing::Missing(error) => return Err(error.clone()),
                Footing::Preparing { .. } => {}
            }
            if changes.changed().await.is_err() {
                return Err(closing());
            }
        }
    }

    /// From now on nothing is started.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        // Wakes those who wait for the ground.
        self.footing.send_modify(|_| ());
    }

    pub(super) fn check_open(&self) -> Result<(), SandboxError> {
        if self.closing.load(Ordering::Acquire) {
            Err(closing())
        } else {
            Ok(())
        }
    }
}

fn closing() -> SandboxError {
    SandboxError::new(
        "The server is being stopped.",
        "Your files and containers are kept; come back when it runs again.",
    )
}

/// The status of a learner who has no running sandbox, as far as the ground decides it.
pub(super) fn status(footing: &Footing) -> SandboxStatus {
    let mut status = SandboxStatus {
        state: SandboxState::Stopped,
        message: String::new(),
        next: String::new(),
        progress: None,
        containers: None,
        stand_ins: Vec::new(),
    };
    match footing {
        Footing::Preparing { message, progress } => {
            status.state = SandboxState::Preparing;
            status.message.clone_from(message);
            status.progress = *progress;
        }
        Footing::Missing(error) => {
            status.state = SandboxState::NoEngine;
            status.message.clone_from(&error.message);
            status.next.clone_from(&error.next);
        }
        Footing::Solid(ground) => status.stand_ins.clone_from(&ground.stand_ins),
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_stopped_when_it_is_quiet_or_old() {
        let hours = |count: u64| Duration::from_secs(count * 3600);
        let settings = Settings {
            idle: hours(1),
            max_age: Some(hours(12)),
            ..Settings::default()
        };
        assert_eq!(settings.due(hours(0), hours(11)), None);
        assert_eq!(settings.due(hours(1), hours(1)), Some(Stop::Idle));
        // Somebody who types all the time, or a program that does.
        assert_eq!(settings.due(hours(0), hours(12)), Some(Stop::Age));
    }
}
