//! How services are tied: who waits for whom, who is in which network, who reaches whom by which name.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::Verdict;
use crate::Lang;
use crate::compose::model::Project;

/// Demands on one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceDemand {
    /// Its name; it must be there.
    pub name: String,
    /// Services that it waits for, each with the condition: `service_started`, `service_healthy`,
    /// `service_completed_successfully`, or `any`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub depends_on: BTreeMap<String, String>,
    /// Services that it reaches, each with the name by which.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reaches: BTreeMap<String, String>,
    /// Services that it must not reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches_not: Vec<String>,
    /// Networks that it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// Networks that it is not in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_networks: Vec<String>,
}

const CONDITIONS: [&str; 4] = [
    "any",
    "service_started",
    "service_healthy",
    "service_completed_successfully",
];

impl ServiceDemand {
    pub(super) fn problems(&self) -> Vec<String> {
        let bad = self
            .depends_on
            .values()
            .filter(|one| !CONDITIONS.contains(&one.as_str()));
        bad.map(|one| format!("there is no condition `{one}`"))
            .collect()
    }

    /// `None` where all of it holds.
    pub(super) fn judge(&self, project: &Project, lang: Lang) -> Option<Verdict> {
        let name = &self.name;
        let Some(service) = project.services.get(name) else {
            let names: Vec<&str> = project
                .services
                .keys()
                .map(String::as_str)
                .take(20)
                .collect();
            let actual = if names.is_empty() {
                lang.pick("서비스 없음", "no services").to_owned()
            } else {
                names.join(", ")
            };
            let verdict = Verdict::fail().expected(format!("services.{name}"));
            return Some(verdict.actual(actual));
        };
        let none = || lang.pick("없음", "nothing").to_owned();
        for (other, condition) in &self.depends_on {
            let is = service
                .depends_on
                .get(other)
                .map(|one| one.condition.clone());
            if is.is_none() || condition != "any" && is.as_ref() != Some(condition) {
                let verdict = Verdict::fail();
                let verdict = verdict.expected(format!("{name} depends_on {other}: {condition}"));
                return Some(verdict.actual(is.unwrap_or_else(none)));
            }
        }
        for (other, by) in &self.reaches {
            let names = project.names_for(name, other);
            if !names.contains(by) {
                let expected = format!("{name} → {other}: {by}");
                let actual = if names.is_empty() {
                    none()
                } else {
                    names.join(", ")
                };
                return Some(Verdict::fail().expected(expected).actual(actual));
            }
        }
        for other in &self.reaches_not {
            let names = project.names_for(name, other);
            if !names.is_empty() {
                let expected = match lang {
                    Lang::Ko => format!("{name} → {other} 연결 없음"),
                    Lang::En => format!("{name} does not reach {other}"),
                };
                return Some(Verdict::fail().expected(expected).actual(names.join(", ")));
            }
        }
        let is_in = || {
            let names: Vec<&str> = service.networks.keys().map(String::as_str).collect();
            if names.is_empty() {
                none()
            } else {
                names.join(", ")
            }
        };
        if let Some(network) = self
            .networks
            .iter()
            .find(|one| !service.networks.contains_key(*one))
        {
            let expected = format!("services.{name}.networks: {network}");
            return Some(Verdict::fail().expected(expected).actual(is_in()));
        }
        let other = self
            .not_networks
            .iter()
            .find(|one| service.networks.contains_key(*one))?;
        let expected = match lang {
            Lang::Ko => format!("services.{name}.networks: {other} 없음"),
            Lang::En => format!("services.{name}.networks: not {other}"),
        };
        Some(Verdict::fail().expected(expected).actual(is_in()))
    }
}
