//! Published ports of a scope: who has which, and the listeners behind them.

use super::{netns, relay};
use crate::ledger::{Bound, Publish};
use crate::scope::{Inner, lock};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use tokio_util::sync::{CancellationToken, DropGuard};

/// First port that is given out where none was asked for.
const FIRST_FREE: u16 = 32768;

#[derive(Default)]
pub(crate) struct Ports(Mutex<HashMap<(String, u16), Claim>>);

struct Claim {
    /// Real name of the container.
    owner: String,
    /// Ends the listener when the claim ends.
    listener: Option<DropGuard>,
}

/// A port that another container of the scope has.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) owner: String,
    pub(crate) message: String,
}

impl Ports {
    /// Takes all ports that a container wants, or none of them.
    pub(crate) fn claim(&self, owner: &str, wanted: &[Publish]) -> Result<Vec<Bound>, Taken> {
        let mut table = lock(&self.0);
        let mut bound: Vec<Bound> = Vec::new();
        for publish in wanted {
            let (first, last) = publish.host.unwrap_or((FIRST_FREE, u16::MAX));
            let free = |port: &u16| {
                !table.contains_key(&(publish.protocol.clone(), *port))
                    && !bound
                        .iter()
                        .any(|b| b.host_port == *port && b.protocol == publish.protocol)
            };
            let Some(host_port) = (first..=last).find(free) else {
                let holder = table
                    .get(&(publish.protocol.clone(), first))
                    .map(|claim| claim.owner.clone());
                return Err(Taken {
                    owner: holder.unwrap_or_default(),
                    message: format!(
                        "Bind for {}:{first} failed: port is already allocated",
                        publish.host_ip
                    ),
                });
            };
            bound.push(Bound {
                port: publish.port,
                protocol: publish.protocol.clone(),
                host_ip: publish.host_ip.clone(),
                host_port,
            });
        }
        for port in &bound {
            let claim = Claim {
                owner: owner.to_owned(),
                listener: None,
            };
            table.insert((port.protocol.clone(), port.host_port), claim);
        }
        Ok(bound)
    }

    /// Whether a container has its ports already.
    pub(crate) fn has(&self, owner: &str) -> bool {
        lock(&self.0).values().any(|claim| claim.owner == owner)
    }

    pub(crate) fn release(&self, owner: &str) {
        lock(&self.0).retain(|_, claim| claim.owner != owner);
    }

    pub(crate) fn release_all(&self) {
        lock(&self.0).clear();
    }

    /// The container keeps its ports under its new name.
    pub(crate) fn rename(&self, old: &str, new: &str) {
        for claim in lock(&self.0)
            .values_mut()
            .filter(|claim| claim.owner == old)
        {
            new.clone_into(&mut claim.owner);
        }
    }

    fn attach(&self, owner: &str, port: &Bound, stop: CancellationToken) {
        if let Some(claim) = lock(&self.0).get_mut(&(port.protocol.clone(), port.host_port))
            && claim.owner == owner
        {
            claim.listener = Some(stop.drop_guard());
        } else {
            stop.cancel();
        }
    }
}

/// Listens at the ports of a container in the workbench's namespace and passes connections to the container.
///
/// Where this process may not enter namespaces, the ports stay as a note in the books: that is no reason not to start.
pub(crate) async fn listen(
    scope: &Arc<Inner>,
    pid: u32,
    owner: &str,
    bound: &[Bound],
) -> Result<(), String> {
    let wanted: Vec<(String, u16)> = bound
        .iter()
        .map(|port| (port.protocol.clone(), port.host_port))
        .collect();
    let sockets = tokio::task::spawn_blocking(move || netns::bind(pid, wanted))
        .await
        .map_err(|error| format!("the ports could not be bound: {error}"))?;
    let mut fresh = Vec::new();
    for (port, socket) in bound.iter().zip(sockets) {
        match socket {
            Ok(socket) => fresh.push((port, socket)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(format!(
                    "Error starting userland proxy: listen {}4 {}:{}: bind: address already in use",
                    port.protocol, port.host_ip, port.host_port
                ));
            }
            Err(error) => {
                tracing::warn!(scope = scope.name, %error, port = port.host_port, "a port could not be published");
            }
        }
    }
    for (port, socket) in fresh {
        let stop = CancellationToken::new();
        let target = relay::Target {
            scope: Arc::downgrade(scope),
            owner: owner.to_owned(),
            port: port.port,
        };
        match relay::serve(socket, target, stop.clone()) {
            Ok(()) => scope.ports.attach(owner, port, stop),
            Err(error) => tracing::warn!(scope = scope.name, %error, "a port could not be served"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(host: Option<(u16, u16)>) -> Publish {
        Publish {
            port: 80,
            protocol: "tcp".into(),
            host_ip: "0.0.0.0".into(),
            host,
        }
    }

    #[test]
    fn a_port_belongs_to_one_container_at_a_time() {
        let ports = Ports::default();
        ports
            .claim("one", &[want(Some((8080, 8080)))])
            .expect("it is free");
        let taken = ports
            .claim("two", &[want(Some((9000, 9000))), want(Some((8080, 8080)))])
            .expect_err("taken");
        assert_eq!(taken.owner, "one");
        assert!(taken.message.contains("port is already allocated"));
        assert!(!ports.has("two"), "all or nothing");
        ports.release("one");
        ports
            .claim("two", &[want(Some((8080, 8080)))])
            .expect("free again");
    }

    #[test]
    fn ranges_and_free_choice_find_what_is_free() {
        let ports = Ports::default();
        let number =
            |owner: &str, wish| ports.claim(owner, &[want(wish)]).expect("free")[0].host_port;
        assert_eq!(number("a", Some((8000, 8002))), 8000);
        assert_eq!(number("b", Some((8000, 8002))), 8001);
        assert_eq!(number("c", None), FIRST_FREE);
        assert_eq!(number("d", None), FIRST_FREE + 1);
    }
}
