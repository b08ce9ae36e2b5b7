//! What must hold in an exercise beyond the types of its fields.

use std::collections::HashSet;

use super::{Exercise, Kind, SpecError};
use crate::assert::Assertion;
use crate::assert::answer::Answer;

/// All that is wrong, in the order of the file as far as it is known.
pub(super) fn problems(yaml: &str, exercise: &Exercise) -> Vec<SpecError> {
    let mut errors = Vec::new();
    let mut report = |value: &str, message: String| {
        errors.push(SpecError::at_value(yaml, value, message));
    };

    if !is_id(&exercise.id, 2) {
        report(
            &exercise.id,
            format!("the id `{}` is not of the form topic/name", exercise.id),
        );
    }
    if !(1..=4).contains(&exercise.difficulty) {
        report("difficulty", "the difficulty is from 1 to 4".to_owned());
    }
    if exercise.minutes == 0 {
        report("minutes", "the minutes are more than 0".to_owned());
    }
    if exercise.checks.is_empty() {
        report("checks", "there is no check".to_owned());
    }
    for text in [&exercise.title.ko, &exercise.title.en] {
        if text.trim().is_empty() {
            report("title", "the title is empty".to_owned());
        }
    }
    for file in exercise.text_files() {
        if !is_inside(&file) {
            report(
                &file,
                format!("`{file}` is not a path inside the exercise's folder"),
            );
        }
    }
    for check in &exercise.checks {
        if !is_id(&check.id, 1) {
            report(
                &check.id,
                format!("the id `{}` is not kebab-case", check.id),
            );
        }
        if check.points == 0 {
            report(&check.id, format!("check `{}` has no points", check.id));
        }
        for text in [
            &check.title.ko,
            &check.title.en,
            &check.failure.ko,
            &check.failure.en,
        ] {
            if text.trim().is_empty() {
                report(&check.id, format!("check `{}` has an empty text", check.id));
            }
        }
        for problem in check.assertion.problems() {
            report(&check.id, format!("check `{}`: {problem}", check.id));
        }
        for image in check.assertion.images() {
            if !is_known_image(exercise, image) {
                report(
                    image,
                    format!("the image `{image}` is not listed under `images`"),
                );
            }
        }
    }
    let asks = exercise
        .checks
        .iter()
        .any(|check| matches!(check.assertion, Assertion::Answer(_)));
    if matches!(exercise.kind, Kind::Quiz | Kind::Predict) && !asks {
        report(
            "kind",
            "an exercise of this kind asks something: it needs a check with `answer`".to_owned(),
        );
    }
    for check in &exercise.checks {
        if let Assertion::Answer(answer) = &check.assertion
            && !answer.chosen.is_empty()
        {
            report(
                &check.id,
                format!(
                    "check `{}`: `chosen` is for the condition of a hint",
                    check.id
                ),
            );
        }
    }
    if needs_build(exercise) {
        report(
            "checks",
            "a check looks at the built image, and no check builds one".to_owned(),
        );
    }
    for hint in &exercise.hints {
        if hint.ko.trim().is_empty() || hint.en.trim().is_empty() {
            report("hints", "a hint is empty".to_owned());
        }
        if let Some(when) = &hint.when {
            if let Some(problem) = when.problem_in_hint() {
                report("when", problem.to_owned());
            }
            if let Assertion::Answer(answer) = when
                && let Some(problem) = unknown_choice(exercise, answer)
            {
                report("when", problem);
            }
            for problem in when.problems() {
                report("when", problem);
            }
        }
    }

    for (what, values) in [
        (
            "check",
            exercise.checks.iter().map(|check| &check.id).collect(),
        ),
        ("file", exercise.files.iter().collect::<Vec<_>>()),
        ("image", exercise.images.iter().collect()),
        ("entry of covers", exercise.covers.iter().collect()),
    ] {
        let mut seen = HashSet::new();
        for value in values {
            if !seen.insert(value) {
                errors.push(SpecError::at_second(
                    yaml,
                    value,
                    format!("the {what} `{value}` is there twice"),
                ));
            }
        }
    }
    errors.sort_by_key(|error| (error.line, error.column));
    errors
}

/// A hint's condition must name a question of the exercise and options of it.
fn unknown_choice(exercise: &Exercise, when: &Answer) -> Option<String> {
    let question = when.question.as_deref()?;
    let mut checks = exercise.checks.iter();
    let asked = checks.find_map(|check| match &check.assertion {
        Assertion::Answer(answer) if check.id == question => Some(answer),
        _ => None,
    });
    let Some(asked) = asked else {
        return Some(format!("no check `{question}` asks a question"));
    };
    let mut chosen = when.chosen.iter();
    let known = |id: &String| asked.options.iter().any(|option| option.id == *id);
    let unknown = chosen.find(|id| !known(id))?;
    Some(format!("`{question}` has no option `{unknown}`"))
}

fn needs_build(exercise: &Exercise) -> bool {
    let builds = |a: &Assertion| matches!(a, Assertion::Build(_));
    exercise.checks.iter().any(|c| c.assertion.needs_build())
        && !exercise.checks.iter().any(|c| builds(&c.assertion))
}

/// An image may also be one that a build check of the same exercise tags.
fn is_known_image(exercise: &Exercise, image: &str) -> bool {
    exercise.images.iter().any(|known| known == image)
        || exercise.checks.iter().any(|check| {
            matches!(&check.assertion, Assertion::Build(build) if build.tag.as_deref() == Some(image))
        })
}

/// Kebab-case words, so many of them with slashes between.
fn is_id(id: &str, parts: usize) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && !word.starts_with('-')
            && !word.ends_with('-')
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    id.split('/').count() == parts && id.split('/').all(word)
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}
