//! Opening a scope and closing it again: limits, network, sockets.

use super::{Inner, lock};
use crate::api;
use crate::audit::Caller;
use crate::error::GatewayError;
use crate::gateway::{Access, Limits, ScopeSpec};
use crate::ledger::Change;
use crate::server;
use std::path::PathBuf;
use std::sync::Arc;

impl Inner {
    /// Makes the default network and binds the socket; does nothing where both are there.
    pub(crate) async fn open(self: &Arc<Self>, spec: ScopeSpec) -> Result<(), GatewayError> {
        let _one_at_a_time = self.opening.lock().await;
        let internet = spec.limits.internet;
        self.set_limits(spec.limits).await?;
        if self.state().closed == internet {
            self.record(vec![Change::Internet(internet)]).await?;
            self.shared.guard().await;
        }
        *lock(&self.workspace) = spec.workspace;
        api::networks::ensure_bridge(self).await?;
        let open = lock(&self.listener)
            .as_ref()
            .is_some_and(|listener| listener.serves(&spec.socket));
        if !open {
            let listener =
                server::listen(self.clone(), &spec.socket, Caller::Learner, spec.access)?;
            *lock(&self.listener) = Some(listener);
        }
        Ok(())
    }

    async fn set_limits(self: &Arc<Self>, limits: Limits) -> Result<(), GatewayError> {
        let before = std::mem::replace(&mut *lock(&self.limits), limits.clone());
        let (before, now) = (before.builds as usize, limits.builds as usize);
        if now > before {
            self.building.add_permits(now - before);
        } else if before > now {
            // Those that run keep their place, and give back one place fewer.
            let (building, fewer) = (self.building.clone(), (before - now) as u32);
            tokio::spawn(async move {
                if let Ok(permits) = building.acquire_many_owned(fewer).await {
                    permits.forget();
                }
            });
        }
        let inner = self.clone();
        let made = move || inner.shared.cgroups.ensure(&inner.name, &limits);
        *lock(&self.cgroup) = tokio::task::spawn_blocking(made)
            .await
            .map_err(|error| GatewayError::Engine(error.to_string()))?;
        Ok(())
    }

    /// What `CgroupParent` is for everything of this scope; nothing where it has no group of its own.
    pub(crate) fn cgroup(&self) -> Option<String> {
        lock(&self.cgroup).clone()
    }

    pub(super) fn tool_socket(self: &Arc<Self>) -> Result<PathBuf, GatewayError> {
        let folder = self.shared.folder.join("tools");
        let path = folder.join(format!("{}.sock", self.name));
        let mut tools = lock(&self.tools);
        if !tools
            .as_ref()
            .is_some_and(|listener| listener.serves(&path))
        {
            std::fs::create_dir_all(&folder).map_err(GatewayError::io(format!(
                "cannot make {}",
                folder.display()
            )))?;
            *tools = Some(server::listen(
                self.clone(),
                &path,
                Caller::Tool,
                Access::Owner,
            )?);
        }
        Ok(path)
    }

    /// Whether its socket is served.
    pub(crate) fn is_open(&self) -> bool {
        lock(&self.listener).is_some()
    }

    /// Closes the socket and all connections that came in by it.
    pub(crate) fn close(&self) {
        lock(&self.listener).take();
        lock(&self.tools).take();
        self.ports.release_all();
    }
}
