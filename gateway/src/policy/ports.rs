//! Published ports: what a container asks for, before anybody listens.

use crate::error::Fault;
use crate::ledger::Publish;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry of `PortBindings`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Binding {
    #[serde(default)]
    host_ip: Option<String>,
    #[serde(default)]
    host_port: Option<String>,
}

pub(crate) type Bindings = BTreeMap<String, Option<Vec<Binding>>>;

/// The most ports that one container publishes.
const MOST: usize = 64;

/// Reads all bindings of a container.
pub(crate) fn publish(bindings: &Bindings) -> Result<Vec<Publish>, Fault> {
    let mut all = Vec::new();
    for (container, hosts) in bindings {
        let (port, protocol) = container_port(container)?;
        let asked = hosts.as_deref().unwrap_or(&[]);
        for binding in asked {
            all.push(Publish {
                port,
                protocol: protocol.to_owned(),
                host_ip: host_ip(binding.host_ip.as_deref().unwrap_or(""))?,
                host: host_port(binding.host_port.as_deref().unwrap_or(""))?,
            });
        }
        if asked.is_empty() {
            all.push(Publish {
                port,
                protocol: protocol.to_owned(),
                host_ip: "0.0.0.0".to_owned(),
                host: None,
            });
        }
    }
    if all.len() > MOST {
        return Err(Fault::refused(format!(
            "more than {MOST} published ports for one container"
        )));
    }
    Ok(all)
}

/// Reads `80/tcp`; the engine takes `80` for the same.
pub(crate) fn container_port(text: &str) -> Result<(u16, &str), Fault> {
    let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let number = port
        .parse::<u16>()
        .ok()
        .filter(|_| port.bytes().all(|b| b.is_ascii_digit()));
    match (number, protocol) {
        (Some(number), "tcp" | "udp") if number > 0 => Ok((number, protocol)),
        (Some(_), "sctp") => Err(Fault::refused(format!(
            "{text}: only tcp and udp ports can be published"
        ))),
        _ => Err(Fault::bad(format!("invalid port specification: {text:?}"))),
    }
}

fn host_ip(text: &str) -> Result<String, Fault> {
    match text {
        "" => Ok("0.0.0.0".to_owned()),
        "0.0.0.0" | "127.0.0.1" | "::" | "::1" => Ok(text.to_owned()),
        _ => Err(Fault::refused(format!(
            "publishing on the address {text}: leave it out, or write 127.0.0.1; either is this sandbox's localhost"
        ))),
    }
}

fn host_port(text: &str) -> Result<Option<(u16, u16)>, Fault> {
    let invalid = || Fault::bad(format!("invalid port specification: {text:?}"));
    if text.is_empty() || text == "0" {
        return Ok(None);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (
        first.parse().map_err(|_| invalid())?,
        last.parse().map_err(|_| invalid())?,
    );
    if first == 0 || first > last {
        Err(invalid())
    } else {
        Ok(Some((first, last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Publish>, Fault> {
        publish(&serde_json::from_str(text).expect("bindings"))
    }

    #[test]
    fn all_usual_forms_are_read() {
        let one = |text: &str| read(text).expect(text).remove(0);
        assert_eq!(
            one(r#"{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}"#).host,
            Some((8080, 8080))
        );
        assert_eq!(
            one(r#"{"80/tcp":[{"HostPort":"8000-8010"}]}"#).host,
            Some((8000, 8010))
        );
        assert_eq!(one(r#"{"80":[{}]}"#).host, None);
        assert_eq!(one(r#"{"53/udp":null}"#).protocol, "udp");
        assert_eq!(
            one(r#"{"80/tcp":[{"HostIp":"127.0.0.1"}]}"#).host_ip,
            "127.0.0.1"
        );
    }

    #[test]
    fn odd_forms_are_not() {
        for text in [
            r#"{"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"80"}]}"#,
            r#"{"80/sctp":[{}]}"#,
            r#"{"+80/tcp":[{}]}"#,
            r#"{"0/tcp":[{}]}"#,
            r#"{"99999/tcp":[{}]}"#,
            r#"{"80/tcp":[{"HostPort":"9-8"}]}"#,
            r#"{"80/tcp":[{"HostPort":"x"}]}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Bindings>(r#"{"80/tcp":[{"hostport":"80"}]}"#).is_err());
    }
}
