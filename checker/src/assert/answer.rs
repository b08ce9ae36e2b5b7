//! What the learner answers to a question. The answers stand in `answers.yaml`, so that the command line, the page and
//! the grader judge the same file.

mod compare;
mod file;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Verdict, one_line};
use crate::Lang;
use crate::spec::Text;
use crate::submission::Submission;
use compare::{is_number, same};
use file::Given;

/// The file with the answers, relative to the submission's folder: `CHECK-ID: option` or a list of options, or a text.
pub const FILE: &str = "answers.yaml";

/// What is said where there is no answer, in Korean and English.
const UNANSWERED: (&str, &str) = (
    "아직 답하지 않았어요. 틀려도 괜찮으니, 지금 생각나는 답을 골라 보세요.",
    "Not answered yet. A wrong answer costs nothing; choose what you think now.",
);

/// What is said where a right option is missing.
const MORE: (&str, &str) = (
    "고른 것은 모두 맞아요. 그런데 맞는 것이 더 있어요. 나머지도 하나씩 다시 읽어 보세요.",
    "All that you chose is right, and there is more. Read the others once again.",
);

/// A question with options to choose from (`options`), or with a free answer (`accept`). The check's title is the
/// question. In the condition of a hint: which option was chosen (`question` and `chosen`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// What can be chosen; where several are right, all of them and no others are to be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<AnswerOption>,
    /// Texts that are right. White space at the ends and full-width letters make no difference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Whether the case of letters makes no difference.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
    /// Whether the answer is a number, however it is written: `1000`, `1,000`, `1e3`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub number: bool,
    /// In the condition of a hint: the check whose answer is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// In the condition of a hint: one of these was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<String>,
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOption {
    /// Kebab-case, unique in its question; it says nothing of being right.
    pub id: String,
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
    /// Whether it is right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub right: bool,
    /// What somebody who chose it should read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

impl Answer {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let ways = [
            !self.options.is_empty(),
            !self.accept.is_empty(),
            !self.chosen.is_empty(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            problems.push("write one of `options`, `accept`, and for a hint `chosen`".to_owned());
        }
        if self.chosen.is_empty() != self.question.is_none() {
            problems.push("`question` and `chosen` belong together, in a hint's `when`".to_owned());
        }
        if !self.options.is_empty() {
            if self.options.len() < 2 {
                problems.push("there are fewer than two options".to_owned());
            }
            if !self.options.iter().any(|option| option.right) {
                problems.push("no option is `right`".to_owned());
            }
            if self.options.iter().all(|option| option.right) {
                problems.push("every option is `right`".to_owned());
            }
        }
        let mut seen = BTreeSet::new();
        for option in &self.options {
            if !seen.insert(&option.id) {
                problems.push(format!("the option `{}` is there twice", option.id));
            }
            if option.id.is_empty()
                || !option
                    .id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            {
                problems.push(format!("the option's id `{}` is not kebab-case", option.id));
            }
            let why = option.why.iter().flat_map(|why| [&why.ko, &why.en]);
            if [&option.ko, &option.en]
                .into_iter()
                .chain(why)
                .any(|text| text.trim().is_empty())
            {
                problems.push(format!("the option `{}` has an empty text", option.id));
            }
            if !option.right && option.why.is_none() {
                problems.push(format!(
                    "the option `{}` does not say why it is not right (`why`)",
                    option.id
                ));
            }
        }
        if (self.ignore_case || self.number) && self.accept.is_empty() {
            problems.push("`ignore-case` and `number` need `accept`".to_owned());
        }
        for text in &self.accept {
            if text.trim().is_empty() {
                problems.push("an accepted text is empty".to_owned());
            } else if self.number && !is_number(text) {
                problems.push(format!("`{text}` is no number"));
            }
        }
        problems
    }

    /// What a check of this question said in either language, in `lang`: a report that was made in one is shown in both.
    /// Nothing for what is no explanation of an option.
    pub fn reworded(&self, message: &str, lang: Lang) -> Option<&str> {
        let explanations = self.options.iter().filter_map(|option| option.why.as_ref());
        explanations
            .map(|why| (why.ko.as_str(), why.en.as_str()))
            .chain([UNANSWERED, MORE])
            .find(|(ko, en)| [ko, en].iter().any(|one| one.trim() == message.trim()))
            .map(|(ko, en)| lang.pick(ko, en))
    }

    /// Judges the answer to the question of a check.
    pub(crate) fn judge(&self, submission: &Submission, check: &str, lang: Lang) -> Verdict {
        let bytes = match submission.read(FILE) {
            Ok(bytes) => bytes,
            Err(problem) => return problem.verdict(FILE, lang),
        };
        self.judge_text(bytes, self.question.as_deref().unwrap_or(check), lang)
    }

    fn judge_text(&self, bytes: &[u8], question: &str, lang: Lang) -> Verdict {
        let given = match file::read(bytes, question, lang) {
            Ok(given) => given,
            Err(verdict) => return *verdict,
        };
        if given.texts.is_empty() {
            return Verdict::fail_because(lang.pick(UNANSWERED.0, UNANSWERED.1));
        }
        if !self.chosen.is_empty() {
            let chosen = given.texts.iter().any(|text| self.chosen.contains(text));
            return if chosen {
                Verdict::pass()
            } else {
                Verdict::fail()
            };
        }
        if self.options.is_empty() {
            self.judge_free(&given, lang)
        } else {
            self.judge_choice(&given, lang)
        }
    }

    fn judge_free(&self, given: &Given, lang: Lang) -> Verdict {
        let [text] = given.texts.as_slice() else {
            return given.wrong(lang.pick(
                "이 질문에는 답을 하나만 쓰세요.",
                "This question takes one answer.",
            ));
        };
        let right = |accepted: &String| same(accepted, text, self.ignore_case, self.number);
        if self.accept.iter().any(right) {
            Verdict::pass()
        } else {
            Verdict::fail().actual(one_line(text))
        }
    }

    /// What is right is never told, neither here nor by what is missing.
    fn judge_choice(&self, given: &Given, lang: Lang) -> Verdict {
        let mut chosen = Vec::new();
        for id in &given.texts {
            match self.options.iter().find(|option| option.id == *id) {
                Some(option) => chosen.push(option),
                None => return given.wrong(&self.no_option(id, lang)),
            }
        }
        let right = self.options.iter().filter(|option| option.right).count();
        let shown = chosen
            .iter()
            .map(|option| lang.pick(&option.ko, &option.en))
            .collect::<Vec<_>>()
            .join(" / ");
        if let Some(wrong) = chosen.iter().find(|option| !option.right) {
            let verdict = match &wrong.why {
                Some(why) => Verdict::fail_because(why.get(lang)),
                None => Verdict::fail(),
            };
            return verdict.actual(one_line(&shown));
        }
        let chosen: BTreeSet<&str> = chosen.iter().map(|option| option.id.as_str()).collect();
        if chosen.len() == right {
            return Verdict::pass();
        }
        Verdict::fail_because(lang.pick(MORE.0, MORE.1)).actual(one_line(&shown))
    }

    fn no_option(&self, id: &str, lang: Lang) -> String {
        let ids: Vec<&str> = self
            .options
            .iter()
            .map(|option| option.id.as_str())
            .collect();
        let (id, list) = (one_line(id), ids.join("`, `"));
        match lang {
            Lang::Ko => format!("`{id}`라는 선택지는 없어요. `{list}` 중에서 고르세요."),
            Lang::En => format!("There is no option `{id}`. Choose from `{list}`."),
        }
    }
}

#[cfg(test)]
mod tests;
