//! The assertions: what a check can demand. One file for each kind; this one lists them and says what a judgement is.

pub mod answer;
pub mod build;
pub mod cache;
pub mod command;
pub mod compose;
pub mod container;
pub mod dockerfile;
pub(crate) mod exit;
pub mod fact;
pub mod file;
pub mod history;
pub mod http;
pub mod image;
pub mod network;
pub mod registry;
pub mod resolves;
pub mod run;
pub mod size;
pub mod volume;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Finding, Stage, Status};

/// What a check demands. In YAML the kind is the only key: `dockerfile: {…}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Assertion {
    /// A Dockerfile's text.
    Dockerfile(dockerfile::DockerfileText),
    /// A Compose project.
    Compose(compose::ComposeProject),
    /// Commands that the learner has typed into a file.
    Command(command::TypedCommand),
    /// An answer to a question.
    Answer(answer::Answer),
    /// That an image can be built.
    Build(build::Build),
    /// Which build steps stay in the cache after an edit.
    Cache(cache::Cache),
    /// The built image: its configuration, layers and files.
    Image(image::ImageConfig),
    /// What a container of the built image answers over HTTP.
    Http(http::Http),
    /// What a container of the built image prints, and how it ends.
    Run(run::Run),
    /// Containers that the learner has made.
    Container(Box<container::ContainerState>),
    /// Volumes that the learner has made.
    Volume(volume::VolumeState),
    /// Networks that the learner has made.
    Network(network::NetworkState),
    /// Who finds whom by name.
    Resolves(resolves::Resolves),
    /// What a registry holds.
    Registry(registry::Registry),
    /// Which calls the learner made.
    History(history::History),
}

impl Assertion {
    /// The stage in which it can be judged.
    pub fn stage(&self) -> Stage {
        match self {
            Assertion::Dockerfile(_)
            | Assertion::Compose(_)
            | Assertion::Command(_)
            | Assertion::Answer(_) => Stage::Text,
            Assertion::Build(_) | Assertion::Cache(_) | Assertion::Image(_) => Stage::Build,
            Assertion::Http(_)
            | Assertion::Run(_)
            | Assertion::Container(_)
            | Assertion::Volume(_)
            | Assertion::Network(_)
            | Assertion::Resolves(_)
            | Assertion::Registry(_)
            | Assertion::History(_) => Stage::Run,
        }
    }

    /// The file whose text it looks at.
    pub fn file(&self) -> Option<String> {
        match self {
            Assertion::Dockerfile(text) => Some(text.file.clone()),
            Assertion::Compose(project) => Some(project.file.clone()),
            Assertion::Command(command) => Some(command.file.clone()),
            Assertion::Answer(_) => Some(answer::FILE.to_owned()),
            Assertion::Build(build) => Some(build.dockerfile_path()),
            Assertion::Cache(cache) => Some(cache.dockerfile_path()),
            _ => None,
        }
    }

    /// The images that it names.
    pub fn images(&self) -> Vec<&str> {
        match self {
            Assertion::Dockerfile(text) => text.base.as_deref().into_iter().collect(),
            Assertion::Compose(_)
            | Assertion::Command(_)
            | Assertion::Answer(_)
            | Assertion::Build(_)
            | Assertion::Cache(_) => Vec::new(),
            Assertion::Image(image) => image.image.as_deref().into_iter().collect(),
            Assertion::Http(http) => http.image.as_deref().into_iter().collect(),
            Assertion::Run(run) => run.image.as_deref().into_iter().collect(),
            Assertion::Container(_)
            | Assertion::Volume(_)
            | Assertion::Network(_)
            | Assertion::Resolves(_)
            | Assertion::Registry(_)
            | Assertion::History(_) => Vec::new(),
        }
    }

    /// Whether it looks at an image that a build check of the same exercise has made.
    pub fn needs_build(&self) -> bool {
        match self {
            Assertion::Dockerfile(_)
            | Assertion::Compose(_)
            | Assertion::Command(_)
            | Assertion::Answer(_)
            | Assertion::Build(_)
            | Assertion::Cache(_)
            | Assertion::Container(_)
            | Assertion::Volume(_)
            | Assertion::Network(_)
            | Assertion::Resolves(_)
            | Assertion::Registry(_)
            | Assertion::History(_) => false,
            Assertion::Image(image) => image.image.is_none(),
            Assertion::Http(http) => http.image.is_none() && !http.is_of_running(),
            Assertion::Run(run) => run.image.is_none(),
        }
    }

