//! Taking images away: `docker rmi`, `docker image prune`, and what the gateway itself does not need any more.

use super::super::{Answer, Ask, containers, ok, or_null};
use super::{find, is_dangling, listed, view_of};
use crate::disk;
use crate::error::Fault;
use crate::ledger::Change;
use crate::names;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn remove(scope: &Inner, ask: Ask, name: &str) -> Answer {
    let params = ask.params(&["force", "noprune", "platforms*"])?;
    ask.no_body().await?;
    let force = params.flag("force");
    let images = view_of(scope);
    let (id, reference) = find(&images, name)?;
    let references: Vec<String> = match reference {
        Some(reference) => vec![reference],
        None => {
            let all: Vec<String> = images
                .references_of(&id)
                .into_iter()
                .map(str::to_owned)
                .collect();
            if all.len() > 1 && !force {
                return Err(Fault::conflict(format!(
                    "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
                    names::short(&id)
                )));
            }
            all
        }
    };
    let last = images.references_of(&id).len() <= references.len();
    if last {
        check_unused(scope, name, &id, force).await?;
    }
    let mut answer: Vec<Value> = references
        .iter()
        .map(|reference| json!({ "Untagged": reference }))
        .collect();
    answer.extend(drop_references(scope, &id, &references, last).await?);
    ok(&Value::Array(answer))
}

/// Says no while a container of the scope uses the image, as the engine does.
async fn check_unused(scope: &Inner, name: &str, id: &str, force: bool) -> Result<(), Fault> {
    let users: Vec<String> = {
        let state = scope.state();
        state
            .containers
            .values()
            .filter(|c| c.image_id == id)
            .filter_map(|c| c.id.clone())
            .collect()
    };
    let running = users
        .iter()
        .find(|user| scope.running().contains(*user))
        .cloned();
    let short = names::short(id);
    match (running, users.first()) {
        (Some(user), _) => Err(Fault::conflict(format!(
            "conflict: unable to remove repository reference \"{name}\" (cannot be forced) - \
             image {short} is being used by running container {}",
            names::short(&user)
        ))),
        (None, Some(user)) if !force => Err(Fault::conflict(format!(
            "conflict: unable to remove repository reference \"{name}\" (must force) - \
             container {} is using its referenced image {short}",
            names::short(user)
        ))),
        _ => Ok(()),
    }
}

/// Takes references away: own ones from the books, the catalogue's from sight. The last one takes the image with it.
pub(crate) async fn drop_references(
    scope: &Inner,
    id: &str,
    references: &[String],
    last: bool,
) -> Result<Vec<Value>, Fault> {
    let catalogue = scope.shared.catalogue();
    let mut changes = Vec::new();
    for reference in references {
        if scope.state().tags.contains_key(reference) {
            changes.push(Change::DropTag(reference.clone()));
        }
        if catalogue.0.get(reference).is_some_and(|image| image.listed) {
            changes.push(Change::Hide(reference.clone()));
        }
    }
    scope.record(changes).await?;
    if !last {
        return Ok(Vec::new());
    }
    let keeps: Vec<String> = scope
        .state()
        .images
        .values()
        .filter(|image| image.id == id)
        .map(|image| image.keep.clone())
        .collect();
    let mut deleted = Vec::new();
    for keep in keeps {
        deleted.extend(delete_keep(scope, &keep).await?);
    }
    if deleted.is_empty() {
        // Others still use the layers; the learner has seen the last of the image all the same.
        deleted.push(json!({ "Deleted": id }));
    }
    Ok(deleted)
}

/// Removes one of our tags from the engine, and with the last one the image.
pub(crate) async fn delete_keep(scope: &Inner, keep: &str) -> Result<Vec<Value>, Fault> {
    let call = Call::delete(format!("/images/{keep}")).query(Query::new().with("force", "1"));
    let answer = match scope.shared.upstream.json(call).await {
        Ok(answer) => answer,
        Err(fault) if fault.status == StatusCode::NOT_FOUND => Value::Null,
        Err(fault) => return Err(fault),
    };
    scope.disk.changed();
    scope
        .record(vec![Change::DropImage(keep.to_owned())])
        .await?;
    let lines = answer.as_array().cloned().unwrap_or_default();
    Ok(lines
        .into_iter()
        .filter(|line| line["Deleted"].is_string())
        .collect())
}

