//! Memory, CPU and processes: what was asked for, brought within what the scope may have.

use crate::gateway::Limits;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The part of a create or update body that is about limits.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Resources {
    pub(crate) memory: Option<i64>,
    pub(crate) memory_reservation: Option<i64>,
    pub(crate) memory_swap: Option<i64>,
    pub(crate) nano_cpus: Option<i64>,
    pub(crate) cpu_shares: Option<i64>,
    pub(crate) cpu_period: Option<i64>,
    pub(crate) cpu_quota: Option<i64>,
    pub(crate) cpuset_cpus: Option<String>,
    pub(crate) pids_limit: Option<i64>,
}

/// The fields of [`Resources`], as they are taken out of a larger object.
pub(crate) const FIELDS: [&str; 9] = [
    "Memory",
    "MemoryReservation",
    "MemorySwap",
    "NanoCpus",
    "CpuShares",
    "CpuPeriod",
    "CpuQuota",
    "CpusetCpus",
    "PidsLimit",
];

/// Which limits the engine can set; asking for others would only make it warn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Abilities {
    pub(crate) swap: bool,
    pub(crate) pids: bool,
    pub(crate) memory: bool,
    pub(crate) cpu: bool,
}

impl Abilities {
    pub(crate) fn of(info: &Value) -> Self {
        let has = |key: &str| info[key].as_bool().unwrap_or(false);
        Self {
            swap: has("SwapLimit"),
            pids: has("PidsLimit"),
            memory: has("MemoryLimit"),
            cpu: has("CpuCfsQuota"),
        }
    }
}

impl Resources {
    /// The memory that it gets.
    pub(crate) fn bounded_memory(&self, limits: &Limits) -> i64 {
        let most = i64::try_from(limits.memory).unwrap_or(i64::MAX);
        match self.memory {
            Some(asked) if asked > 0 => asked.min(most),
            _ => most,
        }
    }

    /// The CPU time that it gets, in billionths; a quota and its period mean the same.
    pub(crate) fn bounded_cpus(&self, limits: &Limits) -> i64 {
        let by_quota = match (self.cpu_quota, self.cpu_period) {
            (Some(quota), period) if quota > 0 => {
                let period = period.filter(|period| *period > 0).unwrap_or(100_000);
                Some(quota.saturating_mul(1_000_000_000) / period)
            }
            _ => None,
        };
        let asked = self.nano_cpus.filter(|nanos| *nanos > 0).or(by_quota);
        asked
            .unwrap_or(limits.nano_cpus)
            .clamp(10_000_000, limits.nano_cpus)
    }

    fn bounded_pids(&self, limits: &Limits) -> i64 {
        match self.pids_limit {
            Some(asked) if asked > 0 => asked.min(limits.pids),
            _ => limits.pids,
        }
    }

    /// Whether more was asked for than the scope may have.
    pub(crate) fn exceeds(&self, limits: &Limits) -> bool {
        let over = |asked: Option<i64>, bounded: i64| asked.is_some_and(|asked| asked > bounded);
        over(self.memory, self.bounded_memory(limits))
            || over(self.nano_cpus, self.bounded_cpus(limits))
            || over(self.pids_limit, self.bounded_pids(limits))
    }

    /// The fields that go to the engine for a new container.
    pub(crate) fn for_create(&self, limits: &Limits, can: Abilities) -> Map<String, Value> {
        let memory = self.bounded_memory(limits);
        let mut fields = Map::new();
        if can.memory {
            fields.insert("Memory".into(), json!(memory));
        }
        if can.swap {
            // The same number means: no swap on top.
            fields.insert("MemorySwap".into(), json!(memory));
        }
        if can.cpu {
            fields.insert("NanoCpus".into(), json!(self.bounded_cpus(limits)));
        }
        if can.pids {
            fields.insert("PidsLimit".into(), json!(self.bounded_pids(limits)));
        }
        self.common(&mut fields, memory);
        fields
    }

    /// The fields that go to the engine for an update: only what was asked for.
    pub(crate) fn for_update(&self, limits: &Limits, can: Abilities) -> Map<String, Value> {
        let memory = self.bounded_memory(limits);
        let mut fields = Map::new();
        let positive = |asked: Option<i64>| asked.is_some_and(|number| number != 0);
        if positive(self.memory) || positive(self.memory_swap) {
            fields.insert("Memory".into(), json!(memory));
            if can.swap {
                fields.insert("MemorySwap".into(), json!(memory));
            }
        }
        if positive(self.nano_cpus) || positive(self.cpu_quota) {
            fields.insert("NanoCpus".into(), json!(self.bounded_cpus(limits)));
        }
        if positive(self.pids_limit) {
            fields.insert("PidsLimit".into(), json!(self.bounded_pids(limits)));
        }
        self.common(&mut fields, memory);
        fields
    }

    fn common(&self, fields: &mut Map<String, Value>, memory: i64) {
        if let Some(reservation) = self.memory_reservation.filter(|bytes| *bytes > 0) {
            fields.insert("MemoryReservation".into(), json!(reservation.min(memory)));
        }
        if let Some(shares) = self.cpu_shares.filter(|shares| *shares > 0) {
            fields.insert("CpuShares".into(), json!(shares.clamp(2, 1024)));
        }
        let is_set = |text: &&String| {
            !text.is_empty()
                && text.len() < 64
                && text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b',' | b'-'))
        };
        if let Some(cpus) = self.cpuset_cpus.as_ref().filter(is_set) {
            fields.insert("CpusetCpus".into(), json!(cpus));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Abilities = Abilities {
        swap: true,
        pids: true,
        memory: true,
        cpu: true,
    };

    #[test]
    fn without_a_wish_the_limits_hold() {
        let fields = Resources::default().for_create(&Limits::default(), ALL);
        assert_eq!(fields["Memory"], 1 << 30);
        assert_eq!(fields["MemorySwap"], 1 << 30);
        assert_eq!(fields["NanoCpus"], 2_000_000_000i64);
        assert_eq!(fields["PidsLimit"], 512);
    }

    #[test]
    fn wishes_are_met_within_the_limits() {
        let wish = Resources {
            memory: Some(64 << 20),
            memory_swap: Some(-1),
            pids_limit: Some(-1),
            cpu_quota: Some(50_000),
            ..Resources::default()
        };
        let fields = wish.for_create(&Limits::default(), ALL);
        assert_eq!(fields["Memory"], 64 << 20);
        assert_eq!(fields["MemorySwap"], 64 << 20);
        assert_eq!(fields["PidsLimit"], 512);
        assert_eq!(fields["NanoCpus"], 500_000_000);
        let greedy = Resources {
            memory: Some(1 << 40),
            nano_cpus: Some(i64::MAX),
            ..Resources::default()
        };
        let fields = greedy.for_create(&Limits::default(), ALL);
        assert_eq!(fields["Memory"], 1 << 30);
        assert_eq!(fields["NanoCpus"], 2_000_000_000i64);
    }

    #[test]
    fn an_update_changes_only_what_it_names() {
        let fields = Resources {
            memory: Some(1 << 40),
            ..Resources::default()
        }
        .for_update(&Limits::default(), ALL);
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["Memory", "MemorySwap"]);
    }
}
