//! A sandbox on the engine: how it comes up, stops and is emptied. The caller holds the sandbox's turn.

use std::time::{Duration, Instant};

use bollard::Docker;
use gateway::ScopeSpec;

use super::shells::SHELL;
use super::{Sandbox, Stop};
use crate::sandbox::error::SandboxError;
use crate::sandbox::ground::{Ground, Shared};
use crate::sandbox::workbench::{self, Plan, within};
use crate::web::protocol::SandboxState;

/// The gateway makes a network when it opens a scope, and waits for containers to stop.
const GATEWAY: Duration = Duration::from_secs(60);

/// So long is waited for the shell that a workbench starts by itself.
const FIRST_SHELL: Duration = Duration::from_secs(2);

impl Sandbox {
    /// Scope and workbench; gives the workbench's id when its first terminal can be had.
    pub(super) async fn bring_up(&self, ground: &Ground) -> Result<String, SandboxError> {
        let begin = Instant::now();
        self.folders
            .make(self.shared.owner)
            .map_err(|error| SandboxError::server("open your workspace", &error))?;
        let spec = ScopeSpec {
            name: self.scope.clone(),
            socket: self.folders.socket(),
            access: gateway::Access::Everybody,
            workspace: Some(gateway::Workspace::in_workbench(self.folders.work())),
            limits: self.shared.settings.limits.clone(),
        };
        let scope = within(
            GATEWAY,
            "open your sandbox",
            ground.gateway.open_scope(spec),
        )
        .await?;
        let opened = begin.elapsed();
        let network = scope.network_id();
        let plan = Plan {
            instance: &self.shared.instance,
            scope: &self.scope,
            image: &ground.workbench,
            network: &network,
            folders: &self.folders,
            owner: self.shared.owner,
        };
        let docker = &ground.docker;
        let found = workbench::list(docker, &self.shared.instance, Some(&self.scope)).await?;
        let mut id = None;
        let mut adopted = false;
        for old in found.into_iter().filter(|found| found.is_workbench) {
            if id.is_some() || !old.fits(&plan) {
                workbench::remove(docker, &old.id).await?;
            } else if old.running || workbench::start(docker, &old.id).await.is_ok() {
                adopted = old.running;
                id = Some(old.id);
            } else {
                // Its network or a mount is gone: a new one has both.
                workbench::remove(docker, &old.id).await?;
            }
        }
        let id = match id {
            Some(id) => id,
            None => workbench::create(docker, &plan).await?,
        };
        self.life().new_shell = !adopted;
        let started = begin.elapsed();
        scope.set_workbench(Some(id.clone()));
        if self.wait_for_shell(1, FIRST_SHELL).await.is_err() {
            // A running workbench whose first shell was ended needs a new one.
            workbench::start_shell(docker, &id, 1).await?;
            drop(self.wait_for_shell(1, SHELL).await?);
        }
        tracing::debug!(scope = self.scope, ?opened, ?started, ready = ?begin.elapsed(), "a sandbox is ready");
        Ok(id)
    }

    pub(super) async fn halt(&self, ground: &Ground, why: Stop) -> Result<(), SandboxError> {
        if ground.gateway.scope(&self.scope).is_none() {
            return Ok(());
        }
        self.note_what_runs(ground).await;
        let stopped = within(
            GATEWAY,
            "stop your containers",
            ground.gateway.stop_scope(&self.scope),
        )
        .await;
        let workbench = self.life().workbench.take();
        if let Some(id) = workbench {
            workbench::stop(&ground.docker, &id).await?;
        }
        for terminal in self.open_terminals() {
            terminal.flush().await;
        }
        self.drop_unused_terminals();
        let (state, message, next) = match why {
            Stop::Idle => (
                SandboxState::Idle,
                "Your sandbox was stopped because nothing was typed for a while; your files and containers are kept.",
                "Press a key in the terminal to start it again.",
            ),
            Stop::Age => (
                SandboxState::Idle,
                "Your sandbox was stopped because it ran for as long as one may; your files and containers are kept.",
                "Press a key in the terminal to start it again.",
            ),
            Stop::Shutdown => (
                SandboxState::Stopped,
                "The server is being stopped.",
                "Come back when it runs again.",
            ),
        };
        self.set(state, message, next);
        stopped
    }

    pub(super) async fn empty(&self, ground: &Ground) -> Result<(), SandboxError> {
        if ground.gateway.scope(&self.scope).is_some() {
            within(
                GATEWAY,
                "reset your sandbox",
                ground.gateway.reset_scope(&self.scope),
            )
            .await?;
        }
        let _ = std::fs::remove_file(self.folders.running());
        self.life().workbench = None;
        let found =
            workbench::list(&ground.docker, &self.shared.instance, Some(&self.scope)).await?;
        for old in found.into_iter().filter(|found| found.is_workbench) {
            workbench::remove(&ground.docker, &old.id).await?;
        }
        Ok(())
    }

    /// Remembers which of the learner's containers run, so that the next start brings them back.
    async fn note_what_runs(&self, ground: &Ground) {
        let found = workbench::list(&ground.docker, &self.shared.instance, Some(&self.scope)).await;
        let ids: Vec<String> = found
            .unwrap_or_default()
            .into_iter()
            .filter(|found| found.running && !found.is_workbench)
            .map(|found| found.id)
            .rev() // The engine lists the newest first; the oldest is the one that others need.
            .collect();
        if !ids.is_empty()
            && let Ok(bytes) = serde_json::to_vec(&ids)
            && let Err(error) = std::fs::write(self.folders.running(), bytes)
        {
            tracing::warn!(%error, "cannot note which containers ran");
        }
    }

    /// Starts those again, by the learner's own way in, so that the same rules hold and ports are bound.
    pub(super) fn start_what_ran(&self) {
        let Ok(bytes) = std::fs::read(self.folders.running()) else {
            return;
        };
        let _ = std::fs::remove_file(self.folders.running());
        let ids: Vec<String> = serde_json::from_slice(&bytes).unwrap_or_default();
        let socket = self.socket();
        tokio::spawn(async move {
            let socket = socket.to_string_lossy();
            let Ok(docker) = Docker::connect_with_unix(&socket, 60, bollard::API_DEFAULT_VERSION)
            else {
                return;
            };
            for id in ids {
                let start = docker.start_container(&id, None);
                if let Err(error) = within(GATEWAY, "start a container again", start).await {
                    tracing::info!(%error, id, "a container that ran before is not started again");
                }
            }
        });
    }
}

/// Removes a scope from the engine: what the learner made, the network, the workbench.
pub(in crate::sandbox) async fn remove_scope(
    ground: &Ground,
    shared: &Shared,
    scope: &str,
) -> Result<(), SandboxError> {
    let found = workbench::list(&ground.docker, &shared.instance, Some(scope)).await?;
    for old in found.into_iter().filter(|found| found.is_workbench) {
        workbench::remove(&ground.docker, &old.id).await?;
    }
    if ground.gateway.scope(scope).is_some() {
        within(
            GATEWAY,
            "remove a sandbox",
            ground.gateway.remove_scope(scope),
        )
        .await?;
    }
    Ok(())
}
