//! Who finds whom by name: a name is looked up from a running container, inside its network.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fact::within_problem;
use super::{Verdict, exit};
use crate::Lang;
use crate::snapshot::{EngineSnapshot, Wanted};

/// Looks a name up from a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Resolves {
    /// The container that asks, by name or Compose service. It must run.
    pub from: String,
    /// The name that is looked up.
    pub name: String,
    /// Whether it is known there.
    #[serde(default = "yes")]
    pub found: bool,
    /// The container that the name must lead to, by name or Compose service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many seconds it has to become so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
}

fn yes() -> bool {
    true
}

impl Resolves {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let is_name = |text: &str| {
            !text.is_empty()
                && !text.starts_with(['-', '.'])
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if self.from.is_empty() {
            problems.push("`from` is empty".to_owned());
        }
        if !is_name(&self.name) {
            problems.push(format!("`{}` is no name that can be looked up", self.name));
        }
        if !self.found && self.to.is_some() {
            problems.push("a name that is not found leads to nobody: leave `to` out".to_owned());
        }
        problems.extend(within_problem(self.within));
        problems
    }

    pub(crate) fn wanted(&self) -> Wanted {
        Wanted {
            containers: [Some(&self.from), self.to.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            lookups: [(self.from.clone(), self.name.clone())].into(),
            ..Wanted::default()
        }
    }

    pub(crate) fn judge(&self, now: &EngineSnapshot, lang: Lang) -> Verdict {
        let askers = now.containers_named(&self.from);
        if askers.is_empty() {
            return super::container::absent(&self.from, now, lang);
        }
        let line = |answer: &str| format!("{}: {} → {answer}", self.from, self.name);
        let nobody = lang.pick("모르는 이름", "name not known");
        let expected = match (&self.to, self.found) {
            (Some(to), _) => line(to),
            (None, true) => line(lang.pick("찾음", "found")),
            (None, false) => line(nobody),
        };
        for asker in askers {
            let Some(lookup) = asker
                .seen
                .lookups
                .iter()
                .find(|lookup| lookup.name == self.name)
            else {
                let message =
                    exit::explained(&asker.name, asker.exit_code, asker.out_of_memory, lang);
                return Verdict::fail_because(message)
                    .expected(expected)
                    .actual(super::container::in_words(asker, lang));
            };
            let of: Vec<&str> = now
                .containers
                .iter()
                .filter(|container| {
                    container
                        .networks
                        .values()
                        .any(|end| !end.ip.is_empty() && lookup.addresses.contains(&end.ip))
                })
                .map(|container| container.name.as_str())
                .collect();
            let leads_right = |to: &String| {
                let named = now.containers_named(to);
                named
                    .iter()
                    .any(|container| of.contains(&container.name.as_str()))
            };
            let found = !lookup.addresses.is_empty();
            if found == self.found && self.to.as_ref().is_none_or(leads_right) {
                continue;
            }
            // Addresses differ from run to run, so containers are named instead where they are known.
            let actual = match (found, of.is_empty()) {
                (false, _) => nobody.to_owned(),
                (true, false) => of.join(", "),
                (true, true) => lang.pick("다른 주소", "another address").to_owned(),
            };
            let verdict = if found {
                Verdict::fail()
            } else {
                Verdict::fail_because(self.unknown(lang))
            };
            return verdict.expected(expected).actual(line(&actual));
        }
        Verdict::pass()
    }

    fn unknown(&self, lang: Lang) -> String {
        let (from, name) = (&self.from, &self.name);
        match lang {
            Lang::Ko => format!(
                "`{from}` 컨테이너는 `{name}` 이름을 몰라요. 컨테이너는 직접 만든 같은 네트워크에 있을 때만 서로를 이름으로 찾고, 기본 `bridge` 네트워크에서는 찾지 못해요. 두 컨테이너가 어느 네트워크에 있는지 `docker inspect`로 비교해 보세요."
            ),
            Lang::En => format!(
                "The container `{from}` does not know the name `{name}`. Containers find each other by name only on a common network that somebody made, and never on the default `bridge`. On which networks are the two, by `docker inspect`?"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::snapshot::{Attachment, Container, Lookup, Seen};

    fn container(name: &str, ip: &str, lookups: &[(&str, &[&str])]) -> Container {
        Container {
            name: name.into(),
            state: if ip.is_empty() {
                "exited".into()
            } else {
                "running".into()
            },
            networks: [(
                "front".to_owned(),
                Attachment {
                    ip: ip.into(),
                    ..Attachment::default()
                },
            )]
            .into(),
            seen: Seen {
                lookups: lookups
                    .iter()
                    .map(|(name, found)| Lookup {
                        name: (*name).into(),
                        addresses: found.iter().map(|ip| (*ip).to_owned()).collect(),
                    })
                    .collect(),
                ..Seen::default()
            },
            ..Container::default()
        }
    }

    fn judge(yaml: &str) -> Verdict {
        let snapshot = EngineSnapshot {
            containers: vec![
                container("web", "10.0.0.2", &[("db", &["10.0.0.3"]), ("cache", &[])]),
                container("db", "10.0.0.3", &[]),
                container("old", "", &[]),
            ],
            ..EngineSnapshot::default()
        };
        let wanted: Resolves = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(wanted.problems(), Vec::<String>::new(), "{yaml}");
        wanted.judge(&snapshot, Lang::En)
    }

    #[test]
    fn names_are_judged_by_whom_they_lead_to() {
        for yaml in [
            "{from: web, name: db}",
            "{from: web, name: db, to: db}",
            "{from: web, name: cache, found: false}",
        ] {
            assert_eq!(judge(yaml).status, Status::Pass, "{yaml}");
        }
        for (yaml, actual, message) in [
            ("{from: web, name: db, found: false}", "web: db → db", None),
            ("{from: web, name: db, to: old}", "web: db → db", None),
            (
                "{from: web, name: cache}",
                "web: cache → name not known",
                Some("never on the default"),
            ),
            (
                "{from: old, name: db}",
                "old: exited (0)",
                Some("does not run"),
            ),
            (
                "{from: wbe, name: db}",
                "web: running, db: running, old: exited (0)",
                Some("there is `web`"),
            ),
        ] {
            let verdict = judge(yaml);
            assert_eq!(verdict.status, Status::Fail, "{yaml}");
            assert_eq!(verdict.actual.as_deref(), Some(actual), "{yaml}");
            if let Some(words) = message {
                assert!(verdict.message.unwrap().contains(words), "{yaml}");
            }
        }
    }

    #[test]
    fn what_cannot_be_asked_is_a_problem_of_the_exercise() {
        for yaml in [
            "{from: web, name: 'a b'}",
            "{from: '', name: db}",
            "{from: web, name: db, found: false, to: db}",
        ] {
            let wanted: Resolves = serde_yaml::from_str(yaml).unwrap();
            assert_eq!(wanted.problems().len(), 1, "{yaml}");
        }
    }
}
