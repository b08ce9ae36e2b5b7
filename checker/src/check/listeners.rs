//! Who listens where in a container, read from its `/proc/net/tcp` and `/proc/net/tcp6`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses and ports on which something listens.
pub(crate) fn listeners(proc_net_tcp: &str) -> Vec<(IpAddr, u16)> {
    let mut found: Vec<(IpAddr, u16)> = proc_net_tcp
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let local = fields.nth(1)?;
            // 0A is LISTEN.
            if fields.nth(1)? != "0A" {
                return None;
            }
            let (address, port) = local.split_once(':')?;
            Some((address_of(address)?, u16::from_str_radix(port, 16).ok()?))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What the listeners say about a port that does not answer from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Diagnosis {
    /// The port is only open inside the container.
    LoopbackOnly,
    /// Something listens, on other ports.
    OtherPorts(Vec<u16>),
    /// Nothing listens.
    Nothing,
    /// The port is open to other containers.
    Open,
}

/// Looks at one port.
pub(crate) fn diagnose(listeners: &[(IpAddr, u16)], port: u16) -> Diagnosis {
    let on_port: Vec<IpAddr> = listeners
        .iter()
        .filter(|(_, open)| *open == port)
        .map(|(address, _)| *address)
        .collect();
    if on_port.iter().any(|address| !is_loopback(*address)) {
        return Diagnosis::Open;
    }
    if !on_port.is_empty() {
        return Diagnosis::LoopbackOnly;
    }
    // The engine's own name server listens on a loopback address; it is nothing that the learner started.
    let mut others: Vec<u16> = listeners
        .iter()
        .filter(|(address, _)| *address != IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11)))
        .map(|(_, port)| *port)
        .collect();
    others.sort_unstable();
    others.dedup();
    if others.is_empty() {
        Diagnosis::Nothing
    } else {
        Diagnosis::OtherPorts(others)
    }
}

fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
    }
}

/// The kernel writes each 32-bit word in the machine's byte order.
fn address_of(digits: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = digits.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match digits.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut bytes = [0; 16];
            for at in 0..4 {
                bytes[at * 4..at * 4 + 4].copy_from_slice(&word(at)?);
            }
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

    #[test]
    #[cfg(target_endian = "little")]
    fn a_server_on_loopback_is_told_from_an_open_one() {
        let loopback = format!(
            "{HEAD}   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n   1: 0100007F:1F40 0100007F:9999 01 0 0 0 0\n"
        );
        assert_eq!(listeners(&loopback), [(Ipv4Addr::LOCALHOST.into(), 8000)]);
        assert_eq!(
            diagnose(&listeners(&loopback), 8000),
            Diagnosis::LoopbackOnly
        );
        assert_eq!(
            diagnose(&listeners(&loopback), 80),
            Diagnosis::OtherPorts(vec![8000])
        );
        let open = format!("{HEAD}   0: 00000000:1F40 00000000:0000 0A 0 0\n");
        assert_eq!(diagnose(&listeners(&open), 8000), Diagnosis::Open);
        let six = format!("{HEAD}   0: 00000000000000000000000001000000:1F40 0:0 0A 0 0\n");
        assert_eq!(listeners(&six), [(Ipv6Addr::LOCALHOST.into(), 8000)]);
        assert_eq!(diagnose(&listeners(&six), 8000), Diagnosis::LoopbackOnly);
        let any_six = format!("{HEAD}   0: 00000000000000000000000000000000:1F40 0:0 0A 0 0\n");
        assert_eq!(diagnose(&listeners(&any_six), 8000), Diagnosis::Open);
    }

    #[test]
    fn the_name_server_of_the_engine_does_not_count() {
        let dns = [(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11)), 40000)];
        assert_eq!(diagnose(&dns, 8000), Diagnosis::Nothing);
        assert_eq!(listeners("garbage\n1 2 3\n"), []);
    }
}
