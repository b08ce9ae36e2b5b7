//! Volumes: list, create, inspect, remove, prune. Only plain local ones, named by the gateway on the engine.

use super::{Answer, Ask, json_response, no_content, ok};
use crate::disk;
use crate::error::Fault;
use crate::ledger::{Change, Volume};
use crate::names;
use crate::policy::json;
use crate::scope::Inner;
use crate::upstream::Call;
use crate::view;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn list(scope: &Inner, ask: &Ask) -> Answer {
    let filters = ask.params(&["filters"])?.filters()?;
    let mut query = json!({ "label": scope.label_filters() });
    for (key, wanted) in &filters {
        match key.as_str() {
            "dangling" => query["dangling"] = json!(wanted),
            "name" | "label" | "driver" => {}
            _ => return Err(Fault::bad(format!("Invalid filter '{key}'"))),
        }
    }
    let query = crate::policy::query::Query::new().with("filters", query.to_string());
    let all = scope
        .shared
        .upstream
        .json(Call::get("/volumes").query(query))
        .await?;
    let state = scope.state();
    let shown: Vec<Value> = all["Volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| {
            Some(view::volume::show(
                value.clone(),
                state.volumes.get(value["Name"].as_str()?)?,
            ))
        })
        .filter(|value| {
            filters.iter().all(|(key, wanted)| match key.as_str() {
                "name" => wanted.iter().any(|w| {
                    value["Name"]
                        .as_str()
                        .is_some_and(|name| name.contains(w.as_str()))
                }),
                "label" => wanted
                    .iter()
                    .all(|want| super::networks::label_matches(&value["Labels"], want)),
                "driver" => wanted.iter().any(|want| value["Driver"] == want.as_str()),
                _ => true,
            })
        })
        .collect();
    ok(&json!({ "Volumes": shown, "Warnings": null }))
}

pub(crate) async fn create(scope: &Arc<Inner>, ask: Ask) -> Answer {
    ask.params(&[])?;
    let note = ask.note.clone();
    let mut body = ask.object().await?;
    let name: Option<String> = json::typed("Name", body.remove("Name").unwrap_or_default())?;
    let driver: Option<String> = json::typed("Driver", body.remove("Driver").unwrap_or_default())?;
    let labels: Option<BTreeMap<String, String>> =
        json::typed("Labels", body.remove("Labels").unwrap_or_default())?;
    if !matches!(driver.as_deref(), None | Some("" | "local")) {
        return Err(Fault::refused("volume drivers other than local"));
    }
    if let Some(options) = body.remove("DriverOpts")
        && options
            .as_object()
            .is_none_or(|options| !options.is_empty())
        && !options.is_null()
    {
        return Err(Fault::refused(
            "volume driver options: they could mount folders of the host",
        ));
    }
    json::take_refused(
        &mut body,
        "",
        &[("ClusterVolumeSpec", "swarm mode is not part of it")],
    )?;
    if let Some(key) = body.keys().next() {
        return Err(Fault::refused(format!(
            "the field {key:?} of a new volume is not known"
        )));
    }
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| names::hash(&names::random(32), 64));
    note.object(&name);
    names::check_volume(&name)?;
    disk::room(scope).await?;
    let mut labels = labels.unwrap_or_default();
    labels.retain(|key, _| !key.starts_with(crate::policy::create::RESERVED));
    let volume = ensure(scope, &name, labels).await?;
    let value = scope
        .shared
        .upstream
        .json(Call::get(format!("/volumes/{}", volume.real)))
        .await?;
    Ok(json_response(
        StatusCode::CREATED,
        &view::volume::show(value, &volume),
    ))
}

