//! Values become what Compose takes them for: `"3"` a number where a number is wanted, `8080` a text where a text is.

use super::units;
use crate::compose::node::{Node, Value};

/// What stands at a place.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Int,
    Float,
    Duration,
    Bytes,
}

/// The places that are no texts; `*` is any key or item.
const PLACES: &[(&str, Kind)] = &[
    ("services.*.attach", Kind::Bool),
    ("services.*.init", Kind::Bool),
    ("services.*.oom_kill_disable", Kind::Bool),
    ("services.*.privileged", Kind::Bool),
    ("services.*.read_only", Kind::Bool),
    ("services.*.stdin_open", Kind::Bool),
    ("services.*.tty", Kind::Bool),
    ("services.*.use_api_socket", Kind::Bool),
    ("services.*.build.no_cache", Kind::Bool),
    ("services.*.build.privileged", Kind::Bool),
    ("services.*.build.pull", Kind::Bool),
    ("services.*.build.shm_size", Kind::Bytes),
    ("services.*.build.ulimits.*", Kind::Int),
    ("services.*.build.ulimits.*.*", Kind::Int),
    ("services.*.blkio_config.weight", Kind::Int),
    ("services.*.cpu_count", Kind::Int),
    ("services.*.cpu_percent", Kind::Float),
    ("services.*.cpu_period", Kind::Int),
    ("services.*.cpu_quota", Kind::Int),
    ("services.*.cpu_rt_period", Kind::Int),
    ("services.*.cpu_rt_runtime", Kind::Int),
    ("services.*.cpu_shares", Kind::Int),
    ("services.*.cpus", Kind::Float),
    (
        "services.*.deploy.resources.reservations.devices.*.count",
        Kind::Int,
    ),
    ("services.*.gpus.*.count", Kind::Int),
    ("services.*.depends_on.*.required", Kind::Bool),
    ("services.*.depends_on.*.restart", Kind::Bool),
    ("services.*.deploy.replicas", Kind::Int),
    ("services.*.deploy.resources.*.cpus", Kind::Float),
    ("services.*.deploy.resources.*.memory", Kind::Bytes),
    ("services.*.deploy.resources.*.pids", Kind::Int),
    (
        "services.*.deploy.placement.max_replicas_per_node",
        Kind::Int,
    ),
    ("services.*.deploy.restart_policy.delay", Kind::Duration),
    ("services.*.deploy.restart_policy.window", Kind::Duration),
    ("services.*.deploy.restart_policy.max_attempts", Kind::Int),
    ("services.*.deploy.rollback_config.delay", Kind::Duration),
    ("services.*.deploy.rollback_config.monitor", Kind::Duration),
    ("services.*.deploy.rollback_config.parallelism", Kind::Int),
    (
        "services.*.deploy.rollback_config.max_failure_ratio",
        Kind::Float,
    ),
    ("services.*.deploy.update_config.delay", Kind::Duration),
    ("services.*.deploy.update_config.monitor", Kind::Duration),
    ("services.*.deploy.update_config.parallelism", Kind::Int),
    (
        "services.*.deploy.update_config.max_failure_ratio",
        Kind::Float,
    ),
    ("services.*.healthcheck.disable", Kind::Bool),
    ("services.*.healthcheck.interval", Kind::Duration),
    ("services.*.healthcheck.retries", Kind::Int),
    ("services.*.healthcheck.start_interval", Kind::Duration),
    ("services.*.healthcheck.start_period", Kind::Duration),
    ("services.*.healthcheck.timeout", Kind::Duration),
    ("services.*.mem_limit", Kind::Bytes),
    ("services.*.mem_reservation", Kind::Bytes),
    ("services.*.mem_swappiness", Kind::Int),
    ("services.*.memswap_limit", Kind::Bytes),
    ("services.*.networks.*.priority", Kind::Int),
    ("services.*.networks.*.gw_priority", Kind::Int),
    ("services.*.oom_score_adj", Kind::Int),
    ("services.*.pids_limit", Kind::Int),
    ("services.*.ports.*.target", Kind::Int),
    ("services.*.scale", Kind::Int),
    ("services.*.shm_size", Kind::Bytes),
    ("services.*.stop_grace_period", Kind::Duration),
    ("services.*.ulimits.*", Kind::Int),
    ("services.*.ulimits.*.*", Kind::Int),
    ("services.*.volumes.*.read_only", Kind::Bool),
    ("services.*.volumes.*.bind.create_host_path", Kind::Bool),
    ("services.*.volumes.*.volume.nocopy", Kind::Bool),
    ("services.*.volumes.*.tmpfs.size", Kind::Bytes),
    ("services.*.volumes.*.tmpfs.mode", Kind::Int),
    ("networks.*.attachable", Kind::Bool),
    ("networks.*.enable_ipv4", Kind::Bool),
    ("networks.*.enable_ipv6", Kind::Bool),
    ("networks.*.external", Kind::Bool),
    ("networks.*.internal", Kind::Bool),
    ("volumes.*.external", Kind::Bool),
    ("secrets.*.external", Kind::Bool),
    ("configs.*.external", Kind::Bool),
];

