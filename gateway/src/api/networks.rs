//! Networks: list, create, inspect, connect, disconnect, remove, prune; and the scope's own default network.

use super::{Answer, Ask, json_response, no_content, ok, or_null, own_container};
use crate::error::{Fault, GatewayError};
use crate::ledger::{Change, Network, State};
use crate::names;
use crate::policy::{json, network};
use crate::scope::Inner;
use crate::upstream::Call;
use crate::view;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

mod make;

use make::{bridge_name, make};

/// Makes the scope's default network unless it is there.
pub(crate) async fn ensure_bridge(scope: &Inner) -> Result<(), GatewayError> {
    let id = scope
        .state()
        .bridge()
        .and_then(|network| network.id.clone());
    if let Some(id) = id {
        match scope
            .shared
            .upstream
            .json(Call::get(format!("/networks/{id}")))
            .await
        {
            Ok(_) => return Ok(()),
            Err(fault) if fault.status == StatusCode::NOT_FOUND => {
                let real = scope
                    .state()
                    .bridge()
                    .map(|network| network.real.clone())
                    .unwrap_or_default();
                scope.record(vec![Change::DropNetwork(real)]).await?;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    let network = Network {
        real: names::real(&format!("dt-{}", scope.name)),
        id: None,
        name: "bridge".to_owned(),
        bridge: bridge_name(),
    };
    let _pending = scope.pending_guard(&network.real);
    scope.record(vec![Change::Network(network.clone())]).await?;
    make(scope, network, false, BTreeMap::new()).await?;
    Ok(())
}

pub(crate) async fn list(scope: &Inner, ask: &Ask) -> Answer {
    let filters = ask.params(&["filters"])?.filters()?;
    let known = ["name", "id", "driver", "label", "type", "scope", "dangling"];
    if let Some(key) = filters.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(Fault::bad(format!("Invalid filter '{key}'")));
    }
    let all = scope.shared.upstream.json(Call::get("/networks")).await?;
    let state = scope.state();
    let shown: Vec<Value> = all
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| {
            let shown = match state.networks.get(value["Name"].as_str()?) {
                Some(network) if network.id.as_deref() == value["Id"].as_str() => {
                    view::network::show(value.clone(), network, &state)
                }
                _ if is_predefined(value) => view::network::predefined(value.clone()),
                _ => return None,
            };
            filters
                .iter()
                .all(|(key, wanted)| matches(&shown, key, wanted, &state))
                .then_some(shown)
        })
        .collect();
    ok(&Value::Array(shown))
}

fn is_predefined(value: &Value) -> bool {
    matches!(
        (value["Name"].as_str(), value["Driver"].as_str()),
        (Some("host"), Some("host")) | (Some("none"), Some("null"))
    )
}

fn matches(value: &Value, key: &str, wanted: &[String], state: &State) -> bool {
    let text = |field: &str| value[field].as_str().unwrap_or_default();
    let predefined = matches!(text("Name"), "bridge" | "host" | "none");
    let used = || {
        // An engine's list does not say who is attached; the books do not either, so only `inspect` does.
        !predefined
            && state
                .networks
                .values()
                .any(|network| network.name == text("Name"))
    };
    wanted.iter().any(|want| match key {
        "name" => crate::policy::pattern::matches(want, text("Name")),
        "id" => text("Id").starts_with(want.as_str()),
        "driver" => text("Driver") == want,
        "scope" => text("Scope") == want,
        "type" => (want == "builtin") == predefined,
        "dangling" => used() == (want == "true" || want == "1"),
        "label" => label_matches(&value["Labels"], want),
        _ => false,
    })
}

/// Whether a map of labels satisfies `key` or `key=value`.
pub(crate) fn label_matches(labels: &Value, want: &str) -> bool {
    match want.split_once('=') {
        Some((key, value)) => labels[key] == value,
        None => !labels[want].is_null(),
    }
}

pub(crate) async fn create(scope: &Inner, ask: Ask) -> Answer {
    ask.params(&[])?;
    let note = ask.note.clone();
    let wanted = network::create(ask.object().await?)?;
    note.object(&wanted.name);
    let limit = scope.limits().networks;
    let network = Network {
        real: names::real(&wanted.name),
        id: None,
        name: wanted.name.clone(),
        bridge: bridge_name(),
    };
    let _pending = scope.pending_guard(&network.real);
    scope
        .reserve(|state| {
            if state
                .networks
                .values()
                .any(|other| other.name == wanted.name)
            {
                return Err(Fault::conflict(format!(
                    "network with name {} already exists",
                    wanted.name
                )));
            }
            if state
                .networks
                .values()
                .filter(|other| other.name != "bridge")
                .count()
                >= limit as usize
            {
                return Err(Fault::limit(
                    "networks",
                    limit,
                    "remove one with docker network rm",
                ));
            }
            Ok((vec![Change::Network(network.clone())], ()))
        })
        .await?;
    let mut labels = wanted.labels;
    labels.retain(|key, _| !key.starts_with(crate::policy::create::RESERVED));
    let id = make(scope, network, wanted.internal, labels).await?;
    Ok(json_response(
        StatusCode::CREATED,
        &json!({ "Id": id, "Warning": "" }),
    ))
}

fn own(scope: &Inner, text: &str) -> Result<(Network, String), Fault> {
    match scope.state().network(text) {
        Ok(Some(network)) => {
            let id = network.id.clone().ok_or_else(|| Fault::no_network(text))?;
            Ok((network.clone(), id))
        }
        Ok(None) => Err(Fault::no_network(text)),
        Err(()) => Err(Fault::bad(format!(
            "network {text} is ambiguous (2 matches found based on ID prefix)"
        ))),
    }
}

pub(crate) async fn inspect(scope: &Inner, ask: &Ask, text: &str) -> Answer {
    ask.params(&["verbose", "scope"])?;
    let found = own(scope, text);
    if found.is_err() && matches!(text, "host" | "none") {
        let all = scope.shared.upstream.json(Call::get("/networks")).await?;
        let one = all
            .as_array()
            .into_iter()
            .flatten()
            .find(|value| value["Name"] == text && is_predefined(value));
        return ok(&view::network::predefined(
            one.cloned().ok_or_else(|| Fault::no_network(text))?,
        ));
    }
    let (network, id) = found?;
    let value = scope
        .shared
        .upstream
        .json(Call::get(format!("/networks/{id}")))
        .await?;
    let shown = view::network::show(value, &network, &scope.state());
    ok(&shown)
}

pub(crate) async fn connect(scope: &Inner, ask: Ask, text: &str) -> Answer {
    ask.params(&[])?;
    let note = ask.note.clone();
    let mut body = ask.object().await?;
    let container: String = json::typed("Container", body.remove("Container").unwrap_or_default())?;
    let aliases = network::endpoint(body.remove("EndpointConfig").unwrap_or_default())?;
    if let Some(key) = body.keys().next() {
        return Err(Fault::refused(format!(
            "the field {key:?} of a connection is not known"
        )));
    }
    let (network, id) = own(scope, text).map_err(|fault| match text {
        "host" => Fault::new(
            StatusCode::FORBIDDEN,
            "container cannot be disconnected from host network or connected to host network",
        ),
        "none" => Fault::new(
            StatusCode::FORBIDDEN,
            "container cannot be connected to multiple networks with one of the networks in private (none) mode",
        ),
        _ => fault,
    })?;
    let mut container = own_container(scope, &container)?;
    note.object(format!("{} {}", network.name, container.name));
    let endpoint = if network.name == "bridge" {
        if !aliases.is_empty() {
            return Err(Fault::bad(
                "network-scoped alias is supported only for containers in user defined networks",
            ));
        }
        json!({})
    } else {
        let mut all = aliases.clone();
        if !all.contains(&container.name) {
            all.push(container.name.clone());
        }
        json!({ "Aliases": all })
    };
    let body = json!({ "Container": container.id, "EndpointConfig": endpoint });
    scope
        .shared
        .upstream
        .json(Call::post(format!("/networks/{id}/connect")).json(&body))
        .await?;
    if !aliases.is_empty() {
        container.asked.aliases.extend(aliases);
        scope
            .record(vec![Change::Container(Box::new(container))])
            .await?;
    }
    ok(&Value::Null)
}

pub(crate) async fn disconnect(scope: &Inner, ask: Ask, text: &str) -> Answer {
    ask.params(&[])?;
    let note = ask.note.clone();
    let mut body = ask.object().await?;
    let container: String = json::typed("Container", body.remove("Container").unwrap_or_default())?;
    let force: Option<bool> = json::typed("Force", body.remove("Force").unwrap_or_default())?;
    if let Some(key) = body.keys().next() {
        return Err(Fault::refused(format!(
            "the field {key:?} of a disconnection is not known"
        )));
    }
    let (network, id) = own(scope, text)?;
    let force = force.unwrap_or(false);
    let container = match own_container(scope, &container) {
        Err(_) if force => return Err(Fault::missing(format!("endpoint {container} not found"))),
        found => found?,
    };
    note.object(format!("{} {}", network.name, container.name));
    let body = json!({ "Container": container.id, "Force": force });
    scope
        .shared
        .upstream
        .json(Call::post(format!("/networks/{id}/disconnect")).json(&body))
        .await?;
    ok(&Value::Null)
}

pub(crate) async fn remove(scope: &Inner, ask: Ask, text: &str) -> Answer {
    ask.params(&[])?;
    ask.no_body().await?;
    if matches!(text, "host" | "none") {
        return Err(predefined_stays(text));
    }
    let (network, id) = own(scope, text)?;
    if network.name == "bridge" {
        return Err(predefined_stays("bridge"));
    }
    delete(scope, &network.real, &id).await?;
    no_content()
}

fn predefined_stays(name: &str) -> Fault {
    Fault::new(
        StatusCode::FORBIDDEN,
        format!("{name} is a pre-defined network and cannot be removed"),
    )
}

/// Removes a network from the engine and from the books; one that is gone already is no error.
pub(crate) async fn delete(scope: &Inner, real: &str, id: &str) -> Result<(), Fault> {
    match scope
        .shared
        .upstream
        .json(Call::delete(format!("/networks/{id}")))
        .await
    {
        Ok(_) => {}
        Err(fault) if fault.status == StatusCode::NOT_FOUND => {}
        Err(fault) => return Err(fault),
    }
    scope
        .record(vec![Change::DropNetwork(real.to_owned())])
        .await?;
    scope.shared.guard().await;
    Ok(())
}

pub(crate) async fn prune(scope: &Inner, ask: Ask) -> Answer {
    let filters = ask.params(&["filters"])?.filters()?;
    ask.no_body().await?;
    let pruned = super::containers::prune_filters(&filters)?;
    let own: Vec<Network> = scope
        .state()
        .networks
        .values()
        .filter(|n| n.name != "bridge")
        .cloned()
        .collect();
    let mut deleted = Vec::new();
    for network in own {
        let Some(id) = network.id.clone() else {
            continue;
        };
        let Ok(value) = scope
            .shared
            .upstream
            .json(Call::get(format!("/networks/{id}")))
            .await
        else {
            continue;
        };
        let used = value["Containers"]
            .as_object()
            .is_some_and(|containers| !containers.is_empty());
        let created = value["Created"].as_str().unwrap_or_default();
        let created = crate::policy::moment::parse(created, 0).unwrap_or(0);
        if !used
            && pruned.fits(&value["Labels"], created)
            && delete(scope, &network.real, &id).await.is_ok()
        {
            deleted.push(json!(network.name));
        }
    }
    ok(&json!({ "NetworksDeleted": or_null(deleted) }))
}
