//! What a collection asks the engine for. Checks say what they need; nothing else is asked.

use std::collections::BTreeSet;

/// The demand of one or several assertions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Containers of these names with all details.
    pub(crate) containers: BTreeSet<String>,
    /// All containers with all details.
    pub(crate) all_containers: bool,
    /// Images by name, tag and digest.
    pub(crate) images: bool,
    /// Volumes, and which containers mount them.
    pub(crate) volumes: bool,
    /// Networks, and which containers are on them.
    pub(crate) networks: bool,
    /// Logs of these containers; the empty name stands for all.
    pub(crate) logs: BTreeSet<String>,
    /// Processes of these containers; the empty name stands for all.
    pub(crate) processes: BTreeSet<String>,
    /// A path in a container.
    pub(crate) files: BTreeSet<(String, String)>,
    /// A command in a container.
    pub(crate) execs: BTreeSet<ExecAsk>,
    /// A path in a volume.
    pub(crate) volume_files: BTreeSet<(String, String)>,
    /// A name that is looked up from a container: `(from, name)`.
    pub(crate) lookups: BTreeSet<(String, String)>,
}

/// A command to run in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExecAsk {
    pub(crate) container: String,
    pub(crate) command: Vec<String>,
    pub(crate) user: String,
}

impl Wanted {
    /// Takes over another demand.
    pub(crate) fn add(&mut self, other: Wanted) {
        self.containers.extend(other.containers);
        self.all_containers |= other.all_containers;
        self.images |= other.images;
        self.volumes |= other.volumes;
        self.networks |= other.networks;
        self.logs.extend(other.logs);
        self.processes.extend(other.processes);
        self.files.extend(other.files);
        self.execs.extend(other.execs);
        self.volume_files.extend(other.volume_files);
        self.lookups.extend(other.lookups);
    }

    /// Whether containers must be listed at all.
    pub(super) fn any_container(&self) -> bool {
        self.all_containers || !self.containers.is_empty() || self.volumes || self.networks
    }

    /// Whether something is wanted that can change without a word in the engine's events.
    pub(crate) fn is_silent(&self) -> bool {
        !(self.logs.is_empty()
            && self.processes.is_empty()
            && self.files.is_empty()
            && self.execs.is_empty()
            && self.volume_files.is_empty()
            && self.lookups.is_empty())
    }
}
