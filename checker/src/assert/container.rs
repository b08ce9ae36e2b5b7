//! Containers that the learner has made: whether they are there, how they are, and what is in them.

mod facts;
mod forms;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fact::{Count, Fact, first_wrong, within_problem};
use super::{TextMatch, Verdict, one_line};
use crate::Lang;
use crate::snapshot::{Container, EngineSnapshot, ExecAsk, Wanted};
pub use forms::{Change, Exec, FileState, MountPattern, Processes};

/// Demands on containers. With `name`, every container of that name must have everything that is demanded; without it,
/// so many of all containers as `count` says, or at least one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ContainerState {
    /// Its name, or its Compose service (`web`, `project/web`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `false`: no container is as the other fields say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// How many containers are as the other fields say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// The image that it was made from, by any of its names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// `created`, `running`, `paused`, `restarting`, `exited`, `dead`, or `stopped` for all that do not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `starting`, `healthy`, `unhealthy`, or `none` for a container without a health check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<String>,
    /// How often the engine has restarted it by that policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarts: Option<Count>,
    /// What has happened to it since the check began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_check: Option<Change>,
    /// Seconds since its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime: Option<Count>,
    /// Exit code of its last run; a container that runs has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Word by word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Word by word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Environment variables with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Environment variables that are not set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_env: Vec<String>,
    /// Labels with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The user; empty for the default one, root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    /// Published ports, as `-p` takes them: `8080:80`, `127.0.0.1:8080:80/tcp`, `80` for any port of the host. An
    /// empty list: none is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<String>>,
    /// Mounts that it has. An empty list: it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mounts: Option<Vec<MountPattern>>,
    /// Networks that it is connected to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// Networks that it is not connected to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_networks: Vec<String>,
    /// Memory limit as `-m` takes it: `256m`; `0` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Processors as `--cpus` takes them: `0.5`; 0 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// The most processes; 0 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids: Option<i64>,
    /// What it has printed.
    #[serde(skip_serializing_if = "TextMatch::is_empty")]
    pub logs: TextMatch,
    /// Files in it, also while it does not run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileState>,
    /// Its processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<Processes>,
    /// Commands that are run in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exec: Vec<Exec>,
    /// How many seconds it has to become so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
}

const STATES: [&str; 7] = [
    "created",
    "running",
    "paused",
    "restarting",
    "exited",
    "dead",
    "stopped",
];
const HEALTH: [&str; 4] = ["starting", "healthy", "unhealthy", "none"];

impl ContainerState {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if *self == ContainerState::default() {
            problems.push("it demands nothing".to_owned());
        }
        if self.exists == Some(false) && self.count.is_some() {
            problems.push("`exists: false` and `count` cannot both be".to_owned());
        }
        let mut word = |what: &str, value: &Option<String>, known: &[&str]| {
            if let Some(value) = value.as_deref().filter(|value| !known.contains(value)) {
                let guess = dockerfile::suggest(value, known.iter().copied());
                let guess = guess
                    .map(|guess| format!("; did you mean {guess}?"))
                    .unwrap_or_default();
                problems.push(format!("`{value}` is no `{what}`{guess}"));
            }
        };
        word("state", &self.state, &STATES);
        word("health", &self.health, &HEALTH);
        let policy = self
            .restart
            .as_ref()
            .map(|policy| match policy.split_once(':') {
                Some(("on-failure", count)) if count.parse::<u32>().is_ok() => {
                    "on-failure".to_owned()
                }
                _ => policy.clone(),
            });
        word(
            "restart",
            &policy,
            &["no", "always", "unless-stopped", "on-failure"],
        );
        for (what, count) in [
            ("count", self.count),
            ("restarts", self.restarts),
            ("uptime", self.uptime),
        ] {
            problems.extend(count.and_then(|count| count.problem(what)));
        }
        for port in self.ports.iter().flatten() {
            if forms::port(port).is_none() {
                problems.push(format!("`{port}` is no published port as `-p` takes it"));
            }
        }
        if let Some(memory) = self
            .memory
            .as_ref()
            .filter(|memory| forms::bytes(memory).is_none())
        {
            problems.push(format!("`{memory}` is no size; write 256m or 1g"));
        }
        for file in &self.files {
            problems.extend(file.problem());
        }
        if self.exec.iter().any(|exec| exec.command.is_empty()) {
            problems.push("a command of `exec` is empty".to_owned());
        }
        if self.since_check.is_some() && self.name.is_none() {
            problems.push("`since-check` needs `name`".to_owned());
        }
        problems.extend(within_problem(self.within));
        problems
    }

    pub(crate) fn wanted(&self) -> Wanted {
        let name = self.name.clone().unwrap_or_default();
        let mut wanted = Wanted {
            all_containers: name.is_empty(),
            images: self.image.is_some(),
            ..Wanted::default()
        };
        if !name.is_empty() {
            wanted.containers.insert(name.clone());
        }
        if !self.logs.is_empty() {
            wanted.logs.insert(name.clone());
        }
        if self.processes.is_some() {
            wanted.processes.insert(name.clone());
        }
        wanted.files.extend(
            self.files
                .iter()
                .map(|file| (name.clone(), file.path.clone())),
        );
        wanted.execs.extend(self.exec.iter().map(|exec| ExecAsk {
            container: name.clone(),
            command: exec.command.clone(),
            user: exec.user.clone(),
        }));
        wanted
    }

    /// Compares what is there with what is wanted. `before` is the state when the check began.
    pub(crate) fn judge(
        &self,
        now: &EngineSnapshot,
        before: &EngineSnapshot,
        lang: Lang,
    ) -> Verdict {
        let candidates: Vec<&Container> = match &self.name {
            Some(name) => now.containers_named(name),
            None => now.containers.iter().collect(),
        };
        let judged: Vec<(&Container, Vec<Fact>)> = candidates
            .iter()
            .map(|container| (*container, self.facts(container, now, before, lang)))
            .collect();
        let right = || {
            judged
                .iter()
                .filter(|(_, facts)| first_wrong(facts).is_none())
        };
        if self.exists == Some(false) {
            return match right().next() {
                None => Verdict::pass(),
                Some((container, _)) => Verdict::fail()
                    .expected(lang.pick("없음", "not there"))
                    .actual(in_words(container, lang)),
            };
        }
        if let Some(count) = self.count {
            let number = right().count();
            if count.holds(number as u64) {
                return Verdict::pass();
            }
            return Verdict::fail()
                .expected(format!(
                    "{} {}",
                    lang.pick("컨테이너 수", "containers:"),
                    count.wanted(lang)
                ))
                .actual(counted(number, &judged, lang));
        }
        match (&self.name, judged.is_empty()) {
            (Some(name), true) => absent(name, now, lang),
            (None, _) if right().next().is_some() => Verdict::pass(),
            (None, _) => Verdict::fail()
                .expected(format!(
                    "{} {}",
                    lang.pick("컨테이너 수", "containers:"),
                    lang.pick("1 이상", "at least 1")
                ))
                .actual(counted(0, &judged, lang)),
            (Some(_), false) => {
                let wrong = judged
                    .iter()
                    .find_map(|(c, facts)| Some((c, first_wrong(facts)?)));
                wrong.map_or_else(Verdict::pass, |(container, fact)| {
                    fact.failure(&container.name)
                })
            }
        }
    }
}

