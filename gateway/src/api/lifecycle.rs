//! What is done to a container: start, stop, kill, restart, pause, update, wait, remove.

use super::publish::{publish, unpublish};
use super::{Answer, Ask, binds, no_content, ok, own_container, own_id, relay};
use crate::disk;
use crate::error::Fault;
use crate::ledger::Change;
use crate::policy::limits::{Abilities, FIELDS, Resources};
use crate::policy::query::Query;
use crate::policy::{body::RestartPolicy, json};
use crate::scope::Inner;
use crate::upstream::{Call, ORDINARY};
use http_body_util::BodyExt;
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The longest time that `docker stop -t` may take.
const LONGEST_STOP: i64 = 600;

pub(crate) async fn start(scope: &Arc<Inner>, ask: Ask, text: &str) -> Answer {
    let params = ask.params(&["detachKeys", "checkpoint", "checkpoint-dir"])?;
    if params.text("checkpoint").is_some() || params.text("checkpoint-dir").is_some() {
        return Err(Fault::refused("checkpoints"));
    }
    // Old engines read a whole new configuration from the body of this call.
    ask.no_body().await?;
    let container = own_container(scope, text)?;
    let id = container
        .id
        .clone()
        .ok_or_else(|| Fault::no_container(text))?;
    let ready = match disk::room(scope).await {
        Ok(_) => binds::place_again(scope, &container.real).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = ready {
        remove_unstarted(scope, &id).await;
        return Err(fault);
    }
    let fresh = !scope.ports.has(&container.real);
    if fresh && let Err(message) = publish(scope, &container.real).await {
        remove_unstarted(scope, &id).await;
        return Err(Fault::internal(format!(
            "driver failed programming external connectivity on endpoint {} ({id}): {message}",
            container.name
        )));
    }
    let started = relay(
        scope,
        Call::post(format!("/containers/{id}/start")).within(2 * ORDINARY),
    )
    .await;
    match &started {
        Ok(_) => drop(scope.running().insert(id)),
        Err(_) if fresh => unpublish(scope, &container.real).await?,
        Err(_) => {}
    }
    started.map_err(|fault| crate::usage::explain(scope, fault))
}

/// As the engine does, a container of `docker run --rm` that cannot start is removed: its client waits for that.
async fn remove_unstarted(scope: &Inner, id: &str) {
    let call = Call::get(format!("/containers/{id}/json"));
    let Ok(value) = scope.shared.upstream.json(call).await else {
        return;
    };
    if value["HostConfig"]["AutoRemove"] == true && value["State"]["Running"] != true {
        let query = Query::new().with("force", "1").with("v", "1");
        if let Err(fault) = delete(scope, id, &query).await {
            tracing::warn!(fault.message, "an unstarted container could not be removed");
        }
    }
}

/// Calls that need an own container and a few known parameters, and nothing else.
pub(crate) async fn simple(scope: &Arc<Inner>, ask: Ask, text: &str, verb: &str) -> Answer {
    let params = match verb {
        "stop" | "restart" => ask.params(&["t", "signal"])?,
        "kill" => ask.params(&["signal"])?,
        "resize" => ask.params(&["h", "w"])?,
        _ => ask.params(&[])?,
    };
    ask.no_body().await?;
    let container = own_container(scope, text).map_err(|fault| match verb {
        "kill" => fault.after(&format!("Cannot kill container: {text}: ")),
        _ => fault,
    })?;
    let id = container
        .id
        .clone()
        .ok_or_else(|| Fault::no_container(text))?;
    let signal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-');
    let mut query = Query::new();
    let mut deadline = ORDINARY;
    match verb {
        "stop" | "restart" => {
            query = query.number(&params, "t", -1..=LONGEST_STOP)?;
            let seconds = params.number("t", -1..=LONGEST_STOP)?.unwrap_or(10).max(10);
            deadline += Duration::from_secs(seconds as u64);
        }
        "kill" => query = query.text(&params, "signal", 16, signal)?,
        "resize" => {
            query = query
                .number(&params, "h", 0..=10_000)?
                .number(&params, "w", 0..=10_000)?
        }
        _ => {}
    }
    if verb == "restart" {
        disk::room(scope).await?;
        binds::place_again(scope, &container.real).await?;
    }
    let answer = relay(
        scope,
        Call::post(format!("/containers/{id}/{verb}"))
            .query(query)
            .within(deadline),
    )
    .await
    .map_err(|fault| fault.naming(&id, text))?;
    if verb == "stop" {
        scope.running().remove(&id);
        unpublish(scope, &container.real).await?;
    }
    Ok(answer)
}

pub(crate) async fn update(scope: &Inner, ask: Ask, text: &str) -> Answer {
    ask.params(&[])?;
    let note = ask.note.clone();
    let mut body = ask.object().await?;
    let id = own_id(scope, text)?;
    let policy: Option<RestartPolicy> = json::typed(
        "RestartPolicy",
        body.remove("RestartPolicy").unwrap_or_default(),
    )?;
    let fields: Map<String, Value> = FIELDS
        .iter()
        .filter_map(|key| body.remove(*key).map(|value| ((*key).to_owned(), value)))
        .collect();
    let resources: Resources = json::typed("the update", Value::Object(fields))?;
    let can = Abilities::of(&scope.shared.info);
    resources.check(can)?;
    resources.agree(false)?;
    let warnings = resources.cut(&scope.limits());
    if !warnings.is_empty() {
        note.rewrote("limits");
    }
    if let Some((key, _)) = body.iter().find(|(_, value)| !json::is_empty(value)) {
        return Err(Fault::refused(format!("updating {key}")));
    }
    let mut upstream = resources.for_update(&scope.limits(), can);
    if let Some(policy) = policy {
        upstream.insert("RestartPolicy".into(), policy.upstream()?);
    }
    let call = Call::post(format!("/containers/{id}/update")).json(&Value::Object(upstream));
    let answer = scope.shared.upstream.json(call).await?;
    ok(&json!({ "Warnings": all_warnings(&answer, warnings) }))
}

/// The engine's warnings and ours; `null` where there are none, as the engine says it.
pub(crate) fn all_warnings(answer: &Value, ours: Vec<String>) -> Value {
    let mut all = answer["Warnings"].as_array().cloned().unwrap_or_default();
    all.extend(ours.into_iter().map(Value::String));
    if all.is_empty() {
        answer["Warnings"].clone()
    } else {
        Value::Array(all)
    }
}

pub(crate) async fn wait(scope: &Arc<Inner>, ask: Ask, text: &str) -> Answer {
    let params = ask.params(&["condition"])?;
    ask.no_body().await?;
    let condition = params.text("condition").unwrap_or("not-running").to_owned();
    if !matches!(condition.as_str(), "not-running" | "next-exit" | "removed") {
        return Err(Fault::bad(format!("invalid condition: \"{condition}\"")));
    }
    let container = own_container(scope, text)?;
    let id = container
        .id
        .clone()
        .ok_or_else(|| Fault::no_container(text))?;
    let query = Query::new().with("condition", &condition);
    let answer = relay(
        scope,
        Call::post(format!("/containers/{id}/wait")).query(query),
    )
    .await?;
    if condition != "removed" {
        return Ok(answer);
    }
    // Who hears that the container is gone may use its name again at once: the books must know by then.
    let (parts, body) = answer.into_parts();
    let (scope, real) = (scope.clone(), container.real);
    let body = http_body_util::StreamBody::new(futures_util::stream::unfold(
        Some((body, scope, real)),
        |state| async {
            let (mut body, scope, real) = state?;
            let frame = body.frame().await?;
            if forget(&scope, &real).await.is_err() {
                tracing::warn!(
                    scope = scope.name,
                    "a removed container stays in the books until the next comparison"
                );
            }
            Some((frame, Some((body, scope, real))))
        },
    ));
    Ok(hyper::Response::from_parts(parts, body.boxed_unsync()))
}

/// Takes a container that is gone out of the books, with the anonymous volumes that went with it.
pub(crate) async fn forget(scope: &Inner, real: &str) -> Result<(), Fault> {
    scope.ports.release(real);
    let Some(container) = scope.state().containers.get(real).cloned() else {
        return Ok(());
    };
    if let Some(id) = &container.id {
        scope.running().remove(id);
    }
    scope
        .record(vec![Change::DropContainer(real.to_owned())])
        .await?;
    scope.disk.changed();
    if !container.binds.is_empty() {
        binds::sweep(&scope.shared).await;
    }
    Ok(())
}

pub(crate) async fn remove(scope: &Arc<Inner>, ask: Ask, text: &str) -> Answer {
    let params = ask.params(&["v", "force", "link"])?;
    ask.no_body().await?;
    if params.flag("link") {
        return Err(Fault::refused("links between containers"));
    }
    let id = own_id(scope, text)?;
    delete(
        scope,
        &id,
        &Query::new().flag(&params, "v").flag(&params, "force"),
    )
    .await?;
    no_content()
}

/// Removes a container from the engine and from the books.
pub(crate) async fn delete(scope: &Inner, id: &str, query: &Query) -> Result<(), Fault> {
    let Some(container) = scope.state().container_by_id(id).cloned() else {
        return Ok(());
    };
    let call = Call::delete(format!("/containers/{id}"))
        .query(query.clone())
        .within(2 * ORDINARY);
    match scope.shared.upstream.json(call).await {
        Ok(_) => {}
        Err(fault) if fault.status == StatusCode::NOT_FOUND => {}
        Err(fault) => return Err(fault),
    }
    let mut gone = Vec::new();
    for volume in &container.anonymous {
        // Anonymous volumes go with `-v`, and with a container that was run with `--rm`.
        let value = scope
            .shared
            .upstream
            .json(Call::get(format!("/volumes/{volume}")))
            .await;
        if value.is_err_and(|fault| fault.status == StatusCode::NOT_FOUND) {
            gone.push(Change::DropVolume(volume.clone()));
        }
    }
    scope.record(gone).await?;
    forget(scope, &container.real).await
}

/// Stops all running containers of a scope.
pub(crate) async fn stop_all(scope: &Arc<Inner>) -> Result<(), Fault> {
    let ids: Vec<String> = scope
        .state()
        .containers
        .values()
        .filter_map(|container| container.id.clone())
        .collect();
    let stops = ids.iter().map(|id| {
        let query = Query::new().with("t", "5");
        scope.shared.upstream.ask(
            Call::post(format!("/containers/{id}/stop"))
                .query(query)
                .within(ORDINARY),
        )
    });
    futures_util::future::join_all(stops)
        .await
        .into_iter()
        .try_for_each(|result| result.map(drop))?;
    scope.running().clear();
    Ok(())
}
