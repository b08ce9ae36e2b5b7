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
    use crate::course::skeleton;
    use checker::spec::Kind;

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

    /// A course's archive, packed from a folder that holds it, with one more entry of this name.
    fn packed(entry: Option<&str>) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let begun = skeleton::lesson(&Files::default(), "01-first").unwrap();
        let mut files = Files::default();
        for (path, bytes) in &begun.files {
            files.insert(&format!("{}/{path}", begun.folder), bytes.clone());
        }
        let exercise = skeleton::exercise(&files, "web/ask", Kind::Quiz, None).unwrap();
        let named = |plan: &skeleton::Plan| -> Vec<(String, Vec<u8>)> {
            let files = plan.files.iter();
            let files =
                files.map(|(path, bytes)| (format!("{}/{path}", plan.folder), bytes.clone()));
            files.collect()
        };
        let mut all = named(&begun);
        all.extend(named(&exercise));
        // A later file of the same name takes the place of the first.
        all.retain(|(path, _)| exercise.changes.iter().all(|(changed, _)| changed != path));
        all.extend(exercise.changes.clone());
        all.extend(entry.map(|name| (name.to_owned(), b"out".to_vec())));
        let file = std::fs::File::create(home.path().join("course.tgz")).unwrap();
        let packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        let mut archive = tar::Builder::new(packer);
        for (path, bytes) in all {
            let mut header = tar::Header::new_gnu();
            // By the raw header: the library would not write a path that leads out.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_mode(0o644);
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            archive.append(&header, &*bytes).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap();
        home
    }

    #[test]
    fn a_course_is_read_from_an_archive() {
        let home = packed(None);
        let course = course(Some(&home.path().join("course.tgz"))).unwrap();
        assert_eq!(course.lessons()[0].id, "01-first");
        assert_eq!(course.exercises()[0].spec.id, "web/ask");
    }

    #[test]
    fn an_archive_that_leads_out_is_refused() {
        for name in ["../out.md", "lessons/../../out.md"] {
            let home = packed(Some(name));
            let told = course_files(Some(&home.path().join("course.tgz"))).unwrap_err();
            assert!(
                told.contains("cannot be unpacked") && told.contains(name),
                "{told}"
            );
        }
        let home = tempfile::tempdir().unwrap();
        let broken = home.path().join("course.tgz");
        std::fs::write(&broken, "no archive").unwrap();
        assert!(course_files(Some(&broken)).is_err());
    }
}