/// The volume of that name, made if it is not there.
pub(crate) async fn ensure(
    scope: &Inner,
    name: &str,
    labels: BTreeMap<String, String>,
) -> Result<Volume, Fault> {
    let limit = scope.limits().volumes;
    let fresh = Volume {
        real: names::real(name),
        name: name.to_owned(),
    };
    let _pending = scope.pending_guard(&fresh.real);
    let existing = scope
        .reserve(|state| {
            if let Some(volume) = state.volume(name) {
                return Ok((Vec::new(), Some(volume.clone())));
            }
            if state.volumes.len() >= limit as usize {
                return Err(Fault::limit(
                    "volumes",
                    limit,
                    "remove one with docker volume rm, or docker volume prune",
                ));
            }
            Ok((vec![Change::Volume(fresh.clone())], None))
        })
        .await?;
    if let Some(volume) = existing {
        return Ok(volume);
    }
    let mut labels = labels;
    labels.extend(scope.labels());
    let body = json!({ "Name": fresh.real, "Driver": "local", "DriverOpts": {}, "Labels": labels });
    match scope
        .shared
        .upstream
        .json(Call::post("/volumes/create").json(&body))
        .await
    {
        Ok(_) => Ok(fresh),
        Err(fault) => {
            scope.record(vec![Change::DropVolume(fresh.real)]).await?;
            Err(fault)
        }
    }
}

fn own(scope: &Inner, name: &str) -> Result<Volume, Fault> {
    scope
        .state()
        .volume(name)
        .cloned()
        .ok_or_else(|| Fault::no_volume(name))
}

pub(crate) async fn inspect(scope: &Inner, ask: &Ask, name: &str) -> Answer {
    ask.params(&[])?;
    let volume = own(scope, name)?;
    let value = scope
        .shared
        .upstream
        .json(Call::get(format!("/volumes/{}", volume.real)))
        .await?;
    ok(&view::volume::show(value, &volume))
}

pub(crate) async fn remove(scope: &Inner, ask: Ask, name: &str) -> Answer {
    let params = ask.params(&["force"])?;
    ask.no_body().await?;
    let volume = match own(scope, name) {
        // With force, the engine does not mind that a volume is missing.
        Err(_) if params.flag("force") => return no_content(),
        found => found?,
    };
    delete(scope, &volume.real).await?;
    no_content()
}

/// Removes a volume from the engine and from the books; one that is gone already is no error.
pub(crate) async fn delete(scope: &Inner, real: &str) -> Result<(), Fault> {
    match scope
        .shared
        .upstream
        .json(Call::delete(format!("/volumes/{real}")))
        .await
    {
        Ok(_) => {}
        Err(fault) if fault.status == StatusCode::NOT_FOUND => {}
        Err(fault) => return Err(fault),
    }
    scope.disk.changed();
    scope
        .record(vec![Change::DropVolume(real.to_owned())])
        .await
}

pub(crate) async fn prune(scope: &Inner, ask: Ask) -> Answer {
    let mut filters = ask.params(&["filters"])?.filters()?;
    ask.no_body().await?;
    // This engine's version prunes named volumes too; newer clients say so explicitly.
    filters.remove("all");
    if filters.contains_key("until") {
        return Err(Fault::bad("Invalid filter 'until'"));
    }
    let pruned = super::containers::prune_filters(&filters)?;
    let query = json!({ "label": scope.label_filters(), "dangling": ["true"] });
    let query = crate::policy::query::Query::new().with("filters", query.to_string());
    let all = scope
        .shared
        .upstream
        .json(Call::get("/volumes").query(query))
        .await?;
    let (mut deleted, mut space) = (Vec::new(), 0);
    for value in all["Volumes"].as_array().into_iter().flatten() {
        let real = value["Name"].as_str().unwrap_or_default();
        let Some(volume) = scope.state().volumes.get(real).cloned() else {
            continue;
        };
        let size = scope.disk.of_volume(real).unwrap_or(0);
        if pruned.fits(&value["Labels"], 0) && delete(scope, real).await.is_ok() {
            space += size;
            deleted.push(volume.name);
        }
    }
    ok(&json!({ "VolumesDeleted": deleted, "SpaceReclaimed": space }))
}
