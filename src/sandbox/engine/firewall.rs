//! The firewall rules that an engine leaves behind when it ends.
//!
//! `dockerd` writes rules for each of its bridges and never takes them back. The rules that name a bridge of ours are
//! ours alone, and they are removed with it. The chains that all engines share stay.

use tokio::process::Command;

use super::find_program;

const TABLES: [&str; 3] = ["filter", "nat", "raw"];

/// Removes each rule that names one of these interfaces.
pub(super) async fn forget(bridges: &[String]) {
    let Some(iptables) = find_program("iptables") else {
        return;
    };
    for table in TABLES {
        let Ok(listed) = Command::new(&iptables)
            .args(["-w", "5", "-t", table, "-S"])
            .output()
            .await
        else {
            return;
        };
        for rule in rules_of(&String::from_utf8_lossy(&listed.stdout), bridges) {
            let removed = Command::new(&iptables)
                .args(["-w", "5", "-t", table, "-D"])
                .args(&rule)
                .output()
                .await;
            if !removed.is_ok_and(|output| output.status.success()) {
                tracing::warn!(
                    table,
                    rule = rule.join(" "),
                    "a firewall rule could not be removed"
                );
            }
        }
    }
}

/// Removes the nftables tables that this installation made, and says which.
pub async fn remove_firewall_tables(instance: &str) -> Vec<String> {
    let Some(nft) = find_program("nft") else {
        return Vec::new();
    };
    let Ok(listed) = Command::new(&nft).args(["list", "tables"]).output().await else {
        return Vec::new();
    };
    let mut removed = Vec::new();
    for (family, name) in tables_of(&String::from_utf8_lossy(&listed.stdout), instance) {
        let deleted = Command::new(&nft)
            .args(["delete", "table", &family, &name])
            .output()
            .await;
        if deleted.is_ok_and(|output| output.status.success()) {
            removed.push(format!("{family} {name}"));
        }
    }
    removed
}

/// Family and name of each table of ours. One that several installations share is put back by those that still run.
fn tables_of(listing: &str, instance: &str) -> Vec<(String, String)> {
    let own = format!("docktutor_{instance}");
    listing
        .lines()
        .filter_map(|line| line.trim().strip_prefix("table ")?.split_once(' '))
        .filter(|(_, name)| *name == "docktutor" || *name == own)
        .map(|(family, name)| (family.to_owned(), name.to_owned()))
        .collect()
}

/// The rules, as arguments for `iptables -D`, that name one of the interfaces.
fn rules_of(listing: &str, bridges: &[String]) -> Vec<Vec<String>> {
    listing
        .lines()
        .filter_map(|line| line.strip_prefix("-A "))
        .map(|rule| {
            rule.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<String>>()
        })
        // A quoted word may hold spaces; the engine's own rules have none, and others are not ours.
        .filter(|words| !words.iter().any(|word| word.contains('"')))
        .filter(|words| {
            words
                .windows(2)
                .any(|pair| matches!(pair[0].as_str(), "-i" | "-o") && bridges.contains(&pair[1]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_of_this_installation_are_taken() {
        let listing = "table ip nat\ntable inet docktutor\ntable inet docktutor_abc\ntable ip docktutor_other\n";
        let tables = tables_of(listing, "abc");
        let names: Vec<&str> = tables.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["docktutor", "docktutor_abc"]);
        assert_eq!(tables[0].0, "inet");
    }

    #[test]
    fn only_rules_that_name_our_bridge_are_taken() {
        let listing = "-P FORWARD DROP\n-N DOCKER\n-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j DOCKER\n\
                       -A FORWARD -i dt-ea ! -o dt-ea -j ACCEPT\n-A POSTROUTING -s 10.201.0.0/24 ! -o dt-ea -j MASQUERADE\n\
                       -A DOCKER -i dt-eab -j RETURN\n-A X -i dt-ea -m comment --comment \"not ours\" -j DROP\n";
        let rules: Vec<String> = rules_of(listing, &["dt-ea".to_owned()])
            .iter()
            .map(|rule| rule.join(" "))
            .collect();
        assert_eq!(
            rules,
            [
                "FORWARD -i dt-ea ! -o dt-ea -j ACCEPT",
                "POSTROUTING -s 10.201.0.0/24 ! -o dt-ea -j MASQUERADE"
            ]
        );
    }
}
