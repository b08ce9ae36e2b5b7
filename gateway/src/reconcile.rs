//! Compares the books with the engine: what is gone leaves the books, what was made and not noted gets its id.

use crate::error::{Fault, GatewayError};
use crate::gateway::Shared;
use crate::ledger::{Change, Image};
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Compares one scope's books with one list of each kind.
pub(crate) async fn scope(scope: &Inner) -> Result<(), Fault> {
    // The books are read before the engine is, and before the set of what is being made: what is noted after this
    // moment is not judged.
    let before = scope.state().clone();
    let busy = scope.pending().clone();
    let filters = json!({ "label": scope.label_filters() }).to_string();
    let query = || Query::new().with("filters", filters.clone());
    let upstream = &scope.shared.upstream;
    let (containers, networks, volumes) = tokio::try_join!(
        upstream.json(Call::get("/containers/json").query(query().with("all", "1"))),
        upstream.json(Call::get("/networks").query(query())),
        upstream.json(Call::get("/volumes").query(query())),
    )?;

    let ids = by_name(&containers, |value| {
        Some((
            value["Names"][0]
                .as_str()?
                .trim_start_matches('/')
                .to_owned(),
            value["Id"].as_str()?.to_owned(),
        ))
    });
    let all_ids: BTreeSet<&String> = ids.values().collect();
    let network_ids = by_name(&networks, |value| {
        let bridge = value["Options"]["com.docker.network.bridge.name"].as_str();
        Some((
            value["Name"].as_str()?.to_owned(),
            (
                value["Id"].as_str()?.to_owned(),
                bridge.unwrap_or_default().to_owned(),
            ),
        ))
    });
    let volume_names = by_name(&volumes["Volumes"], |value| {
        Some((value["Name"].as_str()?.to_owned(), String::new()))
    });

    let mut changes = Vec::new();
    for (real, container) in before
        .containers
        .iter()
        .filter(|(real, _)| !Inner::is_pending(&busy, real))
    {
        match (&container.id, ids.get(real)) {
            (Some(id), _) if all_ids.contains(id) => {}
            (None, Some(id)) => {
                let mut container = container.clone();
                container.id = Some(id.clone());
                changes.push(Change::Container(Box::new(container)));
            }
            _ => changes.push(Change::DropContainer(real.clone())),
        }
    }
    for (real, network) in before
        .networks
        .iter()
        .filter(|(real, _)| !Inner::is_pending(&busy, real))
    {
        match (&network.id, network_ids.get(real)) {
            (Some(id), Some((found, _))) if id == found && !network.bridge.is_empty() => {}
            (_, Some((found, bridge))) => {
                let mut network = network.clone();
                network.id = Some(found.clone());
                network.bridge = bridge.clone();
                changes.push(Change::Network(network));
            }
            (_, None) => changes.push(Change::DropNetwork(real.clone())),
        }
    }
    let gone = before
        .volumes
        .keys()
        .filter(|real| !Inner::is_pending(&busy, real) && !volume_names.contains_key(*real));
    changes.extend(gone.map(|real| Change::DropVolume(real.clone())));
    // Anonymous volumes carry the scope's labels, which only the gateway sets on volumes.
    let fresh = volume_names
        .keys()
        .filter(|real| crate::names::is_full_id(real) && !before.volumes.contains_key(*real));
    changes.extend(fresh.map(|real| {
        Change::Volume(crate::ledger::Volume {
            real: real.clone(),
            name: real.clone(),
        })
    }));
    note_running(scope, &containers);
    let gone = changes
        .iter()
        .any(|change| matches!(change, Change::DropContainer(_)));
    apply(scope, changes).await?;
    if gone {
        crate::api::binds::sweep(&scope.shared).await;
    }
    Ok(())
}

/// Writes the changes that still make sense: a container that was removed meanwhile must not come back.
async fn apply(scope: &Inner, changes: Vec<Change>) -> Result<(), Fault> {
    if changes.is_empty() {
        return Ok(());
    }
    scope
        .reserve(|state| {
            let still = changes.into_iter().filter(|change| match change {
                Change::Container(c) => state
                    .containers
                    .get(&c.real)
                    .is_some_and(|now| now.id.is_none()),
                Change::Network(n) => state.networks.contains_key(&n.real),
                _ => true,
            });
            Ok((still.collect(), ()))
        })
        .await
}

fn by_name<T>(list: &Value, pair: impl Fn(&Value) -> Option<(String, T)>) -> BTreeMap<String, T> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(pair)
        .collect()
}

fn note_running(scope: &Inner, containers: &Value) {
    let up = containers.as_array().into_iter().flatten().filter(|one| {
        matches!(
            one["State"].as_str(),
            Some("running" | "paused" | "restarting")
        )
    });
    let state = scope.state();
    let own = up
        .filter_map(|one| one["Id"].as_str())
        .filter(|id| state.container_by_id(id).is_some());
    *scope.running() = own.map(str::to_owned).collect();
}

/// At the start nothing is being made: what the books say of images that the engine does not have is wrong.
pub(crate) async fn at_start(shared: &Arc<Shared>) -> Result<(), GatewayError> {
    for inner in shared.all() {
        scope(&inner).await?;
    }
    crate::api::binds::sweep(shared).await;
    shared.guard().await;
    orphans(shared).await?;
    images(shared).await
}

