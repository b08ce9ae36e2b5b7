//! Published ports, short (`127.0.0.1:8080:80/tcp`) and long.

use dockerfile::Span;

use super::node::{Node, Value};
use super::values;

/// One published port, or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The address of the host, if one is named.
    pub address: String,
    /// First and last port of the host; without one Docker chooses.
    pub host: Option<(u16, u16)>,
    /// First and last port of the container.
    pub container: (u16, u16),
    /// `tcp` or `udp`.
    pub protocol: String,
    /// Where it is written.
    pub span: Span,
}

/// Why a port is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortError {
    /// No number: the part that is none.
    Number(String),
    /// A number outside of 1 to 65535.
    Range(String),
    /// A range whose end comes before its start.
    Backwards(String),
    /// Two ranges of different lengths.
    Lengths,
    /// A protocol other than tcp, udp and sctp.
    Protocol(String),
    /// No address where one should be.
    Address(String),
    /// Blanks inside.
    Blank,
    /// The mapping has no `target`.
    NoTarget,
}

/// Reads one item of `ports`. `None` where it cannot be known, because of a variable or a wrong kind of value.
pub fn read(node: &Node) -> Option<Result<Port, PortError>> {
    match &node.value {
        Value::Scalar(text, _) => {
            let text = values::known(text)?;
            Some(short(&text, node.span))
        }
        Value::Map(_) => {
            let text = |key: &str| node.get(key).map(|value| value.text().map(values::known));
            let known = |key: &str| match text(key) {
                None => Some(String::new()),
                Some(Some(Some(text))) => Some(text),
                _ => None,
            };
            let (target, published) = (known("target")?, known("published")?);
            let (address, protocol) = (known("host_ip")?, known("protocol")?);
            if target.is_empty() {
                return Some(Err(PortError::NoTarget));
            }
            Some(parts(&address, &published, &target, &protocol, node.span))
        }
        _ => None,
    }
}

pub(super) fn short(text: &str, span: Span) -> Result<Port, PortError> {
    if text.contains(char::is_whitespace) {
        return Err(PortError::Blank);
    }
    let (ports, protocol) = text.split_once('/').unwrap_or((text, ""));
    let (rest, container) = ports.rsplit_once(':').unwrap_or(("", ports));
    let (address, host) = match rest.rsplit_once(':') {
        // An IPv6 address stands in brackets.
        Some((address, host)) if !host.ends_with(']') => (address, host),
        _ if rest.ends_with(']') => (rest, ""),
        _ => ("", rest),
    };
    let address = address
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'))
        .unwrap_or(address);
    parts(address, host, container, protocol, span)
}

fn parts(
    address: &str,
    host: &str,
    container: &str,
    protocol: &str,
    span: Span,
) -> Result<Port, PortError> {
    let container = range(container)?;
    let host = match host {
        // Docker takes a free one.
        "" | "0" => None,
        host => Some(range(host)?),
    };
    if let Some((first, last)) = host
        // Several ports of the host for one of the container: Docker takes a free one.
        && last - first != container.1 - container.0
        && container.0 != container.1
    {
        return Err(PortError::Lengths);
    }
    if !address.is_empty() && address.parse::<std::net::IpAddr>().is_err() {
        return Err(PortError::Address(address.to_owned()));
    }
    let protocol = match protocol {
        "" => "tcp".to_owned(),
        other => other.to_lowercase(),
    };
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(PortError::Protocol(protocol));
    }
    Ok(Port {
        address: address.to_owned(),
        host,
        container,
        protocol,
        span,
    })
}

fn range(text: &str) -> Result<(u16, u16), PortError> {
    let number = |part: &str| -> Result<u16, PortError> {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PortError::Number(part.to_owned()));
        }
        match part.parse::<u16>() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(PortError::Range(part.to_owned())),
        }
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    if last < first {
        return Err(PortError::Backwards(text.to_owned()));
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Address, host ports, container ports, protocol.
    type Parts = (String, Option<(u16, u16)>, (u16, u16), String);

    fn port(text: &str) -> Result<Parts, PortError> {
        short(text, Span::new(0, 0))
            .map(|port| (port.address, port.host, port.container, port.protocol))
    }

    #[test]
    fn ports_are_read() {
        let of = |address: &str, host, container, protocol: &str| {
            Ok((address.to_owned(), host, container, protocol.to_owned()))
        };
        assert_eq!(port("80"), of("", None, (80, 80), "tcp"));
        assert_eq!(
            port("8080:80/udp"),
            of("", Some((8080, 8080)), (80, 80), "udp")
        );
        assert_eq!(
            port("127.0.0.1:8000-8002:80-82"),
            of("127.0.0.1", Some((8000, 8002)), (80, 82), "tcp")
        );
        assert_eq!(
            port("127.0.0.1::80"),
            of("127.0.0.1", None, (80, 80), "tcp")
        );
        assert_eq!(
            port("[::1]:8080:80"),
            of("::1", Some((8080, 8080)), (80, 80), "tcp")
        );
        assert_eq!(
            port("8000-8010:80"),
            of("", Some((8000, 8010)), (80, 80), "tcp")
        );
    }

    #[test]
    fn what_is_none_says_why() {
        assert_eq!(port("80:70000"), Err(PortError::Range("70000".to_owned())));
        assert_eq!(port("80:web"), Err(PortError::Number("web".to_owned())));
        assert_eq!(port("90-80"), Err(PortError::Backwards("90-80".to_owned())));
        assert_eq!(port("1-3:1-2"), Err(PortError::Lengths));
        assert_eq!(port("80/http"), Err(PortError::Protocol("http".to_owned())));
        assert_eq!(
            port("localhost:80:80"),
            Err(PortError::Address("localhost".to_owned()))
        );
        assert_eq!(port("8080: 80"), Err(PortError::Blank));
        assert_eq!(port(""), Err(PortError::Number(String::new())));
    }
}
