//! One thing that a state must have, beside what it has. Assertions on state are lists of facts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Verdict, one_line};
use crate::Lang;

/// What is wanted, what is there, and whether that is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// A word for it: `state`, `ENV`, `port`.
    pub(crate) what: String,
    pub(crate) wanted: String,
    pub(crate) actual: String,
    pub(crate) holds: bool,
    /// What a learner should know about `actual`, where the check's own text cannot know it.
    pub(crate) why: Option<String>,
}

impl Fact {
    /// A fact that holds where both sides are equal.
    pub(crate) fn equal(what: &str, wanted: impl Into<String>, actual: impl Into<String>) -> Fact {
        let (wanted, actual) = (wanted.into(), actual.into());
        Fact::new(what, wanted == actual, wanted, actual)
    }

    pub(crate) fn new(
        what: &str,
        holds: bool,
        wanted: impl Into<String>,
        actual: impl Into<String>,
    ) -> Fact {
        Fact {
            what: what.to_owned(),
            wanted: wanted.into(),
            actual: actual.into(),
            holds,
            why: None,
        }
    }

    pub(crate) fn because(mut self, why: Option<String>) -> Fact {
        self.why = why;
        self
    }

    /// A failure that tells this fact; `of` is the thing that it is about.
    pub(crate) fn failure(&self, of: &str) -> Verdict {
        let verdict = match &self.why {
            Some(why) => Verdict::fail_because(why.clone()),
            None => Verdict::fail(),
        };
        verdict
            .expected(one_line(&format!("{of}: {} {}", self.what, self.wanted)))
            .actual(one_line(&format!("{of}: {} {}", self.what, self.actual)))
    }
}

/// The first fact that does not hold.
pub(crate) fn first_wrong(facts: &[Fact]) -> Option<&Fact> {
    facts.iter().find(|fact| !fact.holds)
}

/// How many there must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Count {
    /// So many or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// So many or fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
    /// So many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exactly: Option<u64>,
}

impl Count {
    /// Whether a number is so.
    pub fn holds(&self, number: u64) -> bool {
        self.at_least.is_none_or(|least| number >= least)
            && self.at_most.is_none_or(|most| number <= most)
            && self.exactly.is_none_or(|wanted| number == wanted)
    }

    pub(crate) fn wanted(&self, lang: Lang) -> String {
        let parts = [
            self.exactly.map(|n| n.to_string()),
            self.at_least.map(|n| {
                lang.pick("{} 이상", "at least {}")
                    .replace("{}", &n.to_string())
            }),
            self.at_most.map(|n| {
                lang.pick("{} 이하", "at most {}")
                    .replace("{}", &n.to_string())
            }),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn problem(&self, what: &str) -> Option<String> {
        let crossed =
            matches!((self.at_least, self.at_most), (Some(least), Some(most)) if least > most);
        if *self == Count::default() {
            Some(format!(
                "`{what}` demands nothing: write `at-least`, `at-most` or `exactly`"
            ))
        } else if crossed
            || (self.exactly.is_some() && (self.at_least.is_some() || self.at_most.is_some()))
        {
            Some(format!("no number is as `{what}` wants it"))
        } else {
            None
        }
    }
}

/// `within` of a state assertion.
pub(crate) fn within_problem(within: Option<u64>) -> Option<String> {
    match within {
        Some(0 | 301..) => Some("`within` is from 1 to 300 seconds".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(yaml: &str) -> Count {
        serde_yaml::from_str(yaml).unwrap()
    }

    #[test]
    fn numbers_are_counted() {
        for (yaml, number, holds) in [
            ("{at-least: 2}", 2, true),
            ("{at-least: 2}", 1, false),
            ("{at-most: 2}", 3, false),
            ("{exactly: 0}", 0, true),
            ("{at-least: 1, at-most: 2}", 2, true),
        ] {
            assert_eq!(count(yaml).holds(number), holds, "{yaml} {number}");
            assert_eq!(count(yaml).problem("count"), None);
        }
        for yaml in [
            "{}",
            "{at-least: 3, at-most: 2}",
            "{exactly: 1, at-least: 1}",
        ] {
            assert!(count(yaml).problem("count").is_some(), "{yaml}");
        }
        assert_eq!(count("{at-least: 2}").wanted(Lang::Ko), "2 이상");
    }
}