    /// Why it cannot be the condition of a hint, which is looked at whenever a learner asks: it must be quick, and must
    /// change nothing.
    pub fn problem_in_hint(&self) -> Option<&'static str> {
        const WAITS: &str = "the condition of a hint does not wait: leave `within` out";
        match self {
            Assertion::Container(container) if !container.exec.is_empty() => {
                Some("the condition of a hint runs no command in a container")
            }
            Assertion::Container(container) if container.within.is_some() => Some(WAITS),
            Assertion::Volume(volume::VolumeState {
                within: Some(_), ..
            })
            | Assertion::Network(network::NetworkState {
                within: Some(_), ..
            }) => Some(WAITS),
            Assertion::Container(_)
            | Assertion::Volume(_)
            | Assertion::Network(_)
            | Assertion::History(_) => None,
            other if other.stage() == Stage::Text => None,
            _ => Some(
                "the condition of a hint must look at text only, at containers, volumes and networks as they are, or at the history",
            ),
        }
    }

    /// What is wrong with how it is written, beyond its types.
    pub fn problems(&self) -> Vec<String> {
        match self {
            Assertion::Dockerfile(text) => text.problems(),
            Assertion::Compose(project) => project.problems(),
            Assertion::Command(command) => command.problems(),
            Assertion::Answer(answer) => answer.problems(),
            Assertion::Build(build) => build.problems(),
            Assertion::Cache(cache) => cache.problems(),
            Assertion::Image(image) => image.problems(),
            Assertion::Http(http) => http.problems(),
            Assertion::Run(run) => run.problems(),
            Assertion::Container(container) => container.problems(),
            Assertion::Volume(volume) => volume.problems(),
            Assertion::Network(network) => network.problems(),
            Assertion::Resolves(resolves) => resolves.problems(),
            Assertion::Registry(registry) => registry.problems(),
            Assertion::History(history) => history.problems(),
        }
    }
}

/// How a text must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextMatch {
    /// Exactly this, white space at the end aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// This somewhere in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

impl TextMatch {
    /// Whether a text is so.
    pub fn holds(&self, text: &str) -> bool {
        self.equals
            .as_ref()
            .is_none_or(|wanted| wanted.trim_end() == text.trim_end())
            && self
                .contains
                .as_ref()
                .is_none_or(|wanted| text.contains(wanted.as_str()))
    }

    /// What is wanted, in one line.
    pub(crate) fn wanted(&self, lang: crate::Lang) -> String {
        match (&self.equals, &self.contains) {
            (Some(text), _) => format!("\"{}\"", one_line(text)),
            (None, Some(text)) => {
                lang.pick("…에 ", "…").to_owned()
                    + &format!("\"{}\"", one_line(text))
                    + lang.pick(" 포함", "…")
            }
            (None, None) => String::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.equals.is_none() && self.contains.is_none()
    }
}

/// What became of an assertion. The check's own failure text is the message where there is none here.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) status: Status,
    pub(crate) message: Option<String>,
    pub(crate) expected: Option<String>,
    pub(crate) actual: Option<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Verdict {
    fn of(status: Status) -> Verdict {
        Verdict {
            status,
            message: None,
            expected: None,
            actual: None,
            findings: Vec::new(),
        }
    }

    /// All is as it should be.
    pub(crate) fn pass() -> Verdict {
        Verdict::of(Status::Pass)
    }

    /// The submission is not right; the check's own text says why.
    pub(crate) fn fail() -> Verdict {
        Verdict::of(Status::Fail)
    }

    /// The submission is not right, and the cause is known better than the check's own text can know it.
    pub(crate) fn fail_because(message: impl Into<String>) -> Verdict {
        Verdict {
            message: Some(message.into()),
            ..Verdict::of(Status::Fail)
        }
    }

    /// It could not be judged, and the learner is not to blame.
    pub(crate) fn error(message: impl Into<String>) -> Verdict {
        Verdict {
            message: Some(message.into()),
            ..Verdict::of(Status::Error)
        }
    }

    /// It was not looked at.
    pub(crate) fn skipped(message: impl Into<String>) -> Verdict {
        Verdict {
            message: Some(message.into()),
            ..Verdict::of(Status::Skipped)
        }
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Verdict {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn actual(mut self, actual: impl Into<String>) -> Verdict {
        self.actual = Some(actual.into());
        self
    }

    pub(crate) fn findings(mut self, findings: Vec<Finding>) -> Verdict {
        self.findings = findings;
        self
    }
}

/// A text in one line of bearable length, for `expected` and `actual`.
pub(crate) fn one_line(text: &str) -> String {
    const MOST: usize = 200;
    let flat: String = text
        .trim_end()
        .chars()
        .map(|c| if c == '\n' { '⏎' } else { c })
        .filter(|c| !c.is_control())
        .collect();
    match flat.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &flat[..at]),
        None => flat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_at_the_end_is_no_difference() {
        let exactly = TextMatch {
            equals: Some("hello".to_owned()),
            contains: None,
        };
        assert!(exactly.holds("hello\n"));
        assert!(!exactly.holds("hello world"));
        let within = TextMatch {
            equals: None,
            contains: Some("llo w".to_owned()),
        };
        assert!(within.holds("hello world"));
        assert!(!within.holds("hello"));
    }

    #[test]
    fn a_long_text_becomes_one_short_line() {
        assert_eq!(one_line("a\nb\n"), "a⏎b");
        assert_eq!(one_line(&"가".repeat(300)).chars().count(), 201);
    }
}
