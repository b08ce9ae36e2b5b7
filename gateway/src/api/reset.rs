//! Takes a scope's objects off the engine.

use super::{images, networks, volumes};
use crate::error::Fault;
use crate::ledger::Change;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use futures_util::{StreamExt, stream};
use std::sync::Arc;

/// Containers that are removed at the same time.
const AT_ONCE: usize = 4;

/// Removes containers, volumes, networks and images; goes on after an error and reports the first.
pub(crate) async fn everything(scope: &Arc<Inner>) -> Result<(), Fault> {
    let mut first: Result<(), Fault> = Ok(());
    let mut note = |result: Result<(), Fault>| {
        if first.is_ok() {
            first = result;
        }
    };
    // What the engine made and the books have not heard of yet must be in them first.
    note(crate::reconcile::scope(scope).await);
    let containers: Vec<(String, Option<String>)> = scope
        .state()
        .containers
        .values()
        .map(|c| (c.real.clone(), c.id.clone()))
        .collect();
    let query = Query::new().with("force", "1").with("v", "1");
    let query = &query;
    let removals = containers.into_iter().map(|(real, id)| async move {
        match id {
            Some(id) => super::lifecycle::delete(scope, &id, query).await,
            None => super::lifecycle::forget(scope, &real).await,
        }
    });
    // Most of the time of one is spent waiting for its processes to end.
    let mut removals = stream::iter(removals).buffer_unordered(AT_ONCE);
    while let Some(result) = removals.next().await {
        note(result);
    }
    drop(removals);
    let all: Vec<String> = scope.state().volumes.keys().cloned().collect();
    for real in all {
        note(volumes::delete(scope, &real).await);
    }
    let all: Vec<_> = scope
        .state()
        .networks
        .values()
        .filter(|n| n.name != "bridge")
        .cloned()
        .collect();
    for network in all {
        note(match network.id {
            Some(id) => networks::delete(scope, &network.real, &id).await,
            None => scope.record(vec![Change::DropNetwork(network.real)]).await,
        });
    }
    note(own_images(scope).await);
    note(scope.clear_registry(false).await);
    first
}

async fn own_images(scope: &Inner) -> Result<(), Fault> {
    let (keeps, tags, hidden) = {
        let state = scope.state();
        let keeps: Vec<String> = state.images.keys().cloned().collect();
        let tags: Vec<String> = state.tags.keys().cloned().collect();
        let hidden: Vec<String> = state.hidden.iter().cloned().collect();
        (keeps, tags, hidden)
    };
    let mut changes: Vec<Change> = tags.into_iter().map(Change::DropTag).collect();
    changes.extend(hidden.into_iter().map(Change::Show));
    scope.record(changes).await?;
    for keep in keeps {
        images::delete_keep(scope, &keep).await?;
    }
    images::drop_layers(scope).await?;
    scope.record(vec![Change::Layers(Vec::new())]).await
}

/// Removes the default network, with whatever is still attached to it cut off.
pub(crate) async fn bridge(scope: &Inner) -> Result<(), Fault> {
    let Some(network) = scope.state().bridge().cloned() else {
        return Ok(());
    };
    if let Some(id) = network.id {
        let value = scope
            .shared
            .upstream
            .json(Call::get(format!("/networks/{id}")))
            .await
            .unwrap_or_default();
        for container in value["Containers"]
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys())
        {
            let body = serde_json::json!({ "Container": container, "Force": true });
            // A container that has ended meanwhile is not attached any more.
            let _ = scope
                .shared
                .upstream
                .ask(Call::post(format!("/networks/{id}/disconnect")).json(&body))
                .await?;
        }
        return networks::delete(scope, &network.real, &id).await;
    }
    scope.record(vec![Change::DropNetwork(network.real)]).await
}
