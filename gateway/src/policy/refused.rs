//! Fields of a new container that must be empty, and why.

/// Fields of the configuration.
pub(crate) const CONFIG: [(&str, &str); 4] = [
    ("MacAddress", "addresses are given out by the sandbox"),
    ("NetworkDisabled", "use --network none"),
    ("OnBuild", "it belongs into a Dockerfile"),
    ("ArgsEscaped", "it is for Windows"),
];

/// Fields of `HostConfig`.
pub(crate) const HOST: [(&str, &str); 42] = [
    (
        "Privileged",
        "a privileged container could take over the host",
    ),
    ("CapAdd", "added capabilities reach into the host"),
    ("Capabilities", "added capabilities reach into the host"),
    ("Devices", "devices belong to the host"),
    ("DeviceCgroupRules", "devices belong to the host"),
    ("DeviceRequests", "devices belong to the host"),
    (
        "PidMode",
        "the process namespace of the host or of another container is not shared",
    ),
    ("UTSMode", "the host's namespaces are not shared"),
    ("UsernsMode", "the host's namespaces are not shared"),
    ("Cgroup", "other containers' namespaces are not shared"),
    ("CgroupParent", "the sandbox chooses the control group"),
    ("Runtime", "the sandbox chooses the runtime"),
    ("Isolation", "it is for Windows"),
    ("VolumesFrom", "name the volumes themselves (-v name:/path)"),
    ("VolumeDriver", "only plain local volumes are offered"),
    (
        "Links",
        "put both containers on a network of your own, names resolve there",
    ),
    ("Sysctls", "kernel settings are not changed from here"),
    ("StorageOpt", "the sandbox sets storage limits"),
    (
        "OomKillDisable",
        "the sandbox must be able to end a container that uses too much memory",
    ),
    (
        "OomScoreAdj",
        "the sandbox must be able to end a container that uses too much memory",
    ),
    ("MaskedPaths", "the kernel's paths stay masked"),
    ("ReadonlyPaths", "the kernel's paths stay read-only"),
    ("Dns", "the sandbox's name server is used"),
    ("DnsOptions", "the sandbox's name server is used"),
    ("DnsSearch", "the sandbox's name server is used"),
    ("Annotations", "annotations reach the runtime"),
    ("CpusetMems", "memory nodes are not chosen from here"),
    ("CpuRealtimePeriod", "real-time scheduling is not offered"),
    ("CpuRealtimeRuntime", "real-time scheduling is not offered"),
    ("KernelMemory", "the memory limit covers it"),
    ("KernelMemoryTCP", "the memory limit covers it"),
    ("DiskQuota", "the sandbox sets storage limits"),
    ("BlkioWeight", "disk throughput is not divided from here"),
    (
        "BlkioWeightDevice",
        "disk throughput is not divided from here",
    ),
    (
        "BlkioDeviceReadBps",
        "disk throughput is not divided from here",
    ),
    (
        "BlkioDeviceWriteBps",
        "disk throughput is not divided from here",
    ),
    (
        "BlkioDeviceReadIOps",
        "disk throughput is not divided from here",
    ),
    (
        "BlkioDeviceWriteIOps",
        "disk throughput is not divided from here",
    ),
    ("CpuCount", "it is for Windows"),
    ("CpuPercent", "it is for Windows"),
    ("IOMaximumIOps", "it is for Windows"),
    ("IOMaximumBandwidth", "it is for Windows"),
];
