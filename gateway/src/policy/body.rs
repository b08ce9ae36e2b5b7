//! The body of `POST /containers/create`, field by field. A field that is not here does not exist.

use super::mounts::MountAsk;
use super::ports;
use crate::error::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) domainname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attach_stdin: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attach_stdout: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attach_stderr: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tty: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_stdin: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stdin_once: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) env: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cmd: Option<Words>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entrypoint: Option<Words>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shell: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) working_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_timeout: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exposed_ports: Option<BTreeMap<String, Empty>>,
    #[serde(skip_serializing)]
    pub(super) volumes: Option<BTreeMap<String, Empty>>,
    #[serde(skip_serializing)]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing)]
    pub(super) image: Option<String>,
    #[serde(skip_serializing)]
    pub(super) host_config: Option<Map<String, Value>>,
    #[serde(skip_serializing)]
    pub(super) networking_config: Option<Networking>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Words {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Empty {}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Healthcheck {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_period: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retries: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Networking {
    pub(super) endpoints_config: Option<Map<String, Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct HostConfig {
    pub(super) binds: Option<Vec<String>>,
    pub(super) mounts: Option<Vec<MountAsk>>,
    pub(super) tmpfs: Option<BTreeMap<String, String>>,
    pub(super) port_bindings: Option<ports::Bindings>,
    pub(super) publish_all_ports: Option<bool>,
    pub(super) network_mode: Option<String>,
    pub(super) restart_policy: Option<RestartPolicy>,
    pub(super) auto_remove: Option<bool>,
    pub(super) init: Option<bool>,
    pub(super) readonly_rootfs: Option<bool>,
    pub(super) cap_drop: Option<Vec<String>>,
    pub(super) group_add: Option<Vec<String>>,
    pub(super) extra_hosts: Option<Vec<String>>,
    pub(super) shm_size: Option<i64>,
    pub(super) ulimits: Option<Vec<Ulimit>>,
    pub(super) log_config: Option<LogConfig>,
    pub(super) security_opt: Option<Vec<String>>,
    pub(super) ipc_mode: Option<String>,
    pub(super) cgroupns_mode: Option<String>,
    pub(super) console_size: Option<[u32; 2]>,
}

/// How a container comes up again by itself.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RestartPolicy {
    pub(super) name: Option<String>,
    pub(super) maximum_retry_count: Option<i64>,
}

impl RestartPolicy {
    /// The policy, if the engine knows it.
    pub(crate) fn upstream(&self) -> Result<Value, Fault> {
        let name = self.name.as_deref().unwrap_or("");
        if !matches!(name, "" | "no" | "always" | "unless-stopped" | "on-failure") {
            return Err(Fault::bad(format!("invalid restart policy '{name}'")));
        }
        Ok(json!({ "Name": name, "MaximumRetryCount": self.maximum_retry_count.unwrap_or(0) }))
    }
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Ulimit {
    pub(super) name: String,
    pub(super) soft: i64,
    pub(super) hard: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct LogConfig {
    pub(super) r#type: Option<String>,
    pub(super) config: Option<BTreeMap<String, String>>,
}
