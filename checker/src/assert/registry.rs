//! What a registry of the learner's holds: a repository with a tag, and whether it is the same as a local image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Verdict;
use crate::Lang;
use crate::check::probe::Answer;
use crate::snapshot::EngineSnapshot;

/// Asks a registry that runs in the scope for a tag of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Registry {
    /// The registry's container, by name or Compose service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The port in that container.
    #[serde(default = "usual_port")]
    pub port: u16,
    /// Instead of a container: the published port behind which the registry is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<u16>,
    /// The repository, without the registry's address.
    pub repository: String,
    /// The tag.
    #[serde(default = "latest")]
    pub tag: String,
    /// Whether it is there.
    #[serde(default = "yes")]
    pub exists: bool,
    /// A local image that must be the same, by its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// How many seconds it has to become so.
    #[serde(default = "fifteen")]
    pub within: u64,
}

fn usual_port() -> u16 {
    5000
}

fn latest() -> String {
    "latest".to_owned()
}

fn yes() -> bool {
    true
}

fn fifteen() -> u64 {
    15
}

/// The kinds of manifest that engines push and pull.
pub(crate) const ACCEPT: &str = "Accept: application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.index.v1+json";

impl Registry {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.container.is_some() == self.published.is_some() {
            problems.push("it needs either `container` or `published`".to_owned());
        }
        if self.port == 0 || self.published == Some(0) {
            problems.push("port 0 is no port".to_owned());
        }
        let word = |text: &str, more: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(c))
        };
        if !word(&self.repository, "/") {
            problems.push(format!("`{}` is no repository", self.repository));
        }
        if !word(&self.tag, "") {
            problems.push(format!("`{}` is no tag", self.tag));
        }
        if !self.exists && self.same_as.is_some() {
            problems
                .push("what is not there is the same as nothing: leave `same-as` out".to_owned());
        }
        problems.extend(super::fact::within_problem(Some(self.within)));
        problems
    }

    /// The path that is asked for.
    pub(crate) fn path(&self) -> String {
        format!("/v2/{}/manifests/{}", self.repository, self.tag)
    }

    fn named(&self) -> String {
        format!("{}:{}", self.repository, self.tag)
    }

    /// What is wanted, in one line.
    pub(crate) fn wanted(&self, lang: Lang) -> String {
        match (&self.same_as, self.exists) {
            (Some(image), _) => format!("{} = {image}", self.named()),
            (None, true) => format!("{}: {}", self.named(), lang.pick("있음", "there")),
            (None, false) => format!("{}: {}", self.named(), lang.pick("없음", "not there")),
        }
    }

    /// Compares the registry's answer with what is wanted.
    pub(crate) fn judge(&self, answer: &Answer, now: &EngineSnapshot, lang: Lang) -> Verdict {
        let line = |text: &str| format!("{}: {text}", self.named());
        let fail =
            |verdict: Verdict, actual: String| verdict.expected(self.wanted(lang)).actual(actual);
        match (answer.status, self.exists) {
            (404, false) => return Verdict::pass(),
            (404, true) => {
                let unknown = String::from_utf8_lossy(&answer.body).contains("NAME_UNKNOWN");
                let actual = if unknown {
                    lang.pick(
                        "레지스트리에 없는 저장소",
                        "the registry has no such repository",
                    )
                } else {
                    lang.pick("저장소에 없는 태그", "the repository has no such tag")
                };
                let verdict = if unknown {
                    Verdict::fail_because(not_pushed(&self.repository, lang))
                } else {
                    Verdict::fail()
                };
                return fail(verdict, line(actual));
            }
            (200, false) => return fail(Verdict::fail(), line(lang.pick("있음", "there"))),
            (200, true) => {}
            (status, _) => {
                let message = match lang {
                    Lang::Ko => format!(
                        "`GET {}` 요청에 레지스트리답지 않은 HTTP {status} 응답이 왔어요. 그 포트에서 듣는 것이 정말 레지스트리인지 살펴보세요.",
                        self.path()
                    ),
                    Lang::En => format!(
                        "`GET {}` was answered with HTTP {status}, which is not what a registry says. Is it a registry that listens there?",
                        self.path()
                    ),
                };
                return fail(
                    Verdict::fail_because(message),
                    line(&format!("HTTP {status}")),
                );
            }
        }
        let Some(image) = &self.same_as else {
            return Verdict::pass();
        };
        let Some(local) = now.image_named(image) else {
            let none = lang.pick("로컬에 없는 이미지", "no such local image");
            return fail(Verdict::fail(), format!("{image}: {none}"));
        };
        let digest = digest_of(answer);
        let repository = format!("/{}@", self.repository);
        if local
            .digests
            .iter()
            .any(|known| known.ends_with(&format!("@{digest}")))
        {
            return Verdict::pass();
        }
        let short = |digest: &str| digest.chars().take(19).collect::<String>();
        let known: Vec<String> = local
            .digests
            .iter()
            .filter(|known| format!("/{known}").contains(&repository))
            .filter_map(|known| Some(short(known.split_once('@')?.1)))
            .collect();
        let known = if known.is_empty() {
            lang.pick("푸시한 적 없음", "never pushed").to_owned()
        } else {
            known.join(", ")
        };
        fail(
            Verdict::fail(),
            format!("{} {}, {image} {known}", self.named(), short(&digest)),
        )
    }
}

