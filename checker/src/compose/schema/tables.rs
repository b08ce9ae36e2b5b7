//! The shapes of the Compose specification: every key, what may stand there, and the words that it takes.

use super::Format;
use super::{NIL, NOTHING, NUM, STR, Shape, YES_NO};

static TEXT: Shape = Shape { scalar: STR, ..NOTHING };
static ANY: Shape = Shape {
    scalar: YES_NO | NUM | STR | NIL, list: Some(&ANY), rest: Some(&ANY), map: true,
    ..NOTHING
};
static ANY_EXTERNAL: Shape = Shape { scalar: YES_NO | STR, keys: &[
    ("name", &TEXT),
], rest: Some(&ANY), map: true, ..NOTHING };
static SCALAR_OR_NULL: Shape = Shape { scalar: YES_NO | NUM | STR | NIL, ..NOTHING };
static LIST_OR_DICT: Shape = Shape { list: Some(&TEXT), rest: Some(&SCALAR_OR_NULL), map: true, ..NOTHING };
static CONFIG: Shape = Shape { keys: &[
    ("content", &TEXT), ("environment", &TEXT), ("external", &ANY_EXTERNAL), ("file", &TEXT),
    ("labels", &LIST_OR_DICT), ("name", &TEXT), ("template_driver", &TEXT),
], map: true, ..NOTHING };
static FILE_CONFIGS: Shape = Shape { rest: Some(&CONFIG), map: true, ..NOTHING };
static STRING_OR_LIST: Shape = Shape { scalar: STR, list: Some(&TEXT), ..NOTHING };
static INCLUDE: Shape = Shape { scalar: STR, keys: &[
    ("env_file", &STRING_OR_LIST), ("path", &STRING_OR_LIST), ("project_directory", &TEXT),
], map: true, ..NOTHING };
static FILE_INCLUDE: Shape = Shape { list: Some(&INCLUDE), ..NOTHING };
static NUMBER: Shape = Shape { scalar: NUM, ..NOTHING };
static LIST_OF_STRINGS: Shape = Shape { list: Some(&TEXT), ..NOTHING };
static MODEL: Shape = Shape { keys: &[
    ("context_size", &NUMBER), ("model", &TEXT), ("name", &TEXT), ("runtime_flags", &LIST_OF_STRINGS),
], map: true, ..NOTHING };
static FILE_MODELS: Shape = Shape { rest: Some(&MODEL), map: true, ..NOTHING };
static BOOL_OR_TEXT: Shape = Shape { scalar: YES_NO | STR, ..NOTHING };
static TEXT_OR_NUMBER: Shape = Shape { scalar: NUM | STR, ..NOTHING };
static DRIVER_OPTS: Shape = Shape { rest: Some(&TEXT_OR_NUMBER), map: true, ..NOTHING };
static EXTERNAL: Shape = Shape { scalar: YES_NO | STR, keys: &[
    ("name", &TEXT),
], map: true, ..NOTHING };
static AUX_ADDRESSES: Shape = Shape { rest: Some(&TEXT), map: true, ..NOTHING };
static IPAM_ENTRY: Shape = Shape { keys: &[
    ("aux_addresses", &AUX_ADDRESSES), ("gateway", &TEXT), ("ip_range", &TEXT), ("subnet", &TEXT),
], map: true, ..NOTHING };
static IPAM_CONFIG: Shape = Shape { list: Some(&IPAM_ENTRY), ..NOTHING };
static IPAM: Shape = Shape { keys: &[
    ("config", &IPAM_CONFIG), ("driver", &TEXT), ("options", &AUX_ADDRESSES),
], map: true, ..NOTHING };
static NETWORK: Shape = Shape { scalar: NIL, keys: &[
    ("attachable", &BOOL_OR_TEXT), ("driver", &TEXT), ("driver_opts", &DRIVER_OPTS), ("enable_ipv4", &BOOL_OR_TEXT),
    ("enable_ipv6", &BOOL_OR_TEXT), ("external", &EXTERNAL), ("internal", &BOOL_OR_TEXT), ("ipam", &IPAM),
    ("labels", &LIST_OR_DICT), ("name", &TEXT),
], map: true, ..NOTHING };
static FILE_NETWORKS: Shape = Shape { rest: Some(&NETWORK), map: true, ..NOTHING };
static SECRET: Shape = Shape { keys: &[
    ("driver", &TEXT), ("driver_opts", &DRIVER_OPTS), ("environment", &TEXT), ("external", &ANY_EXTERNAL),
    ("file", &TEXT), ("labels", &LIST_OR_DICT), ("name", &TEXT), ("template_driver", &TEXT),
], map: true, ..NOTHING };
static FILE_SECRETS: Shape = Shape { rest: Some(&SECRET), map: true, ..NOTHING };
static BLKIO_LIMIT: Shape = Shape { keys: &[
    ("path", &TEXT), ("rate", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static BLKIO_LIMITS: Shape = Shape { list: Some(&BLKIO_LIMIT), ..NOTHING };
static BLKIO_WEIGHT: Shape = Shape { keys: &[
    ("path", &TEXT), ("weight", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static BLKIO_WEIGHTS: Shape = Shape { list: Some(&BLKIO_WEIGHT), ..NOTHING };
static BLKIO_CONFIG: Shape = Shape { keys: &[
    ("device_read_bps", &BLKIO_LIMITS), ("device_read_iops", &BLKIO_LIMITS),
    ("device_write_bps", &BLKIO_LIMITS), ("device_write_iops", &BLKIO_LIMITS),
    ("weight", &TEXT_OR_NUMBER), ("weight_device", &BLKIO_WEIGHTS),
], map: true, ..NOTHING };
static EXTRA_HOSTS: Shape = Shape { list: Some(&TEXT), rest: Some(&STRING_OR_LIST), map: true, ..NOTHING };
static SECRETS: Shape = Shape { scalar: STR, keys: &[
    ("gid", &TEXT), ("mode", &TEXT_OR_NUMBER), ("source", &TEXT), ("target", &TEXT), ("uid", &TEXT),
], map: true, ..NOTHING };
static SERVICE_CONFIG_OR_SECRET: Shape = Shape { list: Some(&SECRETS), ..NOTHING };
static SIZE: Shape = Shape { scalar: NUM | STR, format: Format::Size, ..NOTHING };
static ULIMIT: Shape = Shape { scalar: NUM | STR, keys: &[
    ("hard", &TEXT_OR_NUMBER), ("soft", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static ULIMITS: Shape = Shape { rest: Some(&ULIMIT), map: true, ..NOTHING };
static BUILD: Shape = Shape { scalar: STR, keys: &[
    ("additional_contexts", &LIST_OR_DICT), ("args", &LIST_OR_DICT), ("cache_from", &LIST_OF_STRINGS),
    ("cache_to", &LIST_OF_STRINGS), ("context", &TEXT), ("dockerfile", &TEXT), ("dockerfile_inline", &TEXT),
    ("entitlements", &LIST_OF_STRINGS), ("extra_hosts", &EXTRA_HOSTS), ("isolation", &TEXT),
    ("labels", &LIST_OR_DICT), ("network", &TEXT), ("no_cache", &BOOL_OR_TEXT), ("platforms", &LIST_OF_STRINGS),
    ("privileged", &BOOL_OR_TEXT), ("provenance", &BOOL_OR_TEXT), ("pull", &BOOL_OR_TEXT), ("sbom", &BOOL_OR_TEXT),
    ("secrets", &SERVICE_CONFIG_OR_SECRET), ("shm_size", &SIZE), ("ssh", &LIST_OR_DICT),
    ("tags", &LIST_OF_STRINGS), ("target", &TEXT), ("ulimits", &ULIMITS),
], map: true, ..NOTHING };
static CGROUP: Shape = Shape { scalar: STR, values: &["host", "private"], ..NOTHING };
static COMMAND: Shape = Shape { scalar: STR | NIL, list: Some(&TEXT), ..NOTHING };
static CREDENTIAL_SPEC: Shape = Shape { keys: &[
    ("config", &TEXT), ("file", &TEXT), ("registry", &TEXT),
], map: true, ..NOTHING };
static CONDITION: Shape = Shape {
    scalar: STR, values: &["service_started", "service_healthy", "service_completed_successfully"],
    ..NOTHING
};
static BOOL: Shape = Shape { scalar: YES_NO, ..NOTHING };
static DEPENDENCY: Shape = Shape { keys: &[
    ("condition", &CONDITION), ("required", &BOOL), ("restart", &BOOL_OR_TEXT),
], map: true, ..NOTHING };
static DEPENDS_ON: Shape = Shape { list: Some(&TEXT), rest: Some(&DEPENDENCY), map: true, ..NOTHING };
static PREFERENCES: Shape = Shape { keys: &[
    ("spread", &TEXT),
], map: true, ..NOTHING };
static PLACEMENT_PREFERENCES: Shape = Shape { list: Some(&PREFERENCES), ..NOTHING };
static DEPLOY_PLACEMENT: Shape = Shape { keys: &[
    ("constraints", &LIST_OF_STRINGS), ("max_replicas_per_node", &TEXT_OR_NUMBER),
    ("preferences", &PLACEMENT_PREFERENCES),
], map: true, ..NOTHING };
static SIZE_TEXT: Shape = Shape { scalar: STR, format: Format::Size, ..NOTHING };
static RESOURCES_LIMITS: Shape = Shape { keys: &[
    ("cpus", &TEXT_OR_NUMBER), ("memory", &SIZE_TEXT), ("pids", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static GPU_DEVICE: Shape = Shape { keys: &[
    ("capabilities", &LIST_OF_STRINGS), ("count", &TEXT_OR_NUMBER), ("device_ids", &LIST_OF_STRINGS),
    ("driver", &TEXT), ("options", &LIST_OR_DICT),
], map: true, ..NOTHING };
static GPU_DEVICES: Shape = Shape { list: Some(&GPU_DEVICE), ..NOTHING };
static DISCRETE_RESOURCE_SPEC: Shape = Shape { keys: &[
    ("kind", &TEXT), ("value", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static GENERIC_RESOURCE: Shape = Shape { keys: &[
    ("discrete_resource_spec", &DISCRETE_RESOURCE_SPEC),
], map: true, ..NOTHING };
static GENERIC_RESOURCES: Shape = Shape { list: Some(&GENERIC_RESOURCE), ..NOTHING };
static RESOURCES_RESERVATIONS: Shape = Shape { keys: &[
    ("cpus", &TEXT_OR_NUMBER), ("devices", &GPU_DEVICES), ("generic_resources", &GENERIC_RESOURCES),
    ("memory", &SIZE_TEXT),
], map: true, ..NOTHING };
static DEPLOY_RESOURCES: Shape = Shape { keys: &[
    ("limits", &RESOURCES_LIMITS), ("reservations", &RESOURCES_RESERVATIONS),
], map: true, ..NOTHING };
static DURATION: Shape = Shape { scalar: STR, format: Format::Duration, ..NOTHING };
static DEPLOY_RESTART_POLICY: Shape = Shape { keys: &[
    ("condition", &TEXT), ("delay", &DURATION), ("max_attempts", &TEXT_OR_NUMBER),
    ("window", &DURATION),
], map: true, ..NOTHING };
static ORDER: Shape = Shape { scalar: STR, values: &["start-first", "stop-first"], ..NOTHING };
static ROLLOUT: Shape = Shape { keys: &[
    ("delay", &DURATION), ("failure_action", &TEXT), ("max_failure_ratio", &TEXT_OR_NUMBER),
    ("monitor", &DURATION), ("order", &ORDER), ("parallelism", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static DEPLOYMENT: Shape = Shape { scalar: NIL, keys: &[
    ("endpoint_mode", &TEXT), ("labels", &LIST_OR_DICT), ("mode", &TEXT), ("placement", &DEPLOY_PLACEMENT),
    ("replicas", &TEXT_OR_NUMBER), ("resources", &DEPLOY_RESOURCES), ("restart_policy", &DEPLOY_RESTART_POLICY),
    ("rollback_config", &ROLLOUT), ("update_config", &ROLLOUT),
], map: true, ..NOTHING };
static ACTION: Shape = Shape {
    scalar: STR, values: &["rebuild", "sync", "restart", "sync+restart", "sync+exec"],
    ..NOTHING
};
static SERVICE_HOOK: Shape = Shape { keys: &[
    ("command", &COMMAND), ("environment", &LIST_OR_DICT), ("privileged", &BOOL_OR_TEXT), ("user", &TEXT),
    ("working_dir", &TEXT),
], map: true, ..NOTHING };
static WATCH: Shape = Shape { keys: &[
    ("action", &ACTION), ("exec", &SERVICE_HOOK), ("ignore", &STRING_OR_LIST), ("include", &STRING_OR_LIST),
    ("initial_sync", &BOOL), ("path", &TEXT), ("target", &TEXT),
], map: true, ..NOTHING };
static DEVELOP_WATCH: Shape = Shape { list: Some(&WATCH), ..NOTHING };
static DEVELOPMENT: Shape = Shape { scalar: NIL, keys: &[
    ("watch", &DEVELOP_WATCH),
], map: true, ..NOTHING };
static DEVICE: Shape = Shape { scalar: STR, keys: &[
    ("permissions", &TEXT), ("source", &TEXT), ("target", &TEXT),
], map: true, ..NOTHING };
static DEVICES: Shape = Shape { list: Some(&DEVICE), ..NOTHING };
static ENV_FILE_ENTRY: Shape = Shape { scalar: STR, keys: &[
    ("format", &TEXT), ("path", &TEXT), ("required", &BOOL_OR_TEXT),
], map: true, ..NOTHING };
static ENV_FILE: Shape = Shape { scalar: STR, list: Some(&ENV_FILE_ENTRY), ..NOTHING };
static EXPOSE: Shape = Shape { list: Some(&TEXT_OR_NUMBER), ..NOTHING };
static EXTENDS: Shape = Shape { scalar: STR, keys: &[
    ("file", &TEXT), ("service", &TEXT),
], map: true, ..NOTHING };
static GPU: Shape = Shape { keys: &[
    ("capabilities", &LIST_OF_STRINGS), ("count", &TEXT_OR_NUMBER), ("device_ids", &LIST_OF_STRINGS),
    ("driver", &TEXT), ("options", &LIST_OR_DICT),
], rest: Some(&ANY), map: true, ..NOTHING };
static GPUS: Shape = Shape { scalar: STR, list: Some(&GPU), values: &["all"], ..NOTHING };
static HEALTHCHECK: Shape = Shape { keys: &[
    ("disable", &BOOL_OR_TEXT), ("interval", &DURATION), ("retries", &TEXT_OR_NUMBER),
    ("start_interval", &DURATION), ("start_period", &DURATION), ("test", &STRING_OR_LIST),
    ("timeout", &DURATION),
], map: true, ..NOTHING };
static TEXT_NUMBER_NULL: Shape = Shape { scalar: NUM | STR | NIL, ..NOTHING };
static LOGGING_OPTIONS: Shape = Shape { rest: Some(&TEXT_NUMBER_NULL), map: true, ..NOTHING };
static LOGGING: Shape = Shape { keys: &[
    ("driver", &TEXT), ("options", &LOGGING_OPTIONS),
], map: true, ..NOTHING };
static SERVICE_MODEL: Shape = Shape { scalar: NIL, keys: &[
    ("endpoint_var", &TEXT), ("model_var", &TEXT),
], map: true, ..NOTHING };
static SERVICE_MODELS: Shape = Shape { list: Some(&TEXT), rest: Some(&SERVICE_MODEL), map: true, ..NOTHING };
static SERVICE_NETWORK: Shape = Shape { scalar: NIL, keys: &[
    ("aliases", &LIST_OF_STRINGS), ("driver_opts", &DRIVER_OPTS), ("gw_priority", &NUMBER),
    ("interface_name", &TEXT), ("ipv4_address", &TEXT), ("ipv6_address", &TEXT),
    ("link_local_ips", &LIST_OF_STRINGS), ("mac_address", &TEXT), ("priority", &NUMBER),
], map: true, ..NOTHING };
static SERVICE_NETWORKS: Shape = Shape { list: Some(&TEXT), rest: Some(&SERVICE_NETWORK), map: true, ..NOTHING };
static TEXT_OR_NULL: Shape = Shape { scalar: STR | NIL, ..NOTHING };
static PORT: Shape = Shape { scalar: NUM | STR, keys: &[
    ("app_protocol", &TEXT), ("host_ip", &TEXT), ("mode", &TEXT), ("name", &TEXT), ("protocol", &TEXT),
    ("published", &TEXT_OR_NUMBER), ("target", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static PORTS: Shape = Shape { list: Some(&PORT), ..NOTHING };
static POST_START: Shape = Shape { list: Some(&SERVICE_HOOK), ..NOTHING };
static SCALAR: Shape = Shape { scalar: YES_NO | NUM | STR, ..NOTHING };
static OPTIONS: Shape = Shape { scalar: YES_NO | NUM | STR, list: Some(&SCALAR), ..NOTHING };
static PROVIDER_OPTIONS: Shape = Shape { rest: Some(&OPTIONS), map: true, ..NOTHING };
static PROVIDER: Shape = Shape { keys: &[
    ("options", &PROVIDER_OPTIONS), ("type", &TEXT),
], map: true, ..NOTHING };
static STORAGE_OPT: Shape = Shape { rest: Some(&ANY), map: true, ..NOTHING };
static BIND_RECURSIVE: Shape = Shape {
    scalar: STR, values: &["enabled", "disabled", "writable", "readonly"],
    ..NOTHING
};
static BIND_SELINUX: Shape = Shape { scalar: STR, values: &["z", "Z"], ..NOTHING };
static BIND: Shape = Shape { keys: &[
    ("create_host_path", &BOOL_OR_TEXT), ("propagation", &TEXT), ("recursive", &BIND_RECURSIVE),
    ("selinux", &BIND_SELINUX),
], map: true, ..NOTHING };
static IMAGE: Shape = Shape { keys: &[
    ("subpath", &TEXT),
], map: true, ..NOTHING };
static TMPFS: Shape = Shape { keys: &[
    ("mode", &TEXT_OR_NUMBER), ("size", &TEXT_OR_NUMBER),
], map: true, ..NOTHING };
static TYPE: Shape = Shape {
    scalar: STR, values: &["bind", "volume", "tmpfs", "cluster", "npipe", "image"],
    ..NOTHING
};
static MOUNT_VOLUME: Shape = Shape { keys: &[
    ("labels", &LIST_OR_DICT), ("nocopy", &BOOL_OR_TEXT), ("subpath", &TEXT),
], map: true, ..NOTHING };
static MOUNT: Shape = Shape { scalar: STR, keys: &[
    ("bind", &BIND), ("consistency", &TEXT), ("image", &IMAGE), ("read_only", &BOOL_OR_TEXT), ("source", &TEXT),
    ("target", &TEXT), ("tmpfs", &TMPFS), ("type", &TYPE), ("volume", &MOUNT_VOLUME),
], map: true, ..NOTHING };
static MOUNTS: Shape = Shape { list: Some(&MOUNT), ..NOTHING };
static SERVICE: Shape = Shape { keys: &[
    ("annotations", &LIST_OR_DICT), ("attach", &BOOL_OR_TEXT), ("blkio_config", &BLKIO_CONFIG), ("build", &BUILD),
    ("cap_add", &LIST_OF_STRINGS), ("cap_drop", &LIST_OF_STRINGS), ("cgroup", &CGROUP), ("cgroup_parent", &TEXT),
    ("command", &COMMAND), ("configs", &SERVICE_CONFIG_OR_SECRET), ("container_name", &TEXT),
    ("cpu_count", &TEXT_OR_NUMBER), ("cpu_percent", &TEXT_OR_NUMBER), ("cpu_period", &TEXT_OR_NUMBER),
    ("cpu_quota", &TEXT_OR_NUMBER), ("cpu_rt_period", &TEXT_OR_NUMBER), ("cpu_rt_runtime", &TEXT_OR_NUMBER),
    ("cpu_shares", &TEXT_OR_NUMBER), ("cpus", &TEXT_OR_NUMBER), ("cpuset", &TEXT),
    ("credential_spec", &CREDENTIAL_SPEC), ("depends_on", &DEPENDS_ON), ("deploy", &DEPLOYMENT),
    ("develop", &DEVELOPMENT), ("device_cgroup_rules", &LIST_OF_STRINGS), ("devices", &DEVICES),
    ("dns", &STRING_OR_LIST), ("dns_opt", &LIST_OF_STRINGS), ("dns_search", &STRING_OR_LIST), ("domainname", &TEXT),
    ("entrypoint", &COMMAND), ("env_file", &ENV_FILE), ("environment", &LIST_OR_DICT), ("expose", &EXPOSE),
    ("extends", &EXTENDS), ("external_links", &LIST_OF_STRINGS), ("extra_hosts", &EXTRA_HOSTS), ("gpus", &GPUS),
    ("group_add", &EXPOSE), ("healthcheck", &HEALTHCHECK), ("hostname", &TEXT), ("image", &TEXT),
    ("init", &BOOL_OR_TEXT), ("ipc", &TEXT), ("isolation", &TEXT), ("label_file", &STRING_OR_LIST),
    ("labels", &LIST_OR_DICT), ("links", &LIST_OF_STRINGS), ("logging", &LOGGING), ("mac_address", &TEXT),
    ("mem_limit", &SIZE), ("mem_reservation", &SIZE), ("mem_swappiness", &TEXT_OR_NUMBER),
    ("memswap_limit", &SIZE), ("models", &SERVICE_MODELS), ("network_mode", &TEXT), ("networks", &SERVICE_NETWORKS),
    ("oom_kill_disable", &BOOL_OR_TEXT), ("oom_score_adj", &TEXT_OR_NUMBER), ("pid", &TEXT_OR_NULL),
    ("pids_limit", &TEXT_OR_NUMBER), ("platform", &TEXT), ("ports", &PORTS), ("post_start", &POST_START),
    ("pre_stop", &POST_START), ("privileged", &BOOL_OR_TEXT), ("profiles", &LIST_OF_STRINGS),
    ("provider", &PROVIDER), ("pull_policy", &TEXT), ("pull_refresh_after", &TEXT), ("read_only", &BOOL_OR_TEXT),
    ("restart", &TEXT), ("runtime", &TEXT), ("scale", &TEXT_OR_NUMBER), ("secrets", &SERVICE_CONFIG_OR_SECRET),
    ("security_opt", &LIST_OF_STRINGS), ("shm_size", &SIZE), ("stdin_open", &BOOL_OR_TEXT),
    ("stop_grace_period", &DURATION), ("stop_signal", &TEXT), ("storage_opt", &STORAGE_OPT),
    ("sysctls", &LIST_OR_DICT), ("tmpfs", &STRING_OR_LIST), ("tty", &BOOL_OR_TEXT), ("ulimits", &ULIMITS),
    ("use_api_socket", &BOOL), ("user", &TEXT), ("userns_mode", &TEXT), ("uts", &TEXT), ("volumes", &MOUNTS),
    ("volumes_from", &LIST_OF_STRINGS), ("working_dir", &TEXT),
], map: true, ..NOTHING };
static FILE_SERVICES: Shape = Shape { rest: Some(&SERVICE), map: true, ..NOTHING };
static VOLUME: Shape = Shape { scalar: NIL, keys: &[
    ("driver", &TEXT), ("driver_opts", &DRIVER_OPTS), ("external", &EXTERNAL), ("labels", &LIST_OR_DICT),
    ("name", &TEXT),
], map: true, ..NOTHING };
static FILE_VOLUMES: Shape = Shape { rest: Some(&VOLUME), map: true, ..NOTHING };
pub(super) static FILE: Shape = Shape { keys: &[
    ("configs", &FILE_CONFIGS), ("include", &FILE_INCLUDE), ("models", &FILE_MODELS), ("name", &TEXT),
    ("networks", &FILE_NETWORKS), ("secrets", &FILE_SECRETS), ("services", &FILE_SERVICES), ("version", &TEXT),
    ("volumes", &FILE_VOLUMES),
], map: true, ..NOTHING };
