//! Containers: list, inspect, prune.

use super::{Answer, Ask, ok, or_null, own_container};
use crate::error::Fault;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use crate::view;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Filters that the engine can judge itself.
const ENGINE: [&str; 4] = ["label", "status", "exited", "health"];
/// Filters that speak of names, ports or networks, which only the gateway knows.
const OURS: [&str; 6] = ["id", "name", "network", "volume", "publish", "expose"];

/// The most containers that are asked for by their ids.
const MOST_IDS: usize = 100;

pub(crate) async fn list(scope: &Inner, ask: &Ask) -> Answer {
    // Docker's SDK for Python sends `trunc_cmd`; no engine reads it any more.
    let params = ask.params(&[
        "all",
        "limit",
        "size",
        "filters",
        "since",
        "before",
        "trunc_cmd",
    ])?;
    let filters = params.filters()?;
    let mut engine: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let ids = own_ids(scope);
    match &ids {
        Some(ids) => engine.insert("id".to_owned(), ids.clone()),
        None => engine.insert("label".to_owned(), scope.label_filters()),
    };
    let mut all = params.flag("all");
    for (key, wanted) in &filters {
        if ENGINE.contains(&key.as_str()) {
            all |= matches!(key.as_str(), "status" | "exited");
            engine
                .entry(key.clone())
                .or_default()
                .extend(wanted.clone());
        } else if !OURS.contains(&key.as_str()) && key != "ancestor" && key != "is-task" {
            return Err(Fault::bad(format!("Invalid filter '{key}'")));
        }
    }
    let limit = params
        .number("limit", -1..=100_000)?
        .filter(|limit| *limit > 0);
    all |= limit.is_some();
    if ids.is_some_and(|ids| ids.is_empty()) {
        return ok(&json!([]));
    }
    let mut query = Query::new()
        .with("filters", json!(engine).to_string())
        .flag(&params, "size");
    if all {
        query = query.with("all", "1");
    }
    let listed = scope
        .shared
        .upstream
        .json(Call::get("/containers/json").query(query))
        .await?;
    let images = super::images::view_of(scope);
    let ancestors = filters.get("ancestor").map(|wanted| {
        wanted
            .iter()
            .filter_map(|name| match images.find(name) {
                view::images::Found::One { id, .. } => Some(id),
                _ => None,
            })
            .collect::<Vec<_>>()
    });
    let state = scope.state();
    let Value::Array(listed) = listed else {
        return Err(Fault::internal("the engine's list is no list"));
    };
    let mut shown: Vec<Value> = listed
        .into_iter()
        .filter_map(|value| {
            let container = state.container_by_id(value["Id"].as_str()?)?;
            if ancestors
                .as_ref()
                .is_some_and(|ids| !ids.contains(&container.image_id))
            {
                return None;
            }
            let value = view::container::summary(value, container, &state, &images);
            let ours = filters
                .iter()
                .filter(|(key, _)| OURS.contains(&key.as_str()));
            ours.into_iter()
                .all(|(key, wanted)| view::container::matches(&value, key, wanted))
                .then_some(value)
        })
        .collect();
    if let Some(limit) = limit {
        shown.truncate(limit as usize);
    }
    ok(&Value::Array(shown))
}

/// The containers' ids, by which an engine finds them without looking at those of all other scopes; nothing where they
/// are so many that the address of the call would be too long.
fn own_ids(scope: &Inner) -> Option<Vec<String>> {
    let state = scope.state();
    let ids = state.containers.values().filter_map(|one| one.id.clone());
    let ids: Vec<String> = ids.take(MOST_IDS + 1).collect();
    (ids.len() <= MOST_IDS).then_some(ids)
}

pub(crate) async fn inspect(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    let query = Query::new().flag(&ask.params(&["size"])?, "size");
    let container = own_container(scope, id)?;
    let real = container
        .id
        .clone()
        .ok_or_else(|| Fault::no_container(id))?;
    let mut value = scope
        .shared
        .upstream
        .json(Call::get(format!("/containers/{real}/json")).query(query))
        .await?;
    let running = value["State"]["Running"] == true;
    if !running && scope.disk.has_stopped(&real) {
        // The engine only knows that it was killed.
        value["State"]["Error"] = json!(crate::disk::full(scope).message);
    }
    let shown = view::container::inspect(value, &container, &scope.state(), running);
    ok(&shown)
}

/// The filters of a prune call.
#[derive(Default)]
pub(crate) struct Pruned {
    with: Vec<String>,
    without: Vec<String>,
    /// Only what was made at this second or before.
    until: Option<i64>,
}

impl Pruned {
    /// `created` is the second in which the object was made, 0 where nobody knows it.
    pub(crate) fn fits(&self, labels: &Value, created: i64) -> bool {
        let has = |want: &String| super::networks::label_matches(labels, want);
        self.with.iter().all(has)
            && !self.without.iter().any(has)
            && self.until.is_none_or(|until| created <= until)
    }
}

pub(crate) fn prune_filters(filters: &BTreeMap<String, Vec<String>>) -> Result<Pruned, Fault> {
    let mut pruned = Pruned::default();
    for (key, wanted) in filters {
        match (key.as_str(), wanted.as_slice()) {
            ("label", _) => pruned.with.clone_from(wanted),
            ("label!", _) => pruned.without.clone_from(wanted),
            ("until", [until]) => pruned.until = Some(moment(until)?),
            ("until", _) => return Err(Fault::bad("more than one until filter specified")),
            _ => return Err(Fault::bad(format!("Invalid filter '{key}'"))),
        }
    }
    Ok(pruned)
}

/// The second that a filter means.
pub(crate) fn moment(text: &str) -> Result<i64, Fault> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |passed| passed.as_secs() as i64);
    crate::policy::moment::parse(text, now).ok_or_else(|| {
        Fault::bad(format!(
            "failed to parse value as time or duration: {text:?}"
        ))
    })
}

pub(crate) async fn prune(scope: &Arc<Inner>, ask: Ask) -> Answer {
    let filters = ask.params(&["filters"])?.filters()?;
    ask.no_body().await?;
    let pruned = prune_filters(&filters)?;
    let query = json!({ "label": scope.label_filters(), "status": ["created", "exited", "dead"] });
    let query = Query::new()
        .with("all", "1")
        .with("size", "1")
        .with("filters", query.to_string());
    let all = scope
        .shared
        .upstream
        .json(Call::get("/containers/json").query(query))
        .await?;
    let (mut deleted, mut space) = (Vec::new(), 0);
    for value in all.as_array().into_iter().flatten() {
        let Some(id) = value["Id"].as_str() else {
            continue;
        };
        let own = scope.state().container_by_id(id).is_some();
        if own
            && pruned.fits(&value["Labels"], value["Created"].as_i64().unwrap_or(0))
            && super::lifecycle::delete(scope, id, &Query::new())
                .await
                .is_ok()
        {
            space += value["SizeRw"].as_i64().unwrap_or(0);
            deleted.push(json!(id));
        }
    }
    ok(&json!({ "ContainersDeleted": or_null(deleted), "SpaceReclaimed": space }))
}
