//! `POST /containers/create`: policy, volumes, books, engine, in this order.

use super::lifecycle::all_warnings;
use super::{Answer, Ask, binds, images, json_response, volumes};
use crate::disk;
use crate::error::Fault;
use crate::ledger::{Change, Container, Volume};
use crate::names;
use crate::policy::create::{self, Context};
use crate::policy::limits::Abilities;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn create(scope: &Arc<Inner>, ask: Ask) -> Answer {
    let params = ask.params(&["name", "platform"])?;
    scope.check_platform(params.text("platform"))?;
    let asked_name = params
        .text("name")
        .map(|name| name.strip_prefix('/').unwrap_or(name).to_owned());
    if let Some(name) = asked_name.as_deref().filter(|name| !names::is_valid(name)) {
        return Err(Fault::bad(format!(
            "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )));
    }
    let note = ask.note.clone();
    if let Some(name) = &asked_name {
        note.object(name);
    }
    let body = ask.object().await?;
    disk::room(scope).await?;
    let image_id = images::resolve_to_run(scope, create::image_of(&body)?)?;
    let image = scope.shared.image(&image_id).await?;
    let limits = scope.limits();
    let workspace = scope.workspace().map(|workspace| workspace.seen_as);
    let plan = {
        let state = scope.state();
        create::plan(
            body,
            &Context {
                state: &state,
                limits: &limits,
                workspace: workspace.as_deref(),
                abilities: Abilities::of(&scope.shared.info),
                image: &image["Config"],
                image_id: &image_id,
                labels: &scope.labels(),
                cgroup: scope.cgroup().as_deref(),
                runtime: scope.shared.runtime.as_deref(),
            },
        )?
    };
    for name in plan.named_volumes() {
        volumes::ensure(scope, name, BTreeMap::new()).await?;
    }
    let anonymous = plan.anonymous_volumes();
    let suffix = names::random(10);
    let _pending = scope.pending_guard(&suffix);
    let draft = Container {
        real: String::new(),
        id: None,
        name: asked_name.unwrap_or_default(),
        image_id,
        asked: plan.asked.clone(),
        publish: plan.publish.clone(),
        bound: Vec::new(),
        anonymous: Vec::new(),
        binds: plan.binds(),
    };
    let container = match reserve(scope, &draft, &suffix, anonymous).await {
        // The books may still hold what has just removed itself: look at the engine, then decide.
        Err(fault) if matches!(fault.status, StatusCode::CONFLICT | StatusCode::FORBIDDEN) => {
            crate::reconcile::scope(scope).await?;
            reserve(scope, &draft, &suffix, anonymous).await?
        }
        result => result?,
    };
    note.object(&container.name);
    for what in plan.rewritten() {
        note.rewrote(what);
    }
    make(scope, container, plan).await
}

/// Takes a place among the scope's containers, and the name.
async fn reserve(
    scope: &Inner,
    draft: &Container,
    suffix: &str,
    anonymous: usize,
) -> Result<Container, Fault> {
    let limits = scope.limits();
    scope
        .reserve(|state| {
            let holder = |name: &str| state.containers.values().find(|other| other.name == name);
            let mut container = draft.clone();
            if container.name.is_empty() {
                container.name = names::invent(|name| holder(name).is_some());
            } else if let Some(other) = holder(&container.name) {
                return Err(Fault::conflict(format!(
                    "Conflict. The container name \"/{}\" is already in use by container \"{}\". \
                     You have to remove (or rename) that container to be able to reuse that name.",
                    container.name,
                    other.id.as_deref().unwrap_or("which is being created")
                )));
            }
            if state.containers.len() >= limits.containers as usize {
                return Err(Fault::limit(
                    "containers",
                    limits.containers,
                    "remove one with docker rm, or all stopped ones with docker container prune",
                ));
            }
            if anonymous > 0 && state.volumes.len() + anonymous > limits.volumes as usize {
                return Err(Fault::limit(
                    "volumes",
                    limits.volumes,
                    "remove one with docker volume rm",
                ));
            }
            container.real = format!("{}.{suffix}", container.name);
            Ok((
                vec![Change::Container(Box::new(container.clone()))],
                container,
            ))
        })
        .await
}

async fn make(scope: &Inner, mut container: Container, plan: create::Plan) -> Answer {
    let anonymous = plan.anonymous_volumes() > 0;
    let warnings = plan.warnings.clone();
    let made = async {
        // The anchors are in the books by now: whatever happens, they are found again and taken away.
        binds::place(scope, &container.binds).await?;
        let body = plan.upstream(
            &container.name,
            |name| scope.state().volume(name).map(|v| v.real.clone()),
            |anchor| binds::source(scope, anchor),
        )?;
        let query = Query::new().with("name", &container.real);
        scope
            .shared
            .upstream
            .json(Call::post("/containers/create").query(query).json(&body))
            .await
    };
    let answer = match made.await {
        Ok(answer) => answer,
        Err(fault) => {
            let message = scope.scrub(&fault.message);
            scope
                .record(vec![Change::DropContainer(container.real)])
                .await?;
            if !container.binds.is_empty() {
                binds::sweep(&scope.shared).await;
            }
            return Err(Fault::new(fault.status, message));
        }
    };
    let id = answer["Id"].as_str().unwrap_or_default().to_owned();
    container.id = Some(id.clone());
    let mut changes = Vec::new();
    if anonymous {
        let value = scope
            .shared
            .upstream
            .json(Call::get(format!("/containers/{id}/json")))
            .await?;
        for volume in anonymous_of(scope, &value) {
            container.anonymous.push(volume.real.clone());
            changes.push(Change::Volume(volume));
        }
    }
    changes.push(Change::Container(Box::new(container)));
    scope.record(changes).await?;
    Ok(json_response(
        StatusCode::CREATED,
        &json!({ "Id": id, "Warnings": all_warnings(&answer, warnings) }),
    ))
}

/// Volumes of an inspected container that are in nobody's books: the engine invented their names.
pub(crate) fn anonymous_of(scope: &Inner, container: &Value) -> Vec<Volume> {
    let state = scope.state();
    let mounts = container["Mounts"].as_array().into_iter().flatten();
    mounts
        .filter(|mount| mount["Type"] == "volume")
        .filter_map(|mount| mount["Name"].as_str())
        .filter(|name| names::is_full_id(name) && !state.volumes.contains_key(*name))
        .map(|name| Volume {
            real: name.to_owned(),
            name: name.to_owned(),
        })
        .collect()
}
