//! Which calls the learner's commands made to the engine, and in what order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Verdict, one_line};
use crate::Lang;

/// One call that came from the learner: what `docker` or Compose asked of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineCall {
    /// When it came, in milliseconds since 1970.
    pub at_ms: u64,
    /// In Docker's words: `container create`, `container start`, `image pull`, `build`, `volume remove`.
    pub kind: String,
    /// What it was about, by the learner's name for it; empty where there is nothing to name.
    pub object: String,
    /// The status of the answer; 0 where nobody waited for it.
    pub status: u16,
}

/// Demands on the calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct History {
    /// These happened, each after the one before; others may lie between.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<CallPattern>,
    /// These happened, in any order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<CallPattern>,
    /// These did not happen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<CallPattern>,
}

/// A call as it must be. One that the engine refused did not happen, unless `failed` says that it must have failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CallPattern {
    /// `container create`, `container start`, `image pull`, …
    pub call: String,
    /// What it is about; without it, anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// It was refused.
    #[serde(default)]
    pub failed: bool,
}

/// The calls that an exercise can be about; reading calls say nothing about what was done.
const KNOWN: [&str; 37] = [
    "container create",
    "container start",
    "container stop",
    "container restart",
    "container kill",
    "container pause",
    "container unpause",
    "container rename",
    "container update",
    "container remove",
    "container prune",
    "container attach",
    "container logs",
    "container wait",
    "container inspect",
    "container top",
    "container stats",
    "container archive",
    "container list",
    "exec create",
    "exec start",
    "image pull",
    "image push",
    "image tag",
    "image remove",
    "image prune",
    "image save",
    "image load",
    "build",
    "commit",
    "network create",
    "network connect",
    "network disconnect",
    "network remove",
    "volume create",
    "volume remove",
    "volume prune",
];

impl History {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if *self == History::default() {
            problems.push("it demands nothing: write `order`, `has` or `lacks`".to_owned());
        }
        for pattern in self.order.iter().chain(&self.has).chain(&self.lacks) {
            let call = pattern.call.as_str();
            if !KNOWN.contains(&call) {
                let guess = dockerfile::suggest(call, KNOWN);
                let guess = guess
                    .map(|guess| format!("; did you mean `{guess}`?"))
                    .unwrap_or_default();
                problems.push(format!("`{call}` is no call of the engine{guess}"));
            }
        }
        problems
    }

    /// Compares what was called with what is wanted. Without a history, nothing can be said.
    pub(crate) fn judge(&self, history: Option<&[EngineCall]>, lang: Lang) -> Verdict {
        let Some(calls) = history else {
            return Verdict::error(lang.pick(
                "여기서는 어떤 명령을 했는지 기록이 없어서 채점하지 못했어요. 제출한 것의 잘못이 아니에요. 이 검사는 샌드박스에서만 할 수 있어요.",
                "There is no record of the commands here, so this could not be judged. That says nothing about your work; this check needs a sandbox.",
            ));
        };
        if let Some((pattern, call)) = self
            .lacks
            .iter()
            .find_map(|pattern| Some((pattern, calls.iter().find(|call| pattern.fits(call))?)))
        {
            return Verdict::fail()
                .expected(format!(
                    "{} {}",
                    lang.pick("하지 않음:", "without"),
                    pattern.in_words()
                ))
                .actual(call_in_words(call));
        }
        if let Some(pattern) = self
            .has
            .iter()
            .find(|pattern| !calls.iter().any(|call| pattern.fits(call)))
        {
            return Verdict::fail()
                .expected(pattern.in_words())
                .actual(done(calls, lang));
        }
        let mut rest = calls.iter();
        if self
            .order
            .iter()
            .all(|pattern| rest.any(|call| pattern.fits(call)))
        {
            return Verdict::pass();
        }
        let order: Vec<String> = self.order.iter().map(CallPattern::in_words).collect();
        Verdict::fail()
            .expected(one_line(&order.join(" → ")))
            .actual(done(calls, lang))
    }
}

