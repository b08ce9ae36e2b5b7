//! What a scope uses of what it may have.

use crate::disk::{self, DiskUsage};
use crate::error::Fault;
use crate::gateway::Limits;
use crate::scope::Inner;
use serde::{Deserialize, Serialize};

/// So much is used, and so much there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// What there is now.
    pub used: u64,
    /// The most that there may be.
    pub limit: u64,
}

/// What a scope uses just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Containers, running or not.
    pub containers: Share,
    /// Containers that run.
    pub running: u64,
    /// Networks besides the default one.
    pub networks: Share,
    /// Volumes, anonymous ones too.
    pub volumes: Share,
    /// Images that the scope made, loaded or tagged.
    pub images: Share,
    /// Bytes on the engine's disk, as they were seen last; nothing before the first look.
    #[serde(default)]
    pub disk: Option<DiskUsage>,
    /// Bytes in the scope's part of the course's registry.
    pub registry: Share,
    /// Bytes of memory of all containers and builds together; nothing where the kernel does not count them as one.
    pub memory: Option<Share>,
    /// Processes of all containers and builds together.
    pub pids: Option<Share>,
    /// Builds, loads and commits that run.
    pub builds: Share,
}

pub(crate) fn of(scope: &Inner) -> Usage {
    within(scope, &scope.limits())
}

pub(crate) fn within(scope: &Inner, limits: &Limits) -> Usage {
    let share = |used: usize, limit: u32| Share {
        used: used as u64,
        limit: u64::from(limit),
    };
    let used = scope.shared.cgroups.used(&scope.name);
    let registry = scope.registry_used();
    let disk = disk::usage(scope, limits.disk);
    let free = scope.building.available_permits();
    let running = scope.running().len() as u64;
    let state = scope.state();
    let networks = state
        .networks
        .values()
        .filter(|network| network.name != "bridge");
    Usage {
        containers: share(state.containers.len(), limits.containers),
        running,
        networks: share(networks.count(), limits.networks),
        volumes: share(state.volumes.len(), limits.volumes),
        images: share(state.images.len(), limits.images),
        disk,
        registry: Share {
            used: registry,
            limit: limits.registry,
        },
        memory: used.map(|used| Share {
            used: used.memory,
            limit: limits.memory,
        }),
        pids: used.map(|used| Share {
            used: used.pids,
            limit: u64::try_from(limits.pids).unwrap_or(0),
        }),
        builds: share((limits.builds as usize).saturating_sub(free), limits.builds),
    }
}

/// What the runtime says when it is stopped by the scope's own limits, which is where it starts.
const STIFLED: [&str; 6] = [
    "can't get final child's PID",
    "cannot start a stopped process",
    "resource temporarily unavailable",
    "cannot allocate memory",
    "unable to start container process",
    "read init-p",
];

/// A container that could not start because the scope's memory or processes are used up: then that is said.
pub(crate) fn explain(scope: &Inner, fault: Fault) -> Fault {
    if fault.rule != "engine" || !STIFLED.iter().any(|words| fault.message.contains(words)) {
        return fault;
    }
    let usage = of(scope);
    let nearly = |share: &Share, room: u64| share.used + room >= share.limit;
    let mib = |bytes: u64| bytes >> 20;
    let remedy = "stop or remove a container (docker ps, docker rm -f), then try again";
    let message = match (usage.memory, usage.pids) {
        (_, Some(pids)) if nearly(&pids, 12) => format!(
            "this sandbox may run at most {} processes and runs {}: {remedy}",
            pids.limit, pids.used
        ),
        (Some(memory), _) if nearly(&memory, (16 << 20).min(memory.limit / 4)) => format!(
            "this sandbox may use at most {} MiB of memory and uses {}: {remedy}",
            mib(memory.limit),
            mib(memory.used)
        ),
        _ => return fault,
    };
    Fault::new(fault.status, message).by("limit")
}