/// A registry says the digest itself; it is that of the manifest's bytes.
fn digest_of(answer: &Answer) -> String {
    let said = answer.header("docker-content-digest").next();
    said.map_or_else(
        || {
            format!(
                "sha256:{}",
                crate::check::hex(&Sha256::digest(&answer.body))
            )
        },
        str::to_owned,
    )
}

fn not_pushed(repository: &str, lang: Lang) -> String {
    match lang {
        Lang::Ko => format!(
            "레지스트리는 응답하지만 `{repository}` 저장소를 몰라요. 푸시할 곳은 이미지 이름의 첫 부분이 정해요. `docker images`에서 레지스트리 주소로 시작하는 이름을 찾아보세요."
        ),
        Lang::En => format!(
            "The registry answers, and knows no repository `{repository}`. The first part of an image's name says where it is pushed to. Is there one in `docker images` that begins with the registry's address?"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::snapshot::Image;

    fn answer(status: u16, digest: Option<&str>, body: &str) -> Answer {
        Answer {
            status,
            headers: digest
                .map(|digest| ("Docker-Content-Digest".to_owned(), digest.to_owned()))
                .into_iter()
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn registry(yaml: &str) -> Registry {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn snapshot() -> EngineSnapshot {
        let digest = format!("localhost:5000/board@sha256:{}", "a".repeat(64));
        EngineSnapshot {
            images: vec![Image {
                id: "sha256:1".into(),
                tags: vec!["board:1".into()],
                digests: vec![digest],
                ..Image::default()
            }],
            ..EngineSnapshot::default()
        }
    }

    #[test]
    fn tags_and_digests_are_compared() {
        let same = format!("sha256:{}", "a".repeat(64));
        let there =
            registry("{container: registry, repository: board, tag: '1', same-as: 'board:1'}");
        let judge =
            |wanted: &Registry, answer: &Answer| wanted.judge(answer, &snapshot(), Lang::En);
        assert_eq!(
            judge(&there, &answer(200, Some(&same), "")).status,
            Status::Pass
        );
        let other = judge(&there, &answer(200, None, "{}"));
        assert_eq!(
            other.actual.as_deref(),
            Some("board:1 sha256:44136fa355b3, board:1 sha256:aaaaaaaaaaaa")
        );
        let nothing = judge(
            &there,
            &answer(404, None, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#),
        );
        assert!(nothing.message.unwrap().contains("no repository `board`"));
        let untagged = judge(
            &there,
            &answer(404, None, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        );
        assert_eq!(
            untagged.actual.as_deref(),
            Some("board:1: the repository has no such tag")
        );
        assert_eq!(judge(&there, &answer(500, None, "")).status, Status::Fail);
        let gone = registry("{published: 5000, repository: board, exists: false}");
        assert_eq!(judge(&gone, &answer(404, None, "")).status, Status::Pass);
        assert_eq!(judge(&gone, &answer(200, None, "")).status, Status::Fail);
    }

    #[test]
    fn what_cannot_be_asked_is_a_problem_of_the_exercise() {
        for yaml in [
            "{repository: board}",
            "{container: r, published: 5000, repository: board}",
            "{container: r, repository: 'a b'}",
            "{container: r, repository: board, tag: ''}",
            "{container: r, repository: board, exists: false, same-as: x}",
            "{container: r, repository: board, within: 0}",
        ] {
            assert_eq!(registry(yaml).problems().len(), 1, "{yaml}");
        }
    }
}