pub(crate) async fn prune(scope: &Arc<Inner>, ask: Ask) -> Answer {
    let mut filters = ask.params(&["filters"])?.filters()?;
    ask.no_body().await?;
    let dangling_only = filters.remove("dangling").is_none_or(|values| {
        values
            .iter()
            .all(|value| matches!(value.as_str(), "true" | "1"))
    });
    let pruned = containers::prune_filters(&filters)?;
    let before = own_bytes(scope).await;
    let mut deleted = Vec::new();
    for image in listed(scope).await? {
        let id = image["Id"].as_str().unwrap_or_default().to_owned();
        let (used, own) = {
            let state = scope.state();
            (
                state
                    .containers
                    .values()
                    .any(|container| container.image_id == id),
                state.images.values().any(|own| own.id == id),
            )
        };
        // The catalogue's images stay: they take no room of the learner's.
        let fits = pruned.fits(&image["Labels"], image["Created"].as_i64().unwrap_or(0));
        if used || !own || (dangling_only && !is_dangling(&image)) || !fits {
            continue;
        }
        let tags: Vec<String> = {
            let state = scope.state();
            state
                .tags
                .iter()
                .filter(|(_, one)| **one == id)
                .map(|(reference, _)| reference.clone())
                .collect()
        };
        deleted.extend(tags.iter().map(|tag| json!({ "Untagged": tag })));
        deleted.extend(drop_references(scope, &id, &tags, true).await?);
    }
    // What a broken build left has no name either; with a filter, only what is shown is chosen from.
    if filters.is_empty() {
        deleted.extend(drop_layers(scope).await?);
    }
    let space = before.saturating_sub(own_bytes(scope).await);
    ok(&json!({ "ImagesDeleted": or_null(deleted), "SpaceReclaimed": space }))
}

/// Bytes of the scope's own images.
async fn own_bytes(scope: &Arc<Inner>) -> u64 {
    let look = disk::current(scope).await;
    look.and_then(|look| look.usage(0).images).unwrap_or(0)
}

/// Removes what builds left that have no image now: intermediate images that nothing is made of. Others stay in the books.
pub(crate) async fn drop_layers(scope: &Inner) -> Result<Vec<Value>, Fault> {
    let layers = scope.state().layers.clone();
    let (mut gone, mut deleted) = (Vec::new(), Vec::new());
    // Later layers first: an image with children cannot be removed.
    for layer in layers.iter().rev() {
        let call = Call::get(format!("/images/{layer}/json"));
        let image = match scope.shared.upstream.json(call).await {
            Ok(image) => image,
            Err(fault) if fault.status == StatusCode::NOT_FOUND => {
                gone.push(layer.clone());
                continue;
            }
            Err(fault) => return Err(fault),
        };
        // What has a name is somebody's, whatever the books say; what others build on stays by the engine's own rule.
        if image["RepoTags"]
            .as_array()
            .is_some_and(|tags| !tags.is_empty())
        {
            continue;
        }
        let query = Query::new().with("force", "0");
        let call = Call::delete(format!("/images/{layer}")).query(query);
        if let Ok(lines) = scope.shared.upstream.json(call).await {
            gone.push(layer.clone());
            let lines = lines.as_array().cloned().unwrap_or_default();
            deleted.extend(lines.into_iter().filter(|line| line["Deleted"].is_string()));
        }
    }
    scope.disk.changed();
    scope
        .reserve(|state| {
            let mut left = state.layers.clone();
            left.retain(|layer| !gone.contains(layer));
            Ok((vec![Change::Layers(left)], ()))
        })
        .await?;
    Ok(deleted)
}
