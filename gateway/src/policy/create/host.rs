//! What of a container's `HostConfig` is the learner's to choose, within bounds, and what is always set.

use crate::error::Fault;
use crate::policy::body::HostConfig;
use serde_json::{Map, Value, json};

/// Writes the fields that are no limits and no mounts.
pub(super) fn host_fields(
    upstream: &mut Map<String, Value>,
    host: &HostConfig,
    memory: i64,
) -> Result<(), Fault> {
    for (key, mode) in [
        ("IpcMode", &host.ipc_mode),
        ("CgroupnsMode", &host.cgroupns_mode),
    ] {
        let own = matches!(mode.as_deref(), None | Some("" | "private" | "shareable"));
        let none = key == "IpcMode" && mode.as_deref() == Some("none");
        if !own && !none {
            return Err(Fault::refused(format!(
                "HostConfig.{key}: the namespaces of others are not shared"
            )));
        }
    }
    for option in host.security_opt.iter().flatten() {
        if !matches!(
            option.as_str(),
            "no-new-privileges" | "no-new-privileges:true" | "no-new-privileges=true"
        ) {
            return Err(Fault::refused(format!(
                "HostConfig.SecurityOpt {option:?}: protections stay on"
            )));
        }
    }
    if let Some(log) = &host.log_config {
        let known = matches!(log.r#type.as_deref(), None | Some("" | "json-file"));
        let sizes = log
            .config
            .iter()
            .flatten()
            .all(|(key, _)| matches!(key.as_str(), "max-size" | "max-file"));
        if !known || !sizes {
            return Err(Fault::refused(
                "HostConfig.LogConfig: only json-file with max-size and max-file is offered",
            ));
        }
    }
    for limit in host.ulimits.iter().flatten() {
        let bounded = |most: i64| {
            (0..=most).contains(&limit.soft) && (limit.soft..=most).contains(&limit.hard)
        };
        let fine = match limit.name.as_str() {
            "nofile" => bounded(1_048_576),
            "nproc" | "core" | "stack" | "fsize" => bounded(1 << 30),
            _ => false,
        };
        if !fine {
            return Err(Fault::refused(format!(
                "HostConfig.Ulimits {:?}",
                limit.name
            )));
        }
    }
    if let Some(policy) = &host.restart_policy {
        upstream.insert("RestartPolicy".into(), policy.upstream()?);
    }
    let shm = host
        .shm_size
        .filter(|size| *size > 0)
        .unwrap_or(64 << 20)
        .min(memory);
    upstream.extend([
        (
            "AutoRemove".to_owned(),
            json!(host.auto_remove.unwrap_or(false)),
        ),
        (
            "ReadonlyRootfs".to_owned(),
            json!(host.readonly_rootfs.unwrap_or(false)),
        ),
        (
            "CapDrop".to_owned(),
            json!(host.cap_drop.as_deref().unwrap_or(&[])),
        ),
        (
            "GroupAdd".to_owned(),
            json!(host.group_add.as_deref().unwrap_or(&[])),
        ),
        (
            "ExtraHosts".to_owned(),
            json!(host.extra_hosts.as_deref().unwrap_or(&[])),
        ),
        (
            "Ulimits".to_owned(),
            json!(host.ulimits.as_deref().unwrap_or(&[])),
        ),
        ("ShmSize".to_owned(), json!(shm)),
        (
            "IpcMode".to_owned(),
            json!(if host.ipc_mode.as_deref() == Some("none") {
                "none"
            } else {
                "private"
            }),
        ),
        // On older kernels' cgroups the engine's default is the host's namespace.
        ("CgroupnsMode".to_owned(), json!("private")),
        ("SecurityOpt".to_owned(), json!(["no-new-privileges"])),
        (
            "LogConfig".to_owned(),
            json!({ "Type": "json-file", "Config": { "max-size": "10m", "max-file": "2" } }),
        ),
    ]);
    if let Some(init) = host.init {
        upstream.insert("Init".into(), json!(init));
    }
    if let Some(size) = host.console_size {
        upstream.insert("ConsoleSize".into(), json!(size));
    }
    Ok(())
}