/// Gives every value of a normalised tree its kind.
pub(in crate::compose) fn cast(tree: &mut Node) {
    let places: Vec<(Vec<&str>, Kind)> = PLACES
        .iter()
        .map(|(path, kind)| (path.split('.').collect(), *kind))
        .collect();
    let live: Vec<&(Vec<&str>, Kind)> = places.iter().collect();
    walk(tree, 0, &live);
}

fn walk(node: &mut Node, depth: usize, live: &[&(Vec<&str>, Kind)]) {
    match &mut node.value {
        Value::Null => {}
        Value::Scalar(text, plain) => {
            let kind = live.iter().find(|(path, _)| path.len() == depth);
            *plain = match kind.map(|(_, kind)| *kind) {
                None => false,
                Some(kind) => scalar(text, kind),
            };
        }
        Value::List(items) => {
            let next = narrow(live, depth, None);
            for item in items {
                walk(item, depth + 1, &next);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                // What is the author's own stays as it is written.
                if !entry.key.starts_with("x-") {
                    let next = narrow(live, depth, Some(&entry.key));
                    walk(&mut entry.value, depth + 1, &next);
                }
            }
        }
    }
}

fn narrow<'a, 'b>(
    live: &[&'a (Vec<&'b str>, Kind)],
    depth: usize,
    key: Option<&str>,
) -> Vec<&'a (Vec<&'b str>, Kind)> {
    let fits = |path: &[&str]| match path.get(depth) {
        Some(&"*") => true,
        Some(part) => Some(*part) == key,
        None => false,
    };
    live.iter()
        .copied()
        .filter(|(path, _)| fits(path))
        .collect()
}

/// Writes a scalar as its kind is written; whether it is a number or a truth value now.
fn scalar(text: &mut String, kind: Kind) -> bool {
    match kind {
        Kind::Bool => {
            let word = text.to_ascii_lowercase();
            let value = match word.as_str() {
                "true" | "yes" | "on" | "y" | "1" | "t" => "true",
                "false" | "no" | "off" | "n" | "0" | "f" => "false",
                _ => return false,
            };
            value.clone_into(text);
            true
        }
        Kind::Int => {
            if text == "all" {
                "-1".clone_into(text);
            }
            let digits = text.replace('_', "");
            let number = match digits.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).ok(),
                None => match digits.strip_prefix("0o").or(digits.strip_prefix('0')) {
                    Some(octal) if !octal.is_empty() => i64::from_str_radix(octal, 8).ok(),
                    _ => digits.parse().ok(),
                },
            };
            number.map(|number| *text = number.to_string()).is_some()
        }
        Kind::Float => text
            .parse::<f64>()
            .map(|number| *text = number.to_string())
            .is_ok(),
        Kind::Duration => {
            if let Some(written) = units::duration(text) {
                *text = written;
            }
            false
        }
        Kind::Bytes => {
            if let Some(bytes) = units::bytes(text) {
                *text = bytes.to_string();
            }
            false
        }
    }
}
