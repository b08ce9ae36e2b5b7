//! Listens to the engine: ports follow their containers, books follow what removes itself.

use crate::api::{lifecycle, publish};
use crate::gateway::Shared;
use crate::ground::ports;
use crate::policy::limits::Abilities;
use crate::policy::query::Query;
use crate::scope::{Inner, Workbench, lock};
use crate::upstream::Call;
use crate::{disk, reconcile};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How often the books are compared with the engine.
const COMPARE: Duration = Duration::from_secs(60);
/// How long to wait after the engine's events broke off.
const AGAIN: Duration = Duration::from_millis(500);

/// Runs until the gateway shuts down.
pub(crate) async fn run(shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    let compare = async {
        loop {
            tokio::time::sleep(COMPARE).await;
            for scope in shared.all() {
                if let Err(fault) = reconcile::scope(&scope).await {
                    tracing::debug!(
                        scope = scope.name,
                        fault.message,
                        "the books could not be compared"
                    );
                }
            }
            // Somebody may have emptied the kernel's tables meanwhile.
            shared.guard().await;
        }
    };
    let listen = async {
        let mut broke_off = false;
        loop {
            if let Err(error) = events(&shared, broke_off).await {
                tracing::debug!(error, "the engine's events broke off");
            }
            broke_off = true;
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = compare => {}
        () = listen => {}
        () = disk::poll(&shared) => {}
    }
}

/// Reads events until the engine ends the stream. `broke_off` says whether an earlier stream has ended.
async fn events(shared: &Arc<Shared>, broke_off: bool) -> Result<(), String> {
    let filters = json!({ "type": ["container", "volume", "network"] }).to_string();
    let call = Call::get("/events").query(Query::new().with("filters", filters));
    let mut body = shared
        .upstream
        .send(call)
        .await
        .map_err(|fault| fault.message)?
        .into_body();
    // Whatever happened while nobody listened is seen by comparing.
    for scope in shared.all() {
        reconcile::scope(&scope)
            .await
            .map_err(|fault| fault.message)?;
        bind_again(&scope).await;
    }
    if broke_off {
        // An engine that was killed may have made what it could not answer for. At the start this is done already.
        reconcile::orphans(shared)
            .await
            .map_err(|fault| fault.message)?;
        shared.guard().await;
    }
    let mut rest: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| error.to_string())?.into_data() else {
            continue;
        };
        rest.extend_from_slice(&data);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            if let Ok(event) = serde_json::from_slice::<Value>(&line) {
                on_event(shared, &event).await;
            }
        }
    }
    Ok(())
}

async fn on_event(shared: &Arc<Shared>, event: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, action, id) = (
        text(&event["Type"]),
        text(&event["Action"]),
        text(&event["Actor"]["ID"]),
    );
    let result = match (kind.as_str(), action.as_str()) {
        ("container", "start") => {
            if let Some(scope) = shared
                .all()
                .into_iter()
                .find(|scope| *lock(&scope.workbench) == Some(Workbench::Container(id.clone())))
            {
                bind_again(&scope).await;
            }
            started(shared, &id).await;
            Ok(())
        }
        ("container", "die" | "destroy") => ended(shared, &id, action == "destroy").await,
        ("network", "connect") => {
            let container = text(&event["Actor"]["Attributes"]["container"]);
            limit_build(shared, &id, &container).await;
            Ok(())
        }
        ("volume", "destroy") => {
            let owner = shared
                .all()
                .into_iter()
                .find(|scope| scope.state().volumes.contains_key(&id));
            match owner {
                Some(scope) => {
                    scope
                        .record(vec![crate::ledger::Change::DropVolume(id)])
                        .await
                }
                None => Ok(()),
            }
        }
        _ => Ok(()),
    };
    if let Err(fault) = result {
        tracing::warn!(
            fault.message,
            "an event could not be written into the books"
        );
    }
}

fn owner_of(shared: &Shared, id: &str) -> Option<(Arc<Inner>, String)> {
    shared.all().into_iter().find_map(|scope| {
        let real = scope
            .state()
            .container_by_id(id)
            .map(|container| container.real.clone())?;
        Some((scope, real))
    })
}

async fn started(shared: &Shared, id: &str) {
    let Some((scope, real)) = owner_of(shared, id) else {
        return;
    };
    scope.running().insert(id.to_owned());
    scope.disk.changed();
    if !scope.ports.has(&real)
        && let Err(message) = publish::publish(&scope, &real).await
    {
        tracing::warn!(
            scope = scope.name,
            message,
            "a container came up by itself, and its ports could not be bound"
        );
    }
}

/// A container that joins a scope's network and is in no books is a build's step. The builder's interface has no limit
/// for processes, so the step gets it here, in the moment in which it starts.
async fn limit_build(shared: &Shared, network: &str, container: &str) {
    let owner = shared.all().into_iter().find(|scope| {
        let state = scope.state();
        let mut networks = state.networks.values();
        networks.any(|known| known.id.as_deref() == Some(network))
    });
    let Some(scope) = owner.filter(|_| owner_of(shared, container).is_none()) else {
        return;
    };
    let inspected = shared
        .upstream
        .json(Call::get(format!("/containers/{container}/json")))
        .await;
    // The application's own containers have a limit already.
    let limited = |found: &Value| found["HostConfig"]["PidsLimit"].as_i64().unwrap_or(0) > 0;
    if inspected.is_ok_and(|found| limited(&found)) {
        return;
    }
    scope.disk.step_began(container);
    if !Abilities::of(&shared.info).pids {
        return;
    }
    let body = json!({ "PidsLimit": scope.limits().pids });
    let call = Call::post(format!("/containers/{container}/update")).json(&body);
    if let Err(fault) = shared.upstream.ask(call).await {
        tracing::debug!(
            fault.message,
            "a build's step was over before it could be limited"
        );
    }
}

async fn ended(shared: &Shared, id: &str, destroyed: bool) -> Result<(), crate::error::Fault> {
    let Some((scope, real)) = owner_of(shared, id) else {
        // A step's files are there until its container is removed.
        for scope in shared.all().iter().filter(|_| destroyed) {
            scope.disk.step_ended(id);
        }
        return Ok(());
    };
    scope.running().remove(id);
    scope.disk.changed();
    publish::unpublish(&scope, &real).await?;
    if destroyed {
        lifecycle::forget(&scope, &real).await
    } else {
        Ok(())
    }
}

/// Binds the ports of all running containers in the workbench's namespace, which may be a new one.
pub(crate) async fn bind_again(scope: &Arc<Inner>) {
    let running = scope.running().clone();
    let containers: Vec<_> = {
        let state = scope.state();
        let up = |id: &Option<String>| id.as_ref().is_some_and(|id| running.contains(id));
        state
            .containers
            .values()
            .filter(|container| up(&container.id))
            .cloned()
            .collect()
    };
    let workbench = lock(&scope.workbench).clone();
    let Some(pid) = publish::workbench_pid(scope, workbench).await else {
        return;
    };
    for container in containers {
        if !scope.ports.has(&container.real) || container.bound.is_empty() {
            if let Err(message) = publish::publish(scope, &container.real).await {
                tracing::warn!(
                    scope = scope.name,
                    message,
                    "ports could not be bound again"
                );
            }
        } else if let Err(message) =
            ports::listen(scope, pid, &container.real, &container.bound).await
        {
            tracing::warn!(
                scope = scope.name,
                message,
                "ports could not be bound again"
            );
        }
    }
}
