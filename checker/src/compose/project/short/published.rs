//! `ports` in short form: one entry for each port of a range.

use super::{inside, one_or_list, text_of};
use crate::compose::node::{Entry, Node, Value};
use crate::compose::ports;

/// The most single ports that a service's ranges become.
const MAX_PORTS: usize = 5000;

/// `ports` written out.
pub(super) fn ports(node: Node) -> Node {
    let node = one_or_list(node);
    let span = node.span;
    let mut items = Vec::new();
    if let Value::List(written) = node.value {
        for item in written {
            match item.value {
                Value::Scalar(ref text, _) => {
                    if let Ok(port) = ports::short(text, item.span) {
                        published(&port, &mut items);
                    }
                }
                _ => items.push(long_port(item)),
            }
            items.truncate(MAX_PORTS);
        }
    }
    Node::list(span, items)
}

fn published(port: &ports::Port, items: &mut Vec<Node>) {
    let span = port.span;
    let (first, last) = port.container;
    for (step, target) in (first..=last).enumerate() {
        let mut entries = vec![Entry::new("mode", Node::string(span, "ingress"))];
        if !port.address.is_empty() {
            entries.push(Entry::new("host_ip", Node::string(span, &*port.address)));
        }
        entries.push(Entry::new("target", Node::bare(span, target.to_string())));
        let host = match port.host {
            // Several ports of the host for one of the container: one of them is taken.
            Some((from, to)) if first == last && from != to => Some(format!("{from}-{to}")),
            Some((from, _)) => Some((usize::from(from) + step).to_string()),
            None => None,
        };
        if let Some(host) = host {
            entries.push(Entry::new("published", Node::string(span, host)));
        }
        entries.push(Entry::new("protocol", Node::string(span, &*port.protocol)));
        items.push(Node::map(span, entries));
        if items.len() > MAX_PORTS {
            return;
        }
    }
}

fn long_port(mut node: Node) -> Node {
    let span = node.span;
    node.set_default("mode", || Node::string(span, "ingress"));
    node.set_default("protocol", || Node::string(span, "tcp"));
    inside(node, "published", text_of)
}
