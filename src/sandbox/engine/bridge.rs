//! The private engine's bridge: a network interface of its own, on addresses that nobody here uses.

use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::{Problem, find_program};

/// An interface's name has at most this many bytes.
const NAME_MAX: usize = 15;

/// A range of addresses, such as `10.201.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Subnet {
    first: u32,
    bits: u8,
}

impl Subnet {
    fn new(address: Ipv4Addr, bits: u8) -> Self {
        let whole = u32::from(address);
        Self {
            first: whole & mask(bits),
            bits,
        }
    }

    fn overlaps(self, other: Self) -> bool {
        let bits = self.bits.min(other.bits);
        self.first & mask(bits) == other.first & mask(bits)
    }

    /// The part of this range that starts `skip` addresses after its beginning.
    fn part(self, skip: u32, bits: u8) -> Self {
        Self {
            first: self.first + skip,
            bits,
        }
    }

    /// The first address that a machine can have.
    fn gateway(self) -> Ipv4Addr {
        Ipv4Addr::from(self.first + 1)
    }
}

fn mask(bits: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0)
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.first), self.bits)
    }
}

impl From<Subnet> for String {
    fn from(subnet: Subnet) -> Self {
        subnet.to_string()
    }
}

impl TryFrom<String> for Subnet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Subnet {
    type Err = String;

    /// A single address counts as a range of one.
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
        let bits: u8 = bits.parse().map_err(|_| format!("no subnet: {text}"))?;
        let address: Ipv4Addr = address.parse().map_err(|_| format!("no subnet: {text}"))?;
        if bits > 32 {
            Err(format!("no subnet: {text}"))
        } else {
            Ok(Self::new(address, bits))
        }
    }
}

/// The private engine's addresses: all of `range` is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Addresses {
    range: Subnet,
}

impl Addresses {
    /// The bridge's own subnet.
    pub(super) fn bridge(self) -> Subnet {
        self.range.part(0, 24)
    }

    /// Where the networks that people make get their subnets from.
    pub(super) fn pool(self) -> Subnet {
        self.range.part(1 << 15, 17)
    }
}

/// The first range that touches nothing taken. Docker's own default ranges are left out, since an engine that is
/// installed later would take them.
fn choose(taken: &[Subnet]) -> Option<Addresses> {
    // The gateway gives learners' networks subnets of 10.213.0.0/16.
    let tens = (201..=239)
        .filter(|second| *second != 213)
        .map(|second| Subnet::new(Ipv4Addr::new(10, second, 0, 0), 16));
    let others = [
        Subnet::new(Ipv4Addr::new(100, 96, 0, 0), 16),
        Subnet::new(Ipv4Addr::new(100, 112, 0, 0), 16),
    ];
    tens.chain(others)
        .find(|range| !taken.iter().any(|other| other.overlaps(*range)))
        .map(|range| Addresses { range })
}

/// The ranges that routes, interfaces and name servers of this machine use. A default route overlaps everything and
/// says nothing, so it is left out.
fn taken(routes: &str, addresses: &str, resolv_conf: &str) -> Vec<Subnet> {
    let routes = routes.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        match words.next()? {
            "default" => None,
            // A blackhole, an unreachable or a local range comes with its kind first.
            kind if kind.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                words.next()?.parse().ok()
            }
            range => range.parse().ok(),
        }
    });
    let mut ranges: Vec<Subnet> = routes.collect();
    for line in addresses.lines() {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| *word != "inet")
            .skip(1);
        ranges.extend(words.next().and_then(|range| range.parse::<Subnet>().ok()));
    }
    for line in resolv_conf.lines() {
        let server = line.strip_prefix("nameserver").map(str::trim);
        ranges.extend(server.and_then(|address| address.parse::<Subnet>().ok()));
    }
    ranges.retain(|range| range.bits > 0);
    ranges
}

/// Addresses that are free on this machine now: those of last time where they still are.
pub(super) async fn free_addresses(last: Option<Addresses>) -> Result<Addresses, Problem> {
    let routes = ip(&["-4", "route", "show", "table", "all"]).await?;
    let addresses = ip(&["-4", "-o", "addr", "show"]).await?;
    let resolv_conf = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let taken = taken(&routes, &addresses, &resolv_conf);
    if let Some(last) = last
        && !taken.iter().any(|other| other.overlaps(last.range))
    {
        return Ok(last);
    }
    choose(&taken).ok_or_else(|| {
        Problem::new(
            "No private address range is free on this machine for the engine's network.",
            "Free one of 10.201.0.0/16 to 10.239.0.0/16, or start Docker yourself and let Docktutor use it.",
        )
    })
}

