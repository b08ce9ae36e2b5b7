//! Making a network on the engine: its subnet, its interface, and the firewall's rules for it.

use crate::error::Fault;
use crate::ground::subnets::{self, Subnet};
use crate::ledger::{Change, Network};
use crate::names;
use crate::scope::Inner;
use crate::upstream::Call;
use serde_json::json;
use std::collections::BTreeMap;

/// What the interface of a new network is called on the host.
pub(super) fn bridge_name() -> String {
    format!("dt-{}", names::random(10))
}

/// Makes a network that is already in the ledger; takes it out again where the engine refuses.
pub(super) async fn make(
    scope: &Inner,
    mut network: Network,
    internal: bool,
    labels: BTreeMap<String, String>,
) -> Result<String, Fault> {
    match make_upstream(scope, &network, internal, labels).await {
        Ok(id) => {
            network.id = Some(id.clone());
            scope.record(vec![Change::Network(network)]).await?;
            // Before anybody hears of the network, so that no container is ever in it without the rules.
            scope.shared.guard().await;
            Ok(id)
        }
        Err(fault) => {
            scope
                .record(vec![Change::DropNetwork(network.real)])
                .await?;
            Err(fault)
        }
    }
}

async fn make_upstream(
    scope: &Inner,
    network: &Network,
    internal: bool,
    mut labels: BTreeMap<String, String>,
) -> Result<String, Fault> {
    labels.extend(scope.labels());
    let upstream = &scope.shared.upstream;
    // One at a time, so that two scopes do not choose the same subnet; another gateway still may.
    let _one_at_a_time = scope.shared.subnets.lock().await;
    let existing = upstream.json(Call::get("/networks")).await?;
    let mut used = subnets::host_routes();
    let configs = existing.as_array().into_iter().flatten();
    let configs = configs.flat_map(|one| one["IPAM"]["Config"].as_array().into_iter().flatten());
    used.extend(configs.filter_map(|config| Subnet::parse(config["Subnet"].as_str()?)));
    let prefix = subnets::prefix_for(scope.limits().containers);
    let mut last = Fault::internal("there is no free subnet for another network");
    for subnet in subnets::free(&used, prefix) {
        let body = json!({
            "Name": network.real, "Driver": "bridge", "Internal": internal, "Labels": labels, "CheckDuplicate": true,
            "IPAM": {
                "Driver": "default", "Options": {},
                "Config": [{ "Subnet": subnet.text(), "Gateway": subnet.gateway() }],
            },
            "Options": { "com.docker.network.bridge.name": network.bridge },
        });
        match upstream
            .json(Call::post("/networks/create").json(&body))
            .await
        {
            Ok(answer) => return Ok(answer["Id"].as_str().unwrap_or_default().to_owned()),
            Err(fault) if fault.message.contains("overlaps") => last = fault,
            Err(fault) => return Err(fault),
        }
    }
    Err(last)
}
