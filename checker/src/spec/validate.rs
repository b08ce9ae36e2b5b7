//! What must hold in an exercise beyond the types of its fields.

use std::collections::HashSet;

use super::places::Places;
use super::places::Step::{self, Item, Key};
use super::{Exercise, Kind, SpecError, Text};
use crate::assert::Assertion;
use crate::assert::answer::Answer;

/// All that is wrong, in the order of the file.
pub(super) fn problems(places: &Places, exercise: &Exercise) -> Vec<SpecError> {
    let mut errors = Vec::new();
    let mut report = |path: &[Step<'_>], message: String| {
        errors.push(SpecError::at(places, path, message));
    };

    if !is_id(&exercise.id, 2) {
        let message = format!("the id `{}` is not of the form topic/name", exercise.id);
        report(&[Key("id")], message);
    }
    if !(1..=4).contains(&exercise.difficulty) {
        let message = "the difficulty is from 1 to 4".to_owned();
        report(&[Key("difficulty")], message);
    }
    if exercise.minutes == 0 {
        report(&[Key("minutes")], "the minutes are more than 0".to_owned());
    }
    if exercise.checks.is_empty() {
        report(&[Key("checks")], "there is no check".to_owned());
    }
    for (lang, text) in texts(&exercise.title) {
        if text.trim().is_empty() {
            let message = "the title is empty".to_owned();
            report(&[Key("title"), Key(lang)], message);
        }
    }
    for (at, file) in exercise.files.iter().enumerate() {
        if !is_inside(file) {
            report(&[Key("files"), Item(at)], outside(file));
        }
    }
    for (at, check) in exercise.checks.iter().enumerate() {
        let here = [Key("checks"), Item(at)];
        let of = |keys: &[Step<'static>]| [here.as_slice(), keys].concat();
        if !is_id(&check.id, 1) {
            let message = format!("the id `{}` is not kebab-case", check.id);
            report(&of(&[Key("id")]), message);
        }
        if check.points == 0 {
            let message = format!("check `{}` has no points", check.id);
            report(&of(&[Key("points")]), message);
        }
        for (field, text) in [("title", &check.title), ("failure", &check.failure)] {
            for (lang, text) in texts(text) {
                if text.trim().is_empty() {
                    let message = format!("check `{}` has an empty text", check.id);
                    report(&of(&[Key(field), Key(lang)]), message);
                }
            }
        }
        let assertion = of(&[Key("assert")]);
        if let Some(file) = check.assertion.file().filter(|file| !is_inside(file)) {
            report(&assertion, outside(&file));
        }
        for problem in check.assertion.problems() {
            report(&assertion, problem);
        }
        for image in check.assertion.images() {
            if !is_known_image(exercise, image) {
                let message = format!("the image `{image}` is not listed under `images`");
                report(&assertion, message);
            }
        }
        if let Assertion::Answer(answer) = &check.assertion
            && !answer.chosen.is_empty()
        {
            let message = "`chosen` is for the condition of a hint".to_owned();
            report(&assertion, message);
        }
    }
    let asks = exercise
        .checks
        .iter()
        .any(|check| matches!(check.assertion, Assertion::Answer(_)));
    if matches!(exercise.kind, Kind::Quiz | Kind::Predict) && !asks {
        report(
            &[Key("kind")],
            "an exercise of this kind asks something: it needs a check with `answer`".to_owned(),
        );
    }
    if let Some(at) = needs_build(exercise) {
        report(
            &[Key("checks"), Item(at), Key("assert")],
            "a check looks at the built image, and no check builds one".to_owned(),
        );
    }
    for (at, hint) in exercise.hints.iter().enumerate() {
        for (lang, text) in [("ko", &hint.ko), ("en", &hint.en)] {
            if text.trim().is_empty() {
                let message = "a hint is empty".to_owned();
                report(&[Key("hints"), Item(at), Key(lang)], message);
            }
        }
        if let Some(when) = &hint.when {
            let mut problems: Vec<String> = when.problems();
            problems.extend(when.problem_in_hint().map(str::to_owned));
            if let Assertion::Answer(answer) = when {
                problems.extend(unknown_choice(exercise, answer));
            }
            for problem in problems {
                report(&[Key("hints"), Item(at), Key("when")], problem);
            }
        }
    }

    let ids: Vec<&String> = exercise.checks.iter().map(|check| &check.id).collect();
    let lists: [(&str, &str, Vec<&String>); 4] = [
        ("check", "checks", ids),
        ("file", "files", exercise.files.iter().collect()),
        ("image", "images", exercise.images.iter().collect()),
        (
            "entry of covers",
            "covers",
            exercise.covers.iter().collect(),
        ),
    ];
    for (what, list, values) in lists {
        let mut seen = HashSet::new();
        for (at, value) in values.into_iter().enumerate() {
            if !seen.insert(value) {
                let path = [Key(list), Item(at), Key("id")];
                report(&path, format!("the {what} `{value}` is there twice"));
            }
        }
    }
    errors.sort_by_key(|error| (error.line, error.column));
    errors
}

fn texts(text: &Text) -> [(&'static str, &String); 2] {
    [("ko", &text.ko), ("en", &text.en)]
}

fn outside(file: &str) -> String {
    format!("`{file}` is not a path inside the exercise's folder")
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

/// The check that looks at a built image where none is built.
fn needs_build(exercise: &Exercise) -> Option<usize> {
    let builds = |a: &Assertion| matches!(a, Assertion::Build(_));
    let mut checks = exercise.checks.iter();
    if checks.clone().any(|check| builds(&check.assertion)) {
        return None;
    }
    checks.position(|check| check.assertion.needs_build())
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
