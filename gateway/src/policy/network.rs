//! Networks: which one a container may join, and what one that is made may ask for.

use super::json;
use crate::error::Fault;
use crate::ledger::State;
use crate::names;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The network of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The scope's default network, where names do not resolve.
    Bridge {
        real: String,
    },
    /// A network that the learner made.
    Own {
        real: String,
    },
    /// The namespace of an own container.
    Container {
        id: String,
    },
    None,
}

/// Reads `HostConfig.NetworkMode`.
pub(crate) fn mode(asked: &str, state: &State) -> Result<Mode, Fault> {
    match asked {
        "" | "default" | "bridge" => match state.bridge() {
            Some(network) => Ok(Mode::Bridge {
                real: network.real.clone(),
            }),
            None => Err(Fault::internal("the sandbox's network is not ready")),
        },
        "none" => Ok(Mode::None),
        "host" => Err(Fault::refused(
            "the host's network (--network host): it would show every port of the host",
        )),
        _ => match asked.strip_prefix("container:") {
            Some(name) => match state.container(name) {
                Ok(Some(container)) => match &container.id {
                    Some(id) => Ok(Mode::Container { id: id.clone() }),
                    None => Err(Fault::no_container(name)),
                },
                _ => Err(Fault::no_container(name)),
            },
            None => match state.network(asked) {
                Ok(Some(network)) if network.name == "bridge" => Ok(Mode::Bridge {
                    real: network.real.clone(),
                }),
                Ok(Some(network)) => Ok(Mode::Own {
                    real: network.real.clone(),
                }),
                _ => Err(Fault::no_network(asked)),
            },
        },
    }
}

/// Takes the aliases out of an `EndpointSettings`; everything else in it must be empty.
pub(crate) fn endpoint(value: Value) -> Result<Vec<String>, Fault> {
    let Value::Object(mut fields) = value else {
        return if value.is_null() {
            Ok(Vec::new())
        } else {
            Err(Fault::bad("EndpointSettings is not an object"))
        };
    };
    let aliases: Option<Vec<String>> =
        json::typed("Aliases", fields.remove("Aliases").unwrap_or_default())?;
    const READ_ONLY: [&str; 12] = [
        "NetworkID",
        "EndpointID",
        "Gateway",
        "IPAddress",
        "IPPrefixLen",
        "IPv6Gateway",
        "GlobalIPv6Address",
        "GlobalIPv6PrefixLen",
        "MacAddress",
        "DNSNames",
        "GwPriority",
        "Links",
    ];
    // The engine fills these in; some clients send back what they once read.
    for key in READ_ONLY {
        if let Some(value) = fields.remove(key)
            && !json::is_empty(&value)
            && matches!(key, "MacAddress" | "Links" | "GwPriority")
        {
            return Err(Fault::refused(format!("EndpointsConfig.{key}")));
        }
    }
    json::take_refused(
        &mut fields,
        "EndpointsConfig.",
        &[
            (
                "IPAMConfig",
                "addresses are given out by the sandbox, use names instead",
            ),
            ("DriverOpts", "driver options reach the host"),
        ],
    )?;
    if let Some(key) = fields.keys().next() {
        return Err(Fault::refused(format!(
            "EndpointsConfig.{key} is not known"
        )));
    }
    let aliases = aliases.unwrap_or_default();
    if aliases.len() > 32 || aliases.iter().any(|alias| !is_host_name(alias)) {
        return Err(Fault::bad(
            "a network alias consists of letters, digits, dots, hyphens and underscores",
        ));
    }
    Ok(aliases)
}

fn is_host_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// A network to be made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NetworkAsk {
    pub(crate) name: String,
    pub(crate) internal: bool,
    pub(crate) labels: BTreeMap<String, String>,
}