/// Removes what carries our instance's label and is in no books: an engine or a gateway that was killed has made it, and
/// nobody was told. At any time: the books are read after the engine's list, and what is being made stands in them first.
pub(crate) async fn orphans(shared: &Arc<Shared>) -> Result<(), Fault> {
    let upstream = &shared.upstream;
    let filters =
        json!({ "label": [format!("docktutor.instance={}", shared.instance)] }).to_string();
    let query = || Query::new().with("filters", filters.clone());
    let containers = upstream
        .json(Call::get("/containers/json").query(query().with("all", "1")))
        .await?;
    let scopes = shared.all();
    for value in containers.as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, name) = (text(&value["Id"]), text(&value["Names"][0]));
        let owner = scopes
            .iter()
            .find(|scope| value["Labels"]["docktutor.scope"] == scope.name.as_str());
        // The application keeps its own containers beside a scope's, and marks them by their kind.
        let kept = match (owner, value["Labels"]["docktutor.kind"].as_str()) {
            (Some(_), Some(_)) => true,
            (Some(scope), None) => {
                let state = scope.state();
                let real = name.trim_start_matches('/');
                state.containers.contains_key(real) || state.container_by_id(&id).is_some()
            }
            (None, _) => value["Labels"]["docktutor.scope"].is_null(),
        };
        if !kept {
            let query = Query::new().with("force", "1").with("v", "1");
            remove(
                shared,
                Call::delete(format!("/containers/{id}")).query(query),
            )
            .await;
        }
    }
    let volumes = upstream.json(Call::get("/volumes").query(query())).await?;
    let scopes = shared.all();
    for value in volumes["Volumes"].as_array().into_iter().flatten() {
        let name = value["Name"].as_str().unwrap_or_default();
        let owner = scopes
            .iter()
            .find(|scope| value["Labels"]["docktutor.scope"] == scope.name.as_str());
        let kept = match owner {
            // One without a name of its own belongs to a container, and comes into the books by comparing.
            Some(scope) => {
                crate::names::is_full_id(name) || scope.state().volumes.contains_key(name)
            }
            None => value["Labels"]["docktutor.scope"].is_null(),
        };
        if !kept {
            remove(shared, Call::delete(format!("/volumes/{name}"))).await;
        }
    }
    let networks = upstream.json(Call::get("/networks").query(query())).await?;
    let scopes = shared.all();
    for value in networks.as_array().into_iter().flatten() {
        let (name, id) = (
            value["Name"].as_str().unwrap_or_default(),
            value["Id"].as_str().unwrap_or_default(),
        );
        let labelled = !value["Labels"]["docktutor.scope"].is_null();
        if labelled
            && !scopes
                .iter()
                .any(|scope| scope.state().networks.contains_key(name))
        {
            remove(shared, Call::delete(format!("/networks/{id}"))).await;
        }
    }
    let tags = tags(shared).await?;
    let scopes = shared.all();
    for tag in tags.keys() {
        if !scopes
            .iter()
            .any(|scope| scope.state().images.contains_key(tag))
        {
            let query = Query::new().with("force", "1");
            remove(shared, Call::delete(format!("/images/{tag}")).query(query)).await;
        }
    }
    Ok(())
}

/// Images are held by tags whose repository names instance and scope: the tags, and what they name.
async fn tags(shared: &Shared) -> Result<BTreeMap<String, String>, Fault> {
    let prefix = crate::names::keep_repository(&shared.instance, "");
    let all = shared.upstream.json(Call::get("/images/json")).await?;
    let mut tags = BTreeMap::new();
    for image in all.as_array().into_iter().flatten() {
        let id = image["Id"].as_str().unwrap_or_default();
        let names = image["RepoTags"].as_array().into_iter().flatten();
        let names = names.filter_map(Value::as_str);
        let own = names.filter(|tag| tag.starts_with(&prefix));
        tags.extend(own.map(|tag| (tag.to_owned(), id.to_owned())));
    }
    Ok(tags)
}

/// Brings the books' images to what the engine has.
async fn images(shared: &Arc<Shared>) -> Result<(), GatewayError> {
    let tags = tags(shared).await?;
    for scope in shared.all() {
        let before = scope.state().clone();
        let mut changes = Vec::new();
        for image in before.images.values() {
            match tags.get(&image.keep) {
                Some(id) if *id == image.id => {}
                // A build had ended when the gateway was killed, and nobody wrote it down.
                Some(id) => changes.push(Change::Image(Image {
                    keep: image.keep.clone(),
                    id: id.clone(),
                })),
                None => {
                    let lost = before
                        .tags
                        .iter()
                        .filter(|(_, id)| **id == image.id && !image.id.is_empty());
                    changes.extend(lost.map(|(reference, _)| Change::DropTag(reference.clone())));
                    changes.push(Change::DropImage(image.keep.clone()));
                }
            }
        }
        scope.record(changes).await?;
    }
    Ok(())
}

async fn remove(shared: &Shared, call: Call) {
    match shared.upstream.ask(call).await {
        Ok((status, _)) if status.is_success() => {
            tracing::info!("an object without an owner was removed")
        }
        Ok((status, bytes)) => {
            tracing::warn!(%status, message = %String::from_utf8_lossy(&bytes), "an orphan could not be removed");
        }
        Err(fault) => tracing::warn!(fault.message, "an orphan could not be removed"),
    }
}
