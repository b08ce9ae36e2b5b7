//! What a Compose project must be: findings, values of the effective model, and the graph of its services.

mod graph;
mod path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use graph::ServiceDemand;
pub use path::{PathDemand, ValueType};

use super::Verdict;
use crate::compose::model::to_json;
use crate::compose::project::{Content, Loaded};
use crate::lint::{self, RULES};
use crate::submission::Submission;
use crate::{Finding, Lang, Severity};

/// Demands on one Compose project. Short and long syntax are the same, because the effective model is looked at: the
/// files laid over each other, variables put in, as `docker compose config` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeProject {
    /// The main file, relative to the submission's folder; an override file and `.env` beside it belong to it.
    #[serde(default = "compose_yaml")]
    pub file: String,
    /// No rule finds anything that is at least this bad, in any of the project's files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean: Option<Severity>,
    /// These rules (their ids, aliases, or the notes' mistakes) find nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_finding: Vec<String>,
    /// These rules find something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finding: Vec<String>,
    /// What stands at places of the effective model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<PathDemand>,
    /// How services must be tied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceDemand>,
}

fn compose_yaml() -> String {
    "compose.yaml".to_owned()
}

impl ComposeProject {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let nothing = self.clean.is_none()
            && self.no_finding.is_empty()
            && self.finding.is_empty()
            && self.values.is_empty()
            && self.services.is_empty();
        if nothing {
            problems.push("it demands nothing".to_owned());
        }
        for name in self.no_finding.iter().chain(&self.finding) {
            let mistake = RULES.iter().any(|rule| rule.mistake == Some(name.as_str()));
            if !mistake && lint::rule(name).is_none() {
                let near = ::dockerfile::suggest(name, RULES.iter().map(|rule| rule.id));
                let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
                problems.push(format!("there is no rule `{name}`{near}"));
            }
        }
        problems.extend(self.values.iter().flat_map(PathDemand::problems));
        problems.extend(self.services.iter().flat_map(ServiceDemand::problems));
        problems
    }

    pub(crate) fn judge(&self, submission: &Submission, lang: Lang) -> Verdict {
        if let Err(problem) = submission.read(&self.file) {
            return problem.verdict(&self.file, lang);
        }
        let Some((loaded, findings)) = submission.project(&self.file) else {
            return Verdict::error(lang.pick(
                "Compose 파일을 읽지 못했어요.",
                "The Compose file was not read.",
            ));
        };
        self.judge_project(loaded, findings, lang)
    }

    fn judge_project(&self, loaded: &Loaded, findings: &[Finding], lang: Lang) -> Verdict {
        if let Some(verdict) = self.judge_findings(findings, lang) {
            return verdict;
        }
        // A file that cannot be read to its end says nothing about what is missing.
        let broken: Vec<Finding> = findings
            .iter()
            .filter(|finding| ["yaml-syntax", "yaml-alias"].contains(&finding.rule.as_str()))
            .cloned()
            .collect();
        let effective = to_json(&loaded.tree);
        let written = self.values.iter().any(|value| value.written).then(|| {
            let document = loaded.file(&self.file).map(|document| &document.content);
            match document {
                Some(Content::Compose(compose)) => compose
                    .root
                    .as_ref()
                    .map_or(serde_json::Value::Null, to_json),
                _ => serde_json::Value::Null,
            }
        });
        for demand in &self.values {
            let tree = if demand.written {
                written.as_ref()
            } else {
                None
            };
            if let Some(verdict) = demand.judge(tree.unwrap_or(&effective), lang) {
                return verdict.findings(broken);
            }
        }
        for demand in &self.services {
            if let Some(verdict) = demand.judge(&loaded.project, lang) {
                return verdict.findings(broken);
            }
        }
        let remarks = if self.clean.is_some() {
            findings.to_vec()
        } else {
            Vec::new()
        };
        Verdict::pass().findings(remarks)
    }

    fn judge_findings(&self, findings: &[Finding], lang: Lang) -> Option<Verdict> {
        if let Some(severity) = self.clean {
            let bad = findings.iter().filter(|f| f.severity >= severity).count();
            if bad > 0 {
                let actual = match lang {
                    Lang::Ko => format!("{bad}개"),
                    Lang::En => bad.to_string(),
                };
                let verdict = Verdict::fail().expected(lang.pick("문제 0개", "no problems"));
                return Some(verdict.actual(actual).findings(findings.to_vec()));
            }
        }
        let named = |rule: &str| -> Vec<Finding> {
            let fits = |finding: &&Finding| {
                finding.rule == rule || finding.mistake.as_deref() == Some(rule)
            };
            findings.iter().filter(fits).cloned().collect()
        };
        for rule in &self.no_finding {
            let found = named(rule);
            if let Some(first) = found.first() {
                let actual = first.message.clone();
                return Some(Verdict::fail().actual(actual).findings(found));
            }
        }
        let missing = self.finding.iter().find(|rule| named(rule).is_empty())?;
        Some(Verdict::fail().expected(missing))
    }
}

#[cfg(test)]
mod tests;
