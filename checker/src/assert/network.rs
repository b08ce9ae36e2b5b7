//! Networks that the learner has made: whether they are there, how they are, and who is on them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fact::{Count, Fact, first_wrong, within_problem};
use super::{Verdict, one_line};
use crate::Lang;
use crate::snapshot::{EngineSnapshot, Network, Wanted};

/// Demands on a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkState {
    /// Its name, or the one that a Compose file gives it.
    pub name: String,
    /// `false`: there is none of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// The driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Whether it has no way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal: Option<bool>,
    /// Labels with these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Containers that are connected, by name or Compose service. An empty list: none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<Vec<String>>,
    /// Containers that are not connected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_containers: Vec<String>,
    /// How many containers are connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// How many seconds it has to become so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
}

impl NetworkState {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.name.is_empty() {
            problems.push("the name is empty".to_owned());
        }
        problems.extend(self.count.and_then(|count| count.problem("count")));
        problems.extend(within_problem(self.within));
        problems
    }

    pub(crate) fn wanted(&self) -> Wanted {
        Wanted {
            networks: true,
            ..Wanted::default()
        }
    }

    pub(crate) fn judge(&self, now: &EngineSnapshot, lang: Lang) -> Verdict {
        let name = &self.name;
        match (now.network_named(name), self.exists) {
            (None, Some(false)) => Verdict::pass(),
            (Some(network), Some(false)) => Verdict::fail()
                .expected(format!("{name}: {}", lang.pick("없음", "not there")))
                .actual(one_line(&format!(
                    "{}: {}",
                    network.name,
                    members(network, lang)
                ))),
            (None, _) => absent(name, now, lang),
            (Some(network), _) => match first_wrong(&self.facts(network, now, lang)) {
                None => Verdict::pass(),
                Some(fact) => fact.failure(&network.name),
            },
        }
    }

    fn facts(&self, network: &Network, now: &EngineSnapshot, lang: Lang) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(driver) = &self.driver {
            facts.push(Fact::equal("driver", driver, &network.driver));
        }
        if let Some(internal) = self.internal {
            facts.push(Fact::equal(
                "internal",
                internal.to_string(),
                network.internal.to_string(),
            ));
        }
        for (name, value) in &self.labels {
            let actual = network
                .labels
                .get(name)
                .map(|actual| format!("{name}={actual}"));
            let actual = actual.unwrap_or_else(|| lang.pick("없음", "not set").to_owned());
            facts.push(Fact::equal("label", format!("{name}={value}"), actual));
        }
        let what = lang.pick("연결된 컨테이너:", "connected:");
        let actual = members(network, lang);
        let on = |name: &String| {
            let named = now.containers_named(name);
            named
                .iter()
                .any(|container| network.containers.contains(&container.name))
        };
        if self.containers.as_ref().is_some_and(Vec::is_empty) {
            let none = lang.pick("컨테이너 없음", "no container");
            facts.push(Fact::new(
                what,
                network.containers.is_empty(),
                none,
                &actual,
            ));
        }
        for name in self.containers.iter().flatten() {
            facts.push(Fact::new(what, on(name), name, &actual));
        }
        for name in &self.no_containers {
            let without = format!("{} {name}", lang.pick("제외:", "without"));
            facts.push(Fact::new(what, !on(name), without, &actual));
        }
        if let Some(count) = self.count {
            let number = network.containers.len();
            facts.push(Fact::new(
                what,
                count.holds(number as u64),
                count.wanted(lang),
                format!("{number} ({actual})"),
            ));
        }
        facts
    }
}

fn members(network: &Network, lang: Lang) -> String {
    let names: Vec<&str> = network.containers.iter().map(String::as_str).collect();
    if names.is_empty() {
        lang.pick("컨테이너 없음", "no container").to_owned()
    } else {
        names.join(", ")
    }
}

fn absent(name: &str, now: &EngineSnapshot, lang: Lang) -> Verdict {
    let names: Vec<&str> = now
        .networks
        .iter()
        .map(|network| network.name.as_str())
        .collect();
    let message = match (lang, dockerfile::suggest(name, names.iter().copied())) {
        (Lang::Ko, Some(guess)) => format!(
            "`{name}` 네트워크가 없어요. 이름이 비슷한 `{guess}` 네트워크는 있어요. 이름은 글자 하나까지 같아야 해요. `docker network ls`로 비교해 보세요."
        ),
        (Lang::En, Some(guess)) => format!(
            "There is no network `{name}`; there is `{guess}`. A name counts letter by letter. Compare them in `docker network ls`."
        ),
        (Lang::Ko, None) => format!(
            "`{name}` 네트워크가 없어요. 이름으로 서로를 찾는 네트워크는 직접 만들어야 해요. `docker network ls`에 무엇이 있는지 살펴보세요."
        ),
        (Lang::En, None) => format!(
            "There is no network `{name}`. A network on which containers find each other by name has to be made. What does `docker network ls` show?"
        ),
    };
    Verdict::fail_because(message)
        .expected(format!("{} `{name}`", lang.pick("네트워크", "network")))
        .actual(one_line(&names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::snapshot::Container;

    fn judge(yaml: &str) -> Verdict {
        let container = |name: &str| Container {
            name: name.into(),
            ..Container::default()
        };
        let snapshot = EngineSnapshot {
            containers: vec![container("web"), container("db")],
            networks: vec![Network {
                name: "front".into(),
                driver: "bridge".into(),
                labels: [("team".to_owned(), "board".to_owned())].into(),
                containers: ["web".to_owned()].into(),
                ..Network::default()
            }],
            ..EngineSnapshot::default()
        };
        let wanted: NetworkState = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(wanted.problems(), Vec::<String>::new(), "{yaml}");
        wanted.judge(&snapshot, Lang::En)
    }

    #[test]
    fn what_is_so_passes() {
        for yaml in [
            "{name: front, driver: bridge, internal: false, labels: {team: board}, containers: [web], no-containers: [db], count: {exactly: 1}}",
            "{name: back, exists: false}",
        ] {
            assert_eq!(judge(yaml).status, Status::Pass, "{yaml}");
        }
    }

    #[test]
    fn what_differs_is_told() {
        for (yaml, actual) in [
            ("{name: frnot}", "front"),
            ("{name: front, exists: false}", "front: web"),
            ("{name: front, driver: host}", "front: driver bridge"),
            ("{name: front, internal: true}", "front: internal false"),
            ("{name: front, containers: [db]}", "front: connected: web"),
            ("{name: front, containers: []}", "front: connected: web"),
            (
                "{name: front, no-containers: [web]}",
                "front: connected: web",
            ),
            (
                "{name: front, count: {at-least: 2}}",
                "front: connected: 1 (web)",
            ),
        ] {
            let verdict = judge(yaml);
            assert_eq!(verdict.status, Status::Fail, "{yaml}");
            assert_eq!(verdict.actual.as_deref(), Some(actual), "{yaml}");
        }
        assert!(judge("{name: frnot}").message.unwrap().contains("`front`"));
    }
}
