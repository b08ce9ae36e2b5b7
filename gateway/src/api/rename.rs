//! `docker rename`: the books, the engine, and the name that other containers know.

use super::{Answer, Ask, own_container, relay};
use crate::error::Fault;
use crate::ledger::{Change, Container};
use crate::names;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;
use serde_json::{Value, json};

pub(crate) async fn rename(scope: &Inner, ask: Ask, text: &str) -> Answer {
    let params = ask.params(&["name"])?;
    let note = ask.note.clone();
    ask.no_body().await?;
    let name = params.get("name").unwrap_or_default();
    let name = name.strip_prefix('/').unwrap_or(name).to_owned();
    if name.is_empty() {
        return Err(Fault::bad("Neither old nor new names may be empty"));
    }
    if !names::is_valid(&name) {
        return Err(Fault::bad(format!(
            "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )));
    }
    let old = own_container(scope, text)?;
    note.object(format!("{} {name}", old.name));
    let id = old.id.clone().ok_or_else(|| Fault::no_container(text))?;
    let real = names::real(&name);
    let renamed = scope
        .reserve(|state| {
            if let Some(other) = state.containers.values().find(|other| other.name == name) {
                return Err(if other.real == old.real {
                    Fault::bad("Renaming a container with the same name as its current name")
                } else {
                    Fault::conflict(format!(
                        "Error when allocating new name: Conflict. The container name \"/{name}\" is already in use by container \"{}\". \
                         You have to remove (or rename) that container to be able to reuse that name.",
                        other.id.as_deref().unwrap_or_default()
                    ))
                });
            }
            let mut container = state.containers.get(&old.real).cloned().ok_or_else(|| Fault::no_container(text))?;
            (container.real, container.name) = (real.clone(), name.clone());
            let changes = vec![Change::DropContainer(old.real.clone()), Change::Container(Box::new(container.clone()))];
            Ok((changes, container))
        })
        .await?;
    scope.ports.rename(&old.real, &real);
    let query = Query::new().with("name", &real);
    match relay(
        scope,
        Call::post(format!("/containers/{id}/rename")).query(query),
    )
    .await
    {
        Ok(answer) => {
            answer_to(scope, &id, &old, &name).await?;
            Ok(answer)
        }
        Err(fault) => {
            scope.ports.rename(&renamed.real, &old.real);
            scope
                .record(vec![
                    Change::DropContainer(real),
                    Change::Container(Box::new(old)),
                ])
                .await?;
            Err(fault)
        }
    }
}

/// Gives a container its new name on the networks where names resolve, and takes the old one away.
///
/// There a name is an alias, and an alias lasts as long as the connection: the container is connected anew, with the
/// address that it has.
async fn answer_to(scope: &Inner, id: &str, old: &Container, name: &str) -> Result<(), Fault> {
    let upstream = &scope.shared.upstream;
    let value = upstream
        .json(Call::get(format!("/containers/{id}/json")))
        .await?;
    let endpoints = value["NetworkSettings"]["Networks"].as_object();
    for (real, endpoint) in endpoints.into_iter().flatten() {
        let network = scope.state().networks.get(real).cloned();
        let Some(network) = network.filter(|network| network.name != "bridge") else {
            continue;
        };
        let Some(network) = network.id else { continue };
        let body = json!({ "Container": id, "EndpointConfig": renamed(endpoint, id, old, name) });
        let leave = json!({ "Container": id, "Force": false });
        upstream
            .json(Call::post(format!("/networks/{network}/disconnect")).json(&leave))
            .await?;
        upstream
            .json(Call::post(format!("/networks/{network}/connect")).json(&body))
            .await?;
    }
    Ok(())
}

/// The settings of a connection, with another name of the container and everything else as it is.
fn renamed(endpoint: &Value, id: &str, old: &Container, name: &str) -> Value {
    let aliases = endpoint["Aliases"].as_array().into_iter().flatten();
    let mut aliases: Vec<&str> = aliases
        .filter_map(Value::as_str)
        // The engine adds the short id itself.
        .filter(|alias| *alias != names::short(id))
        .filter(|alias| *alias != old.name || old.asked.aliases.iter().any(|asked| asked == alias))
        .collect();
    if !aliases.contains(&name) {
        aliases.push(name);
    }
    match endpoint["IPAddress"].as_str() {
        Some(address) if !address.is_empty() => {
            json!({ "Aliases": aliases, "IPAMConfig": { "IPv4Address": address } })
        }
        _ => json!({ "Aliases": aliases }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_container_keeps_its_address_and_the_aliases_that_were_asked_for() {
        let id = "a".repeat(64);
        let mut old: Container = serde_json::from_value(json!({
            "real": "db.x", "name": "db", "image_id": "", "publish": [],
            "asked": { "image": "", "binds": null, "mounts": null, "volumes": null, "port_bindings": null,
                       "publish_all": false, "network_mode": "", "aliases": ["store"] },
        }))
        .expect("a container");
        let endpoint =
            json!({ "Aliases": ["store", "db", "aaaaaaaaaaaa"], "IPAddress": "10.0.0.2" });
        assert_eq!(
            renamed(&endpoint, &id, &old, "base"),
            json!({ "Aliases": ["store", "base"], "IPAMConfig": { "IPv4Address": "10.0.0.2" } })
        );
        old.asked.aliases.push("db".to_owned());
        let stopped = json!({ "Aliases": ["store", "db"], "IPAddress": "" });
        assert_eq!(
            renamed(&stopped, &id, &old, "base"),
            json!({ "Aliases": ["store", "db", "base"] })
        );
    }
}
