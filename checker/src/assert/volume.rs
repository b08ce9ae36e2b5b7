//! Volumes that the learner has made: whether they are there, who mounts them, and what is in them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::container::FileState;
use super::fact::{Count, Fact, first_wrong, within_problem};
use super::{Verdict, one_line};
use crate::Lang;
use crate::snapshot::{EngineSnapshot, Volume, Wanted};

/// Demands on a volume, or on how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct VolumeState {
    /// Its name, or the one that a Compose file gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `false`: there is none of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// How many volumes are as the other fields say; without `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// Whether it has a name of its own (`false`) or only its digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<bool>,
    /// The driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Labels with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Containers that mount it, by name or Compose service. An empty list: none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_by: Option<Vec<String>>,
    /// Files in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileState>,
    /// How many seconds it has to become so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
}

impl VolumeState {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        match (&self.name, self.count) {
            (None, None) => problems.push("it needs `name` or `count`".to_owned()),
            (Some(_), Some(_)) => problems.push("`name` and `count` cannot both be".to_owned()),
            (None, Some(_)) if self.exists.is_some() || !self.files.is_empty() => {
                problems.push("`exists` and `files` need `name`".to_owned());
            }
            (_, count) => problems.extend(count.and_then(|count| count.problem("count"))),
        }
        problems.extend(self.files.iter().filter_map(FileState::problem));
        problems.extend(within_problem(self.within));
        problems
    }

    pub(crate) fn wanted(&self) -> Wanted {
        let name = self.name.clone().unwrap_or_default();
        Wanted {
            volumes: true,
            volume_files: self
                .files
                .iter()
                .map(|file| (name.clone(), file.path.clone()))
                .collect(),
            ..Wanted::default()
        }
    }

    pub(crate) fn judge(&self, now: &EngineSnapshot, lang: Lang) -> Verdict {
        let Some(name) = &self.name else {
            let right = |volume: &&Volume| first_wrong(&self.facts(volume, now, lang)).is_none();
            let found: Vec<&str> = now
                .volumes
                .iter()
                .filter(right)
                .map(|v| short(&v.name))
                .collect();
            let count = self.count.unwrap_or_default();
            if count.holds(found.len() as u64) {
                return Verdict::pass();
            }
            return Verdict::fail()
                .expected(format!(
                    "{} {}",
                    lang.pick("볼륨 수", "volumes:"),
                    count.wanted(lang)
                ))
                .actual(one_line(&format!("{} ({})", found.len(), found.join(", "))));
        };
        match (now.volume_named(name), self.exists) {
            (None, Some(false)) => Verdict::pass(),
            (Some(volume), Some(false)) => {
                let users: Vec<&str> = volume.used_by.iter().map(String::as_str).collect();
                let users = if users.is_empty() {
                    lang.pick("사용하는 컨테이너 없음", "used by no container")
                        .to_owned()
                } else {
                    users.join(", ")
                };
                Verdict::fail()
                    .expected(format!("{name}: {}", lang.pick("없음", "not there")))
                    .actual(one_line(&format!("{}: {users}", volume.name)))
            }
            (None, _) => absent(name, now, lang),
            (Some(volume), _) => match first_wrong(&self.facts(volume, now, lang)) {
                None => Verdict::pass(),
                Some(fact) => fact.failure(short(&volume.name)),
            },
        }
    }

    fn facts(&self, volume: &Volume, now: &EngineSnapshot, lang: Lang) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(wanted) = self.anonymous {
            let word = |anonymous: bool| {
                if anonymous {
                    lang.pick("익명", "anonymous")
                } else {
                    lang.pick("이름 있음", "named")
                }
            };
            facts.push(Fact::equal(
                lang.pick("볼륨", "volume"),
                word(wanted),
                word(is_anonymous(&volume.name)),
            ));
        }
        if let Some(driver) = &self.driver {
            facts.push(Fact::equal("driver", driver, &volume.driver));
        }
        for (name, value) in &self.labels {
            let actual = volume
                .labels
                .get(name)
                .map(|actual| format!("{name}={actual}"));
            let actual = actual.unwrap_or_else(|| lang.pick("없음", "not set").to_owned());
            facts.push(Fact::equal("label", format!("{name}={value}"), actual));
        }
        if let Some(wanted) = &self.used_by {
            let none = lang.pick("사용하는 컨테이너 없음", "no container");
            let users: Vec<&str> = volume.used_by.iter().map(String::as_str).collect();
            let actual = if users.is_empty() {
                none.to_owned()
            } else {
                users.join(", ")
            };
            let what = lang.pick("사용하는 컨테이너:", "used by");
            if wanted.is_empty() {
                facts.push(Fact::new(what, users.is_empty(), none, &actual));
            }
            for name in wanted {
                let named = now.containers_named(name);
                let holds = named
                    .iter()
                    .any(|container| volume.used_by.contains(&container.name));
                facts.push(Fact::new(what, holds, name, &actual));
            }
        }
        facts.extend(self.files.iter().map(|file| file.fact(&volume.files, lang)));
        facts
    }
}

