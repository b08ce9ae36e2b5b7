//! Commands in running containers. An exec belongs to the scope that owns its container; the engine says which.

use super::{Answer, Ask, hijack, json_response, ok, own_id, relay};
use crate::audit::Note;
use crate::error::Fault;
use crate::names;
use crate::policy::json;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use hyper::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ExecConfig {
    user: Option<String>,
    tty: Option<bool>,
    attach_stdin: Option<bool>,
    attach_stdout: Option<bool>,
    attach_stderr: Option<bool>,
    detach: Option<bool>,
    detach_keys: Option<String>,
    env: Option<Vec<String>>,
    working_dir: Option<String>,
    cmd: Option<Vec<String>>,
    console_size: Option<[u32; 2]>,
    /// Docker's SDK for Python repeats here what the path says; no engine reads it.
    #[serde(default, rename = "Container")]
    _container: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StartConfig {
    detach: Option<bool>,
    tty: Option<bool>,
    console_size: Option<[u32; 2]>,
    /// How much of a line the client bollard reads at once. It sends that along, and no engine knows it.
    #[serde(default, rename = "OutputCapacity")]
    _output_capacity: IgnoredAny,
}

pub(crate) async fn create(scope: &Inner, ask: Ask, id: &str) -> Answer {
    ask.params(&[])?;
    let mut body = ask.object().await?;
    json::take_refused(
        &mut body,
        "",
        &[(
            "Privileged",
            "a privileged command could take over the host",
        )],
    )?;
    let config: ExecConfig = json::typed("the command's configuration", Value::Object(body))?;
    // It is read so that an odd type is refused; start alone decides whether to detach.
    let _ = config.detach;
    let keys = config.detach_keys.unwrap_or_default();
    if !keys.chars().all(hijack::is_keys) {
        return Err(Fault::bad("invalid detach keys"));
    }
    let text = id;
    let id = own_id(scope, text)?;
    let mut upstream = json!({
        "User": config.user.unwrap_or_default(), "Tty": config.tty.unwrap_or(false),
        "AttachStdin": config.attach_stdin.unwrap_or(false), "AttachStdout": config.attach_stdout.unwrap_or(false),
        "AttachStderr": config.attach_stderr.unwrap_or(false), "DetachKeys": keys,
        "Env": config.env.unwrap_or_default(), "WorkingDir": config.working_dir.unwrap_or_default(),
        "Cmd": config.cmd.unwrap_or_default(), "Privileged": false,
    });
    if let Some(size) = config.console_size {
        upstream["ConsoleSize"] = json!(size);
    }
    // One at a time, so that many at once do not pass the limit together.
    let _one = scope.making_exec.lock().await;
    check_room(scope, &id).await?;
    let answer = scope
        .shared
        .upstream
        .json(Call::post(format!("/containers/{id}/exec")).json(&upstream))
        .await
        .map_err(|fault| fault.naming(&id, text))?;
    Ok(json_response(
        StatusCode::CREATED,
        &json!({ "Id": answer["Id"] }),
    ))
}

/// Refuses another command where a container has as many as it may have.
async fn check_room(scope: &Inner, id: &str) -> Result<(), Fault> {
    let container = scope
        .shared
        .upstream
        .json(Call::get(format!("/containers/{id}/json")))
        .await?;
    let limit = scope.limits().execs;
    let now = container["ExecIDs"].as_array().map_or(0, Vec::len);
    if now >= limit as usize {
        return Err(Fault::limit(
            "commands at the same time in one container (docker exec)",
            limit,
            "end one of them, or restart the container",
        ));
    }
    Ok(())
}

/// The exec's state, if its container is the scope's.
async fn own(scope: &Inner, id: &str, note: &Note) -> Result<Value, Fault> {
    let missing = || Fault::missing(format!("No such exec instance: {id}"));
    if !names::is_full_id(id) {
        return Err(missing());
    }
    let value = match scope
        .shared
        .upstream
        .json(Call::get(format!("/exec/{id}/json")))
        .await
    {
        Ok(value) => value,
        Err(fault) if fault.status == StatusCode::NOT_FOUND => return Err(missing()),
        Err(fault) => return Err(fault),
    };
    let container = value["ContainerID"].as_str().unwrap_or_default();
    match scope.state().container_by_id(container) {
        Some(container) => note.object(&container.name),
        None => return Err(missing()),
    }
    Ok(value)
}

pub(crate) async fn start(scope: &Inner, mut ask: Ask, id: &str) -> Answer {
    ask.params(&[])?;
    let (upgrade, stop, note) = (ask.upgrade.take(), ask.stop.clone(), ask.note.clone());
    let body = ask.object().await?;
    let config: StartConfig = json::typed("the command's start", Value::Object(body))?;
    own(scope, id, &note).await?;
    let detach = config.detach.unwrap_or(false);
    let mut body = json!({ "Detach": detach, "Tty": config.tty.unwrap_or(false) });
    if let Some(size) = config.console_size {
        body["ConsoleSize"] = json!(size);
    }
    let call = Call::post(format!("/exec/{id}/start")).json(&body);
    if detach {
        relay(scope, call).await
    } else {
        hijack::tunnel(scope, call, upgrade, stop).await
    }
}

pub(crate) async fn resize(scope: &Inner, ask: Ask, id: &str) -> Answer {
    let params = ask.params(&["h", "w"])?;
    let note = ask.note.clone();
    ask.no_body().await?;
    own(scope, id, &note).await?;
    let query = Query::new()
        .number(&params, "h", 0..=10_000)?
        .number(&params, "w", 0..=10_000)?;
    relay(scope, Call::post(format!("/exec/{id}/resize")).query(query)).await
}

pub(crate) async fn inspect(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    ask.params(&[])?;
    ok(&own(scope, id, &ask.note).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_as_clients_send_it_is_understood_and_nothing_else() {
        let start = |body: Value| json::typed::<StartConfig>("the command's start", body);
        for body in [
            json!({}),
            json!({ "Detach": false, "Tty": true, "ConsoleSize": [24, 80] }),
            json!({ "Detach": false, "Tty": false, "OutputCapacity": null }),
            json!({ "Detach": false, "Tty": false, "OutputCapacity": 8192 }),
        ] {
            assert!(start(body.clone()).is_ok(), "{body}");
        }
        assert!(start(json!({ "Detach": false, "Privileged": true })).is_err());
    }
}
