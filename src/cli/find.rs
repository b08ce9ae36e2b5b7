//! What several subcommands are told in the same words: the course, an exercise of it, the language.

use std::path::Path;

use checker::Lang;

use crate::course::{Course, CourseExercise, Files};

/// Reads `--lang`.
pub(super) fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "ko" => Ok(Lang::Ko),
        "en" => Ok(Lang::En),
        _ => Err("the languages are ko and en".to_owned()),
    }
}

/// The course of `--course`, or the one in the binary. The error is for a person.
pub(super) fn course(named: Option<&Path>) -> Result<Course, String> {
    let course = Course::from_files(&course_files(named)?);
    course.map_err(|error| format!("the course cannot be used:\n{error}"))
}

/// The files of the course that `--course` names: a folder, or an archive, which is unpacked as a submission is.
pub(super) fn course_files(named: Option<&Path>) -> Result<Files, String> {
    let Some(path) = named else {
        return Ok(Files::embedded());
    };
    let archive = if path.is_dir() {
        None
    } else {
        super::grade::unpack(path)?
    };
    let folder = archive.as_ref().map_or(path, |archive| archive.path());
    Files::read(folder).map_err(|problem| format!("the course cannot be used:\n  {problem}"))
}

/// By the whole id, or by its last part where only one exercise has it.
pub(super) fn exercise<'a>(course: &'a Course, name: &str) -> Result<&'a CourseExercise, String> {
    if let Some(exercise) = course.exercise(name) {
        return Ok(exercise);
    }
    let last = |exercise: &&CourseExercise| exercise.spec.id.rsplit('/').next() == Some(name);
    let mut named = course.exercises().iter().filter(last);
    match (named.next(), named.next()) {
        (Some(only), None) => return Ok(only),
        (Some(_), Some(_)) => {
            return Err(format!(
                "several exercises are called `{name}`; write the whole id"
            ));
        }
        (None, _) => {}
    }
    let ids: Vec<&str> = course
        .exercises()
        .iter()
        .map(|exercise| exercise.spec.id.as_str())
        .collect();
    let ends = ids.iter().filter_map(|id| id.rsplit('/').next());
    let guess = dockerfile::suggest(name, ids.iter().copied().chain(ends));
    Err(match guess {
        Some(guess) => format!("there is no exercise `{name}`; did you mean `{guess}`?"),
        None => format!(
            "there is no exercise `{name}`; there are: {}",
            ids.join(", ")
        ),
    })
}

/// The language that the terminal is set to, by the usual rules.
pub(super) fn terminal_lang() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if set.is_some_and(|value| value.starts_with("ko")) {
        Lang::Ko
    } else {
        Lang::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_found_by_its_id_or_the_end_of_it() {
        let course = Course::embedded().unwrap();
        let first = &course.exercises()[0].spec.id;
        let last = first.rsplit('/').next().unwrap();
        assert_eq!(&exercise(&course, first).unwrap().spec.id, first);
        assert_eq!(&exercise(&course, last).unwrap().spec.id, first);
        let mut slip = last.to_owned();
        slip.pop();
        let message = exercise(&course, &slip).unwrap_err();
        assert!(
            message.contains(&format!("did you mean `{last}`?")),
            "{message}"
        );
        assert!(exercise(&course, "zzzzzz").unwrap_err().contains(first));
    }
}
