//! What a container of the built image prints, and how it ends.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{TextMatch, Verdict, one_line};
use crate::Lang;
use crate::engine::{Exit, Output};

/// Runs a container of the image until it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Run {
    /// The image; without it the one that the exercise's build check has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The command; without it the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The exit code.
    #[serde(default)]
    pub exit_code: i64,
    /// What it prints to its standard output.
    #[serde(default, skip_serializing_if = "TextMatch::is_empty")]
    pub stdout: TextMatch,
    /// How many seconds it has to end.
    #[serde(default = "thirty")]
    pub within: u64,
    /// Commands that are run one after the other in one container without a network, instead of `command`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<OneCommand>,
}

/// One of several commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OneCommand {
    /// Word by word; no shell reads it, and the image's entrypoint is not put before it.
    pub command: Vec<String>,
    /// The exit code.
    #[serde(default)]
    pub exit_code: i64,
    /// What it prints to its standard output.
    #[serde(default, skip_serializing_if = "TextMatch::is_empty")]
    pub stdout: TextMatch,
}

fn thirty() -> u64 {
    30
}

impl Run {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !(1..=300).contains(&self.within) {
            problems.push("`within` is from 1 to 300 seconds".to_owned());
        }
        if self.commands.iter().any(|one| one.command.is_empty()) {
            problems.push("one of the `commands` is empty".to_owned());
        }
        if !self.commands.is_empty() && (self.command.is_some() || !self.stdout.is_empty()) {
            problems.push("there is both `commands` and `command` or `stdout`".to_owned());
        }
        problems
    }

    /// One of its commands as a run of its own, to judge what it did.
    pub(crate) fn alone(&self, one: &OneCommand) -> Run {
        Run {
            command: Some(one.command.clone()),
            exit_code: one.exit_code,
            stdout: one.stdout.clone(),
            commands: Vec::new(),
            ..self.clone()
        }
    }

    /// How long it may take.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.within)
    }

    /// What is wanted, in one line.
    pub(crate) fn wanted(&self, lang: Lang) -> String {
        let code = format!("{} {}", lang.pick("종료 코드", "exit code"), self.exit_code);
        if self.stdout.is_empty() {
            code
        } else {
            format!("{code}, {}", self.stdout.wanted(lang))
        }
    }

    /// Compares what a container did with what is wanted.
    pub(crate) fn judge(&self, exit: Exit, output: &Output, lang: Lang) -> Verdict {
        let printed = String::from_utf8_lossy(&output.stdout);
        if exit.code == self.exit_code && self.stdout.holds(&printed) {
            return Verdict::pass();
        }
        let mut actual = format!("{} {}", lang.pick("종료 코드", "exit code"), exit.code);
        if !self.stdout.is_empty() {
            actual.push_str(&format!(", \"{}\"", one_line(&printed)));
        }
        Verdict::fail().expected(self.wanted(lang)).actual(actual)
    }
}