/// The bridge's name. The letter keeps it apart from the bridges of learners' networks.
pub(super) fn name(instance: &str) -> String {
    let mut name = format!("dt-e{instance}");
    name.truncate(NAME_MAX);
    name
}

/// Whether an interface with this name is there.
pub(super) fn exists(name: &str) -> bool {
    std::path::Path::new("/sys/class/net").join(name).exists()
}

/// Makes the bridge, or makes it again where an old one of ours is left.
pub(super) async fn create(name: &str, addresses: Addresses) -> Result<(), Problem> {
    remove(name).await;
    let subnet = addresses.bridge();
    ip(&["link", "add", "name", name, "type", "bridge"]).await?;
    let address = format!("{}/{}", subnet.gateway(), subnet.bits);
    ip(&["addr", "add", &address, "dev", name]).await?;
    ip(&["link", "set", name, "up"]).await.map(drop)
}

/// Removes an interface of ours, where it is there.
pub(super) async fn remove(name: &str) {
    if exists(name)
        && let Err(problem) = ip(&["link", "delete", name]).await
    {
        tracing::warn!(%problem, "a bridge could not be removed");
    }
}

async fn ip(arguments: &[&str]) -> Result<String, Problem> {
    let program = find_program("ip").ok_or_else(|| {
        Problem::new(
            "The program `ip` is missing, which makes the engine's network.",
            "Install it: sudo apt install iproute2.",
        )
    })?;
    let failed = |why: String| {
        Problem::new(
            format!(
                "The network of the private engine could not be set up: ip {}: {why}.",
                arguments.join(" ")
            ),
            "Run Docktutor with the right to change network interfaces, or start Docker yourself.",
        )
    };
    let output = Command::new(program)
        .args(arguments)
        .output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(
            String::from_utf8_lossy(&output.stderr)
                .trim()
                .trim_end_matches('.')
                .to_owned(),
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn subnet(text: &str) -> Subnet {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_machine_uses_is_left_alone() {
        let routes = "default via 192.0.2.1 dev eth0\n10.201.7.0/24 dev tun0 scope link\nblackhole 10.202.0.0/20\n\
                      local 10.203.0.1 dev lo table local\n0.0.0.0/0 dev x\n";
        let addresses = "1: lo    inet 127.0.0.1/8 scope host lo\n4: wg0    inet 10.204.9.9/8 scope global wg0\n";
        let found = taken(
            routes,
            addresses,
            "search x\nnameserver 10.205.0.53\nnameserver fd00::1\n",
        );
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "10.201.7.0/24",
                "10.202.0.0/20",
                "10.203.0.1/32",
                "127.0.0.0/8",
                "10.0.0.0/8",
                "10.205.0.53/32"
            ]
        );
        // With all of 10.0.0.0/8 in use, another range is taken.
        assert_eq!(
            choose(&found).unwrap().bridge().to_string(),
            "100.96.0.0/24"
        );
        let fewer: Vec<Subnet> = found.into_iter().filter(|range| range.bits != 8).collect();
        assert_eq!(
            choose(&fewer).unwrap().bridge().to_string(),
            "10.204.0.0/24"
        );
    }

    #[test]
    fn a_machine_that_uses_everything_gives_none() {
        assert_eq!(
            choose(&[subnet("10.0.0.0/8"), subnet("100.64.0.0/10")]),
            None
        );
    }

    #[test]
    fn bridge_and_pool_lie_in_the_range_and_apart() {
        let addresses = choose(&[]).unwrap();
        assert_eq!(addresses.bridge().to_string(), "10.201.0.0/24");
        assert_eq!(addresses.bridge().gateway().to_string(), "10.201.0.1");
        assert_eq!(addresses.pool().to_string(), "10.201.128.0/17");
        assert!(!addresses.bridge().overlaps(addresses.pool()));
    }

    #[test]
    fn names_fit_an_interface() {
        assert_eq!(name("abcdefghjk"), "dt-eabcdefghjk");
        assert!(name("a-name-that-is-much-too-long").len() <= NAME_MAX);
    }

    proptest! {
        #[test]
        fn overlap_is_what_addresses_in_common_mean(a: u32, b: u32, ma in 1u8..=32, mb in 1u8..=32) {
            let (x, y) = (Subnet::new(a.into(), ma), Subnet::new(b.into(), mb));
            let last = |s: Subnet| s.first | !mask(s.bits);
            prop_assert_eq!(x.overlaps(y), x.first <= last(y) && y.first <= last(x));
            prop_assert_eq!(x.overlaps(y), y.overlaps(x));
            prop_assert_eq!(x.to_string().parse::<Subnet>().unwrap(), x);
        }
    }
}
