//! Subnets for scopes' networks, out of a pool of our own: the engine's default pools end after some thirty.

use std::net::Ipv4Addr;

/// Pools in the order of preference; the first that meets no route of the host is used.
const POOLS: [(Ipv4Addr, u32); 3] = [
    (Ipv4Addr::new(10, 213, 0, 0), 16),
    (Ipv4Addr::new(10, 87, 0, 0), 16),
    (Ipv4Addr::new(172, 27, 0, 0), 16),
];

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subnet {
    base: u32,
    prefix: u32,
}

impl Subnet {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (address, prefix) = (
            address.parse::<Ipv4Addr>().ok()?,
            prefix.parse::<u32>().ok()?,
        );
        (prefix <= 32).then(|| Self {
            base: u32::from(address) & mask(prefix),
            prefix,
        })
    }

    fn overlaps(self, other: Self) -> bool {
        let prefix = mask(self.prefix.min(other.prefix));
        self.base & prefix == other.base & prefix
    }

    /// The first address, which the bridge has.
    pub(crate) fn gateway(self) -> String {
        Ipv4Addr::from(self.base + 1).to_string()
    }

    /// The range in the usual notation.
    pub(crate) fn text(self) -> String {
        format!("{}/{}", Ipv4Addr::from(self.base), self.prefix)
    }
}

fn mask(prefix: u32) -> u32 {
    if prefix == 0 {
        0
    } else {
        u32::MAX << (32 - prefix)
    }
}

/// The prefix length of a network that must hold so many containers besides workbench, gateway and probes.
pub(crate) fn prefix_for(containers: u32) -> u32 {
    (22..=27)
        .rev()
        .find(|prefix| (1u32 << (32 - prefix)) - 8 >= containers)
        .unwrap_or(22)
}

/// Free subnets, at most as many as a caller would try before giving up.
pub(crate) fn free(used: &[Subnet], prefix: u32) -> Vec<Subnet> {
    for (pool, pool_prefix) in POOLS {
        let pool = Subnet {
            base: u32::from(pool),
            prefix: pool_prefix,
        };
        // A route that covers the whole pool belongs to somebody else's network.
        if used
            .iter()
            .any(|range| range.prefix <= pool_prefix && range.prefix > 0 && range.overlaps(pool))
        {
            continue;
        }
        let step = 1u32 << (32 - prefix);
        let candidates = (0..1u32 << (prefix - pool_prefix)).map(|n| Subnet {
            base: pool.base + n * step,
            prefix,
        });
        let found: Vec<Subnet> = candidates
            .filter(|one| {
                !used
                    .iter()
                    .any(|range| range.prefix > 0 && range.overlaps(*one))
            })
            .take(16)
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The ranges to which the host has routes.
pub(crate) fn host_routes() -> Vec<Subnet> {
    std::fs::read_to_string("/proc/net/route")
        .map(|text| parse_routes(&text))
        .unwrap_or_default()
}

fn parse_routes(text: &str) -> Vec<Subnet> {
    let hex = |word: &str| u32::from_str_radix(word, 16).ok().map(u32::swap_bytes);
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (base, mask) = (hex(words.get(1)?)?, hex(words.get(7)?)?);
            Some(Subnet {
                base,
                prefix: mask.count_ones(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_ranges_are_left_out() {
        let used = [
            Subnet::parse("10.213.0.0/26").expect("fine"),
            Subnet::parse("0.0.0.0/0").expect("fine"),
        ];
        let found = free(&used, 27);
        assert_eq!(found[0].text(), "10.213.0.64/27");
        assert_eq!(found.len(), 16);
    }

    #[test]
    fn a_pool_that_somebody_routes_is_left_alone() {
        let used = [Subnet::parse("10.0.0.0/8").expect("fine")];
        assert_eq!(free(&used, 27)[0].text(), "172.27.0.0/27");
    }

    #[test]
    fn networks_have_room_for_the_containers() {
        assert_eq!(prefix_for(20), 27);
        assert_eq!(prefix_for(60), 25);
        assert_eq!(prefix_for(100_000), 22);
    }

    #[test]
    fn routes_are_read_from_the_kernels_table() {
        let text = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
                    eth0 00000000 0100A8C0 0003 0 0 0 00000000 0 0 0\n\
                    eth0 0000A8C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n";
        assert_eq!(parse_routes(text)[1].text(), "192.168.0.0/24");
    }
}
