//! What a container of the built image answers over HTTP, asked from another container on the same network.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{TextMatch, Verdict, one_line};
use crate::Lang;
use crate::check::probe::Answer;

/// Starts a container of the image and asks it for a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Http {
    /// The image; without it the one that the exercise's build check has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The command; without it the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Instead of an image: a container that runs, by name or Compose service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Instead of an image: the port of the host that a running container publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<u16>,
    /// The container that asks `container` by its name; without it, one on the same network that knows the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The port in the container.
    #[serde(default)]
    pub port: u16,
    /// The path, with a query where one is needed.
    #[serde(default = "root")]
    pub path: String,
    /// The status of the answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// The answer's body.
    #[serde(default, skip_serializing_if = "TextMatch::is_empty")]
    pub body: TextMatch,
    /// The answer's headers, by name in any letter case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, TextMatch>,
    /// How many seconds the server has until it must answer.
    #[serde(default = "fifteen")]
    pub within: u64,
}

fn root() -> String {
    "/".to_owned()
}

fn ok() -> u16 {
    200
}

fn fifteen() -> u64 {
    15
}

impl Default for Http {
    fn default() -> Http {
        Http {
            image: None,
            command: None,
            env: BTreeMap::new(),
            container: None,
            published: None,
            from: None,
            port: 0,
            path: root(),
            status: ok(),
            body: TextMatch::default(),
            headers: BTreeMap::new(),
            within: fifteen(),
        }
    }
}

impl Http {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.published.is_none() && self.port == 0 {
            problems.push("port 0 is no port".to_owned());
        }
        if self.published.is_some() && (self.port != 0 || self.published == Some(0)) {
            problems
                .push("`published` is the host's port, and takes the place of `port`".to_owned());
        }
        let whom = [
            self.image.is_some(),
            self.container.is_some(),
            self.published.is_some(),
        ];
        if whom.iter().filter(|named| **named).count() > 1 {
            problems
                .push("only one of `image`, `container` and `published` can be asked".to_owned());
        }
        if self.is_of_running() && (self.command.is_some() || !self.env.is_empty()) {
            problems.push(
                "`command` and `env` are for a container that is started, not for one that runs"
                    .to_owned(),
            );
        }
        if self.from.is_some() && self.container.is_none() {
            problems.push("`from` needs `container`".to_owned());
        }
        if !self.path.starts_with('/') || self.path.contains(char::is_whitespace) {
            problems.push(format!(
                "the path `{}` does not start with / or has a space",
                self.path
            ));
        }
        if !(100..600).contains(&self.status) {
            problems.push(format!("{} is no HTTP status", self.status));
        }
        if !(1..=300).contains(&self.within) {
            problems.push("`within` is from 1 to 300 seconds".to_owned());
        }
        problems
    }

    /// Whether it asks a container that the learner has started.
    pub(crate) fn is_of_running(&self) -> bool {
        self.container.is_some() || self.published.is_some()
    }

    /// How long the server may take.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.within)
    }

    /// What is asked, in the words of a report: the container's address differs from run to run, so it is not named.
    pub(crate) fn request(&self) -> String {
        match (&self.container, self.published) {
            (Some(name), _) => format!("GET http://{name}:{}{}", self.port, self.path),
            (None, Some(port)) => format!("GET http://localhost:{port}{}", self.path),
            (None, None) => format!("GET {} (port {})", self.path, self.port),
        }
    }

    /// What the answer must be, in one line.
    pub(crate) fn wanted(&self, lang: Lang) -> String {
        let mut wanted = format!("{} → HTTP {}", self.request(), self.status);
        for (name, header) in &self.headers {
            wanted.push_str(&format!(", {name}: {}", header.wanted(lang)));
        }
        if !self.body.is_empty() {
            wanted.push_str(&format!(", {}", self.body.wanted(lang)));
        }
        wanted
    }

    /// Compares an answer with what is wanted.
    pub(crate) fn judge(&self, answer: &Answer, lang: Lang) -> Verdict {
        let body = String::from_utf8_lossy(&answer.body);
        if answer.status != self.status {
            return Verdict::fail().expected(self.wanted(lang)).actual(format!(
                "HTTP {}, \"{}\"",
                answer.status,
                one_line(&body)
            ));
        }
        for (name, wanted) in &self.headers {
            let values: Vec<&str> = answer.header(name).collect();
            if !values.iter().any(|value| wanted.holds(value)) {
                let none = lang.pick("없음", "not there");
                let actual = values.first().map_or(none, |value| value);
                return Verdict::fail()
                    .expected(format!("{name}: {}", wanted.wanted(lang)))
                    .actual(format!("{name}: {}", one_line(actual)));
            }
        }
        if !self.body.holds(&body) {
            return Verdict::fail().expected(self.wanted(lang)).actual(format!(
                "HTTP {}, \"{}\"",
                answer.status,
                one_line(&body)
            ));
        }
        Verdict::pass()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn http(yaml: &str) -> Http {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn status_headers_and_body_are_compared() {
        let wanted = http(
            "{port: 8000, body: {contains: board}, headers: {content-type: {contains: text/}}}",
        );
        let status = |a: &Answer| wanted.judge(a, Lang::En).status;
        assert_eq!(status(&answer(200, "study board")), Status::Pass);
        assert_eq!(status(&answer(404, "study board")), Status::Fail);
        assert_eq!(status(&answer(200, "hello")), Status::Fail);
        let json = http("{port: 8000, headers: {Content-Type: {equals: application/json}}}");
        let verdict = json.judge(&answer(200, ""), Lang::En);
        assert_eq!(verdict.actual.as_deref(), Some("Content-Type: text/plain"));
    }

    #[test]
    fn a_running_container_is_asked_by_name_or_published_port() {
        for (yaml, request) in [
            (
                "{container: web, port: 80, path: /a}",
                "GET http://web:80/a",
            ),
            (
                "{container: web, port: 80, from: proxy}",
                "GET http://web:80/",
            ),
            ("{published: 8080}", "GET http://localhost:8080/"),
        ] {
            assert_eq!(http(yaml).problems(), Vec::<String>::new(), "{yaml}");
            assert_eq!(http(yaml).request(), request);
        }
        for yaml in [
            "{published: 8080, port: 80}",
            "{container: web, image: board, port: 80}",
            "{container: web, port: 80, env: {A: b}}",
            "{port: 80, from: web}",
        ] {
            assert_eq!(http(yaml).problems().len(), 1, "{yaml}");
        }
    }

    #[test]
    fn a_request_that_cannot_be_made_is_a_problem_of_the_exercise() {
        assert!(http("{port: 8000}").problems().is_empty());
        assert_eq!(
            http("{port: 0, path: x, status: 99, within: 0}")
                .problems()
                .len(),
            4
        );
    }
}
