//! Where a learner answers on the page: a group of fields for each question, or a command line. What is right, and why, is
//! never in it.

use askama::Template;
use checker::Lang;
use checker::spec::{Assertion, Exercise, Kind};

use crate::course::markdown::escape_with_code;

struct OptionField<'a> {
    id: &'a str,
    text: String,
}

struct Question<'a> {
    id: &'a str,
    title: String,
    way: &'static str,
    options: Vec<OptionField<'a>>,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct Entry<'a> {
    ko: bool,
    slug: String,
    questions: Vec<Question<'a>>,
    command: Option<&'a str>,
}

/// The fields of an exercise; empty where it is done in files or in the terminal.
pub(super) fn html(spec: &Exercise, lang: Lang) -> String {
    let entry = Entry {
        ko: lang == Lang::Ko,
        slug: spec.id.replace('/', "-"),
        questions: questions(spec, lang),
        command: match spec.files.as_slice() {
            [file] if spec.kind == Kind::Command => Some(file),
            _ => None,
        },
    };
    if entry.questions.is_empty() && entry.command.is_none() {
        return String::new();
    }
    entry.render().unwrap_or_default()
}

fn questions(spec: &Exercise, lang: Lang) -> Vec<Question<'_>> {
    let questions = spec.checks.iter().filter_map(|check| {
        let Assertion::Answer(answer) = &check.assertion else {
            return None;
        };
        let right = answer.options.iter().filter(|option| option.right).count();
        Some(Question {
            id: &check.id,
            title: escape_with_code(check.title.get(lang)),
            way: match (right, answer.number) {
                (0, true) => "number",
                (0, false) => "text",
                (1, _) => "one",
                _ => "several",
            },
            options: answer
                .options
                .iter()
                .map(|option| OptionField {
                    id: &option.id,
                    text: escape_with_code(lang.pick(&option.ko, &option.en)),
                })
                .collect(),
        })
    });
    questions.collect()
}

/// The kind as a learner reads it.
pub(super) fn kind_word(kind: Kind, lang: Lang) -> &'static str {
    match kind {
        Kind::Files => lang.pick("실습", "Exercise"),
        Kind::Sandbox => lang.pick("터미널 실습", "Exercise in the terminal"),
        Kind::Command => lang.pick("명령어 쓰기", "Write a command"),
        Kind::Quiz => lang.pick("퀴즈", "Quiz"),
        Kind::Predict => lang.pick("예상하기", "Predict"),
    }
}

#[cfg(test)]
mod tests;