/// No container has this name.
pub(crate) fn absent(name: &str, now: &EngineSnapshot, lang: Lang) -> Verdict {
    let names: Vec<&str> = now.containers.iter().map(|c| c.name.as_str()).collect();
    let guess = dockerfile::suggest(name, names.iter().copied());
    let there: Vec<String> = now
        .containers
        .iter()
        .take(10)
        .map(|c| in_words(c, lang))
        .collect();
    let message = match (lang, guess, there.is_empty()) {
        (Lang::Ko, Some(guess), _) => format!(
            "`{name}` 컨테이너가 없어요. 이름이 비슷한 `{guess}`{} 있어요. 이름은 글자 하나까지 같아야 해요. `docker ps -a`로 비교해 보세요.",
            "컨테이너는"
        ),
        (Lang::En, Some(guess), _) => format!(
            "There is no container `{name}`; there is `{guess}`. A name counts letter by letter. Compare them in `docker ps -a`."
        ),
        (Lang::Ko, None, true) => format!(
            "`{name}` 컨테이너가 없어요. 아직 컨테이너가 하나도 없어요. `--rm`으로 실행한 컨테이너는 끝나면 사라진다는 점도 떠올려 보세요."
        ),
        (Lang::En, None, true) => format!(
            "There is no container `{name}`, and no other one either. One that was run with `--rm` is gone once it has ended."
        ),
        (Lang::Ko, None, false) => format!(
            "`{name}` 컨테이너가 없어요. 다른 컨테이너는 있어요. 이름은 만들 때 정해지고, 정하지 않으면 Docker가 지어요. `docker ps -a`에서 이름을 확인해 보세요."
        ),
        (Lang::En, None, false) => format!(
            "There is no container `{name}`; there are others. A name is given at the creation, and Docker invents one where none is given. Which names does `docker ps -a` show?"
        ),
    };
    Verdict::fail_because(message)
        .expected(format!("{} `{name}`", lang.pick("컨테이너", "container")))
        .actual(if there.is_empty() {
            lang.pick("컨테이너 없음", "no container").to_owned()
        } else {
            one_line(&there.join(", "))
        })
}

/// `web: exited (0)`.
pub(crate) fn in_words(container: &Container, lang: Lang) -> String {
    format!(
        "{}: {}",
        container.name,
        facts::state_in_words(container, lang)
    )
}

fn counted(number: usize, judged: &[(&Container, Vec<Fact>)], lang: Lang) -> String {
    let mut parts = vec![number.to_string()];
    for (container, facts) in judged.iter().take(10) {
        parts.push(match first_wrong(facts) {
            None => in_words(container, lang),
            Some(fact) => format!("{}: {} {}", container.name, fact.what, fact.actual),
        });
    }
    one_line(&parts.join("; "))
}

#[cfg(test)]
mod tests;