impl CallPattern {
    fn fits(&self, call: &EngineCall) -> bool {
        self.call == call.kind
            && self
                .object
                .as_ref()
                .is_none_or(|wanted| *wanted == call.object)
            && self.failed == (call.status >= 400)
    }

    fn in_words(&self) -> String {
        words(
            &self.call,
            self.object.as_deref().unwrap_or_default(),
            if self.failed { " (4xx)" } else { "" },
        )
    }
}

fn call_in_words(call: &EngineCall) -> String {
    let failed = if call.status >= 400 {
        format!(" ({})", call.status)
    } else {
        String::new()
    };
    words(&call.kind, &call.object, &failed)
}

fn words(kind: &str, object: &str, rest: &str) -> String {
    if object.is_empty() {
        format!("{kind}{rest}")
    } else {
        format!("{kind} {object}{rest}")
    }
}

/// What changed something, the last of it: that is what a learner remembers.
fn done(calls: &[EngineCall], lang: Lang) -> String {
    const MOST: usize = 8;
    let reads = [
        " list", " inspect", " logs", " wait", " attach", " top", " stats", " history", "usage",
        " df", " archive",
    ];
    let mut shown: Vec<String> = Vec::new();
    for call in calls
        .iter()
        .filter(|call| !reads.iter().any(|word| call.kind.ends_with(word)))
    {
        let words = call_in_words(call);
        if shown.last() != Some(&words) {
            shown.push(words);
        }
    }
    let last = &shown[shown.len().saturating_sub(MOST)..];
    if last.is_empty() {
        lang.pick("아무것도 하지 않음", "nothing was done")
            .to_owned()
    } else {
        one_line(&last.join(" → "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn calls() -> Vec<EngineCall> {
        [
            ("container create", "web", 201),
            ("container start", "web", 204),
            ("container list", "", 200),
            ("container remove", "web", 409),
            ("container stop", "web", 204),
            ("container remove", "web", 204),
        ]
        .into_iter()
        .map(|(kind, object, status)| EngineCall {
            kind: kind.into(),
            object: object.into(),
            status,
            at_ms: 0,
        })
        .collect()
    }

    fn judge(yaml: &str) -> Verdict {
        let wanted: History = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(wanted.problems(), Vec::<String>::new(), "{yaml}");
        wanted.judge(Some(&calls()), Lang::En)
    }

    #[test]
    fn calls_are_found_in_their_order() {
        for yaml in [
            "{order: [{call: container create, object: web}, {call: container stop}, {call: container remove}]}",
            "{has: [{call: container remove, failed: true}]}",
            "{lacks: [{call: container kill}, {call: container create, object: db}]}",
        ] {
            assert_eq!(judge(yaml).status, Status::Pass, "{yaml}");
        }
        for (yaml, actual) in [
            (
                "{order: [{call: container remove}, {call: container stop}]}",
                "container create web → container start web → container remove web (409) → container stop web → container remove web",
            ),
            (
                "{has: [{call: container kill}]}",
                "container create web → container start web → container remove web (409) → container stop web → container remove web",
            ),
            ("{lacks: [{call: container stop}]}", "container stop web"),
        ] {
            let verdict = judge(yaml);
            assert_eq!(verdict.status, Status::Fail, "{yaml}");
            assert_eq!(verdict.actual.as_deref(), Some(actual), "{yaml}");
        }
    }

    #[test]
    fn without_a_record_it_is_nobodys_fault() {
        let wanted: History = serde_yaml::from_str("{has: [{call: build}]}").unwrap();
        let verdict = wanted.judge(None, Lang::En);
        assert_eq!(verdict.status, Status::Error);
        assert!(verdict.message.unwrap().contains("no record"));
        assert_eq!(
            wanted.judge(Some(&[]), Lang::En).actual.as_deref(),
            Some("nothing was done")
        );
    }

    #[test]
    fn a_call_that_no_engine_knows_is_a_problem_of_the_exercise() {
        for yaml in ["{}", "{has: [{call: container crate}]}"] {
            let wanted: History = serde_yaml::from_str(yaml).unwrap();
            assert_eq!(wanted.problems().len(), 1, "{yaml}");
        }
    }
}