fn is_anonymous(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn short(name: &str) -> &str {
    if is_anonymous(name) {
        &name[..12]
    } else {
        name
    }
}

fn absent(name: &str, now: &EngineSnapshot, lang: Lang) -> Verdict {
    let there: Vec<&str> = now
        .volumes
        .iter()
        .map(|volume| short(&volume.name))
        .take(10)
        .collect();
    let list = if there.is_empty() {
        lang.pick("볼륨 없음", "no volume").to_owned()
    } else {
        there.join(", ")
    };
    let digits = now.volumes.iter().any(|volume| is_anonymous(&volume.name));
    let message = match (lang, digits) {
        (Lang::Ko, true) => format!(
            "`{name}` 볼륨이 없어요. 이름이 숫자와 글자로만 길게 된 볼륨은 있는데, 이름을 적지 않으면 Docker가 그런 익명 볼륨을 만들어요. `-v`의 첫 부분에 무엇을 적었는지 살펴보세요."
        ),
        (Lang::En, true) => format!(
            "There is no volume `{name}`. There is one with digits for a name: Docker makes such an anonymous volume where no name is written. What stands first in your `-v`?"
        ),
        (Lang::Ko, false) => format!(
            "`{name}` 볼륨이 없어요. 볼륨은 만들 때 정한 이름으로 찾아요. `docker volume ls`로 이름을 확인해 보세요."
        ),
        (Lang::En, false) => format!(
            "There is no volume `{name}`. A volume is found by the name that it was made with. What does `docker volume ls` show?"
        ),
    };
    Verdict::fail_because(message)
        .expected(format!("{} `{name}`", lang.pick("볼륨", "volume")))
        .actual(one_line(&list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::snapshot::{Container, FileKind, FileSeen};

    fn snapshot() -> EngineSnapshot {
        EngineSnapshot {
            containers: vec![Container {
                name: "db".into(),
                ..Container::default()
            }],
            volumes: vec![
                Volume {
                    name: "notes".into(),
                    driver: "local".into(),
                    labels: [("team".to_owned(), "board".to_owned())].into(),
                    used_by: ["db".to_owned()].into(),
                    files: vec![FileSeen {
                        path: "a.txt".into(),
                        what: FileKind::File {
                            text: "hello\n".into(),
                        },
                    }],
                },
                Volume {
                    name: "0".repeat(64),
                    ..Volume::default()
                },
            ],
            ..EngineSnapshot::default()
        }
    }

    fn judge(yaml: &str) -> Verdict {
        let wanted: VolumeState = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(wanted.problems(), Vec::<String>::new(), "{yaml}");
        wanted.judge(&snapshot(), Lang::En)
    }

    #[test]
    fn what_is_so_passes() {
        for yaml in [
            "{name: notes}",
            "{name: notes, driver: local, labels: {team: board}, used-by: [db], anonymous: false}",
            "{name: notes, files: [{path: a.txt, content: {equals: hello}}, {path: b.txt, exists: false}]}",
            "{name: other, exists: false}",
            "{count: {exactly: 2}}",
            "{anonymous: true, count: {at-most: 1}}",
        ] {
            assert_eq!(judge(yaml).status, Status::Pass, "{yaml}");
        }
    }

    #[test]
    fn what_differs_is_told() {
        for (yaml, actual) in [
            ("{name: other}", "000000000000"),
            ("{name: notes, exists: false}", "notes: db"),
            ("{name: notes, driver: nfs}", "notes: driver local"),
            ("{name: notes, used-by: []}", "notes: used by db"),
            ("{name: notes, used-by: [web]}", "notes: used by db"),
            (
                "{name: notes, files: [{path: a.txt, content: {contains: bye}}]}",
                "notes: a.txt \"hello\"",
            ),
            (
                "{name: notes, files: [{path: b.txt}]}",
                "notes: b.txt not there",
            ),
            ("{anonymous: true, count: {exactly: 0}}", "1 (000000000000)"),
        ] {
            let verdict = judge(yaml);
            assert_eq!(verdict.status, Status::Fail, "{yaml}");
            let told = verdict.actual.unwrap();
            assert!(told.contains(actual), "{yaml}: {told}");
        }
        assert!(
            judge("{name: other}")
                .message
                .unwrap()
                .contains("anonymous volume")
        );
    }
}
