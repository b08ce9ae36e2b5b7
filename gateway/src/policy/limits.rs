//! Memory, CPU and processes: what was asked for, brought within what the scope may have.

use crate::error::Fault;
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
    /// How many CPUs there are.
    pub(crate) cpus: i64,
}

impl Abilities {
    pub(crate) fn of(info: &Value) -> Self {
        let has = |key: &str| info[key].as_bool().unwrap_or(false);
        Self {
            swap: has("SwapLimit"),
            pids: has("PidsLimit"),
            memory: has("MemoryLimit"),
            cpu: has("CpuCfsQuota"),
            // One that does not say it refuses for itself.
            cpus: info["NCPU"].as_i64().unwrap_or(i64::MAX),
        }
    }
}

impl Resources {
    /// Refuses what contradicts itself, in the engine's words: brought within bounds it would not show any more.
    pub(crate) fn agree(&self, is_new: bool) -> Result<(), Fault> {
        let set = |asked: Option<i64>| asked.filter(|number| *number > 0);
        let wrong = match (set(self.memory), set(self.memory_swap)) {
            (Some(memory), Some(swap)) if swap < memory => {
                "Minimum memoryswap limit should be larger than memory limit, see usage"
            }
            (None, Some(_)) if is_new => {
                "You should always set the Memory limit when using Memoryswap limit, see usage"
            }
            (Some(memory), _) if set(self.memory_reservation) > Some(memory) => {
                "Minimum memory limit can not be less than memory reservation limit, see usage"
            }
            _ if set(self.nano_cpus).is_some() && set(self.cpu_period).is_some() => {
                "Conflicting options: Nano CPUs and CPU Period cannot both be set"
            }
            _ if set(self.nano_cpus).is_some() && set(self.cpu_quota).is_some() => {
                "Conflicting options: Nano CPUs and CPU Quota cannot both be set"
            }
            _ => return Ok(()),
        };
        Err(Fault::bad(wrong))
    }

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

    /// Says no to CPUs that there are not, in the engine's words.
    pub(crate) fn check(&self, can: Abilities) -> Result<(), Fault> {
        let there_are = can.cpus.saturating_mul(1_000_000_000);
        match self.nano_cpus {
            Some(asked) if asked < 0 || asked > there_are => Err(Fault::bad(format!(
                "Range of CPUs is from 0.01 to {0}.00, as there are only {0} CPUs available",
                can.cpus
            ))),
            _ => Ok(()),
        }
    }

    /// What was asked for is more than the scope may have: warnings that say what it gets.
    pub(crate) fn cut(&self, limits: &Limits) -> Vec<String> {
        let over = |asked: Option<i64>, bounded: i64| asked.is_some_and(|asked| asked > bounded);
        let mut warnings = Vec::new();
        let mut warn = |what: String| {
            warnings.push(format!(
                "This sandbox may use at most {what}, so the container gets no more than that."
            ));
        };
        let memory = self.bounded_memory(limits);
        if over(self.memory, memory) {
            warn(format!("{} MiB of memory", memory >> 20));
        }
        let cpus = self.bounded_cpus(limits);
        if over(self.nano_cpus, cpus) {
            let unit = if cpus == 1_000_000_000 { "CPU" } else { "CPUs" };
            warn(format!("{} {unit}", cpus as f64 / 1e9));
        }
        let pids = self.bounded_pids(limits);
        if over(self.pids_limit, pids) {
            warn(format!("{pids} processes"));
        }
        warnings
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
        cpus: 4,
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
        assert!(wish.cut(&Limits::default()).is_empty());
        let warnings = greedy.cut(&Limits::default()).join(" ");
        assert!(
            warnings.contains("at most 1024 MiB of memory"),
            "{warnings}"
        );
        assert!(warnings.contains("at most 2 CPUs"), "{warnings}");
    }

    #[test]
    fn cpus_that_there_are_not_are_refused_as_the_engine_does() {
        let ask = |nanos: i64| Resources {
            nano_cpus: Some(nanos),
            ..Resources::default()
        };
        for fine in [0, 500_000_000, 4_000_000_000] {
            assert_eq!(ask(fine).check(ALL), Ok(()));
        }
        for wrong in [-1, 4_000_000_001, i64::MAX] {
            let fault = ask(wrong).check(ALL).expect_err("refused");
            assert!(fault.message.contains("from 0.01 to 4.00"), "{fault:?}");
        }
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
