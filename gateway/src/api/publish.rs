//! Ports of containers that start and stop: taken, listened at in the workbench, given back.

use crate::error::Fault;
use crate::ground::ports;
use crate::ledger::{Bound, Change, Container, Publish};
use crate::scope::{Inner, Workbench, lock};
use crate::upstream::Call;
use serde_json::Map;
use std::sync::Arc;

/// Takes a container's ports and listens at them. The text of the error is the engine's own.
pub(crate) async fn publish(scope: &Arc<Inner>, real: &str) -> Result<(), String> {
    let Some(container) = scope.state().containers.get(real).cloned() else {
        return Ok(());
    };
    let mut wanted = container.publish.clone();
    if container.asked.publish_all {
        wanted.extend(exposed(scope, &container).await);
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let bound = match scope.ports.claim(real, &wanted) {
        Ok(bound) => bound,
        Err(taken) => {
            // The holder may have ended a moment ago.
            if taken.owner.is_empty() || is_running(scope, &taken.owner).await {
                return Err(taken.message);
            }
            scope.ports.release(&taken.owner);
            scope
                .ports
                .claim(real, &wanted)
                .map_err(|taken| taken.message)?
        }
    };
    let workbench = lock(&scope.workbench).clone();
    if let Some(pid) = workbench_pid(scope, workbench).await
        && let Err(message) = ports::listen(scope, pid, real, &bound).await
    {
        scope.ports.release(real);
        return Err(message);
    }
    set_bound(scope, real, bound)
        .await
        .map_err(|fault| fault.message)
}

/// Gives a container's ports back.
pub(crate) async fn unpublish(scope: &Inner, real: &str) -> Result<(), Fault> {
    scope.ports.release(real);
    let had = scope
        .state()
        .containers
        .get(real)
        .is_some_and(|container| !container.bound.is_empty());
    if had {
        set_bound(scope, real, Vec::new()).await
    } else {
        Ok(())
    }
}

async fn set_bound(scope: &Inner, real: &str, bound: Vec<Bound>) -> Result<(), Fault> {
    scope
        .reserve(|state| {
            let Some(mut container) = state.containers.get(real).cloned() else {
                return Ok((Vec::new(), ()));
            };
            container.bound = bound;
            Ok((vec![Change::Container(Box::new(container))], ()))
        })
        .await
}

/// The ports that a container exposes and does not publish by itself.
async fn exposed(scope: &Inner, container: &Container) -> Vec<Publish> {
    let Some(id) = &container.id else {
        return Vec::new();
    };
    let Ok(value) = scope
        .shared
        .upstream
        .json(Call::get(format!("/containers/{id}/json")))
        .await
    else {
        return Vec::new();
    };
    let ports = value["Config"]["ExposedPorts"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys);
    ports
        .filter_map(|text| crate::policy::ports::container_port(text).ok())
        .filter(|(port, protocol)| {
            !container
                .publish
                .iter()
                .any(|p| p.port == *port && p.protocol == *protocol)
        })
        .map(|(port, protocol)| Publish {
            port,
            protocol: protocol.to_owned(),
            host_ip: "0.0.0.0".to_owned(),
            host: None,
        })
        .collect()
}

async fn is_running(scope: &Inner, real: &str) -> bool {
    let Some(id) = scope
        .state()
        .containers
        .get(real)
        .and_then(|container| container.id.clone())
    else {
        return false;
    };
    let value = scope
        .shared
        .upstream
        .json(Call::get(format!("/containers/{id}/json")))
        .await;
    value.is_ok_and(|value| value["State"]["Running"] == true)
}

/// The process whose namespace the learner works in, if the workbench runs on this host.
pub(crate) async fn workbench_pid(scope: &Inner, workbench: Option<Workbench>) -> Option<u32> {
    if !scope.shared.local {
        return None;
    }
    let id = match workbench? {
        Workbench::Container(id) => id,
        Workbench::Here => return Some(std::process::id()),
    };
    let value = scope
        .shared
        .upstream
        .json(Call::get(format!("/containers/{id}/json")))
        .await
        .ok()?;
    u32::try_from(value["State"]["Pid"].as_u64()?)
        .ok()
        .filter(|pid| *pid > 0)
}