/// Reads the body of `POST /networks/create`.
pub(crate) fn create(mut body: Map<String, Value>) -> Result<NetworkAsk, Fault> {
    let name: String = json::typed("Name", body.remove("Name").unwrap_or_default())?;
    let driver: Option<String> = json::typed("Driver", body.remove("Driver").unwrap_or_default())?;
    let internal: Option<bool> =
        json::typed("Internal", body.remove("Internal").unwrap_or_default())?;
    let labels: Option<BTreeMap<String, String>> =
        json::typed("Labels", body.remove("Labels").unwrap_or_default())?;
    // Both say what holds anyhow: names are always checked, and any container may be attached later.
    for key in ["CheckDuplicate", "Attachable", "EnableIPv4"] {
        let _: Option<bool> = json::typed(key, body.remove(key).unwrap_or_default())?;
    }
    if !matches!(driver.as_deref(), None | Some("" | "default" | "bridge")) {
        return Err(Fault::refused(format!(
            "networks with the driver {:?}: only bridge networks are offered",
            driver.unwrap_or_default()
        )));
    }
    if body
        .remove("Scope")
        .is_some_and(|scope| !matches!(scope.as_str(), Some("" | "local")) && !scope.is_null())
    {
        return Err(Fault::refused("networks whose scope is not local"));
    }
    if let Some(Value::Object(ipam)) = body.get_mut("IPAM")
        && ipam.get("Driver").is_some_and(|driver| driver == "default")
    {
        ipam.remove("Driver");
    }
    json::take_refused(
        &mut body,
        "",
        &[
            ("IPAM", "subnets and addresses are given out by the sandbox"),
            ("Options", "driver options reach the host"),
            ("EnableIPv6", "IPv6 is not offered"),
            ("Ingress", "swarm mode is not part of it"),
            ("ConfigOnly", "configuration networks are not offered"),
            ("ConfigFrom", "configuration networks are not offered"),
        ],
    )?;
    if let Some(key) = body.keys().next() {
        return Err(Fault::refused(format!(
            "the field {key:?} of a new network is not known"
        )));
    }
    if matches!(name.as_str(), "bridge" | "host" | "none" | "default") {
        return Err(Fault::new(
            hyper::StatusCode::FORBIDDEN,
            format!("operation is not permitted on predefined {name} network"),
        ));
    }
    if !names::is_valid(&name) {
        return Err(Fault::bad(format!("invalid network name: {name:?}")));
    }
    Ok(NetworkAsk {
        name,
        internal: internal.unwrap_or(false),
        labels: labels.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NetworkAsk, Fault> {
        create(json::object(text.as_bytes())?)
    }

    #[test]
    fn what_the_clients_send_passes() {
        let plain = r#"{"Name":"shop","Driver":"bridge","EnableIPv6":false,"IPAM":{"Driver":"default","Options":{},"Config":[]},
            "Internal":true,"Attachable":false,"Ingress":false,"ConfigOnly":false,"ConfigFrom":null,"Options":{},
            "Labels":{"a":"b"},"CheckDuplicate":true,"Scope":""}"#;
        let ask = read(plain).expect("fine");
        assert_eq!((ask.name.as_str(), ask.internal), ("shop", true));
    }

    #[test]
    fn what_reaches_further_does_not() {
        for text in [
            r#"{"Name":"host"}"#,
            r#"{"Name":"x1","Driver":"macvlan"}"#,
            r#"{"Name":"x1","Options":{"parent":"eth0"}}"#,
            r#"{"Name":"x1","Options":{"com.docker.network.bridge.name":"docker0"}}"#,
            r#"{"Name":"x1","IPAM":{"Config":[{"Subnet":"10.0.0.0/8"}]}}"#,
            r#"{"Name":"x1","ConfigFrom":{"Network":"y"}}"#,
            r#"{"Name":"x1","Ingress":true}"#,
            r#"{"Name":"x1","driver":"macvlan"}"#,
            r#"{"Name":"x1","Scope":"swarm"}"#,
            r#"{"Name":"a b"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_endpoint_has_aliases_and_nothing_else() {
        let read = |text: &str| endpoint(serde_json::from_str(text).expect("JSON"));
        assert_eq!(
            read(r#"{"Aliases":["db"],"MacAddress":"","IPAMConfig":null}"#),
            Ok(vec!["db".to_owned()])
        );
        assert!(read(r#"{"IPAMConfig":{"IPv4Address":"10.0.0.5"}}"#).is_err());
        assert!(read(r#"{"DriverOpts":{"a":"b"}}"#).is_err());
        assert!(read(r#"{"Links":["foreign:x"]}"#).is_err());
        assert!(read(r#"{"Aliases":["a b"]}"#).is_err());
    }
}
