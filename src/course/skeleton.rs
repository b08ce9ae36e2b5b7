//! New lessons and exercises, as an author begins them. A skeleton is whole as it stands: the structure check accepts it,
//! and its own submissions prove it, so that whatever breaks afterwards was broken by the last change.

mod lists;

#[cfg(test)]
mod tests;

use checker::spec::Kind;
use rust_embed::RustEmbed;

use super::{Course, CourseFile, Files};

/// A folder for the lesson and one for each kind of exercise.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/src/course/skeleton/texts"]
struct Texts;

/// What is to be written, and nothing has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The new folder, relative to the course's: `lessons/NN-name` or `exercises/TOPIC/NAME`. It must not be there.
    pub folder: String,
    /// Its files, with paths relative to it.
    pub files: Vec<CourseFile>,
    /// Files of the course that change, relative to its folder, as they are afterwards.
    pub changes: Vec<CourseFile>,
    /// What remains for the author to add by hand; for a person.
    pub by_hand: Option<String>,
}

/// The skeleton of a lesson. `id` is its folder, such as `15-swarm`.
///
/// # Errors
/// When the name is none for a lesson, or the name or its number is taken; for a person.
pub fn lesson(course: &Files, id: &str) -> Result<Plan, String> {
    let order = order(id)?;
    for other in course.folders("lessons") {
        if other == id {
            return Err(format!("the lesson `{id}` is there already"));
        }
        if self::order(other).is_ok_and(|taken| taken == order) {
            return Err(format!(
                "the lesson `{other}` has the number {order:02} already; take another one"
            ));
        }
    }
    Ok(Plan {
        folder: format!("lessons/{id}"),
        files: texts("lesson", &[("id", id), ("order", &order.to_string())]),
        changes: Vec::new(),
        by_hand: None,
    })
}

/// The skeleton of an exercise, and its place in its lesson. `id` is `topic/name`. Without a lesson it is the only one that
/// the course has.
///
/// # Errors
/// When a name is none, the exercise is there, or it is unclear which lesson is meant; for a person.
pub fn exercise(
    course: &Files,
    id: &str,
    kind: Kind,
    lesson: Option<&str>,
) -> Result<Plan, String> {
    let name = exercise_name(id)?;
    if let Some(lesson) = lesson {
        order(lesson)?;
    }
    for topic in course.folders("exercises") {
        for other in course.folders(&format!("exercises/{topic}")) {
            let taken = format!("{topic}/{other}");
            if taken == id {
                return Err(format!("the exercise `{id}` is there already"));
            }
            if other == name {
                return Err(format!(
                    "`{taken}` has the same last part, which names the learner's folder; take another one"
                ));
            }
        }
    }
    let lessons = course.folders("lessons");
    let lesson = match (lesson, lessons.as_slice()) {
        (Some(named), _) => named,
        (None, [only]) => only,
        (None, []) => {
            return Err(
                "there is no lesson for it yet; `docktutor course new lesson NN-name` makes one"
                    .to_owned(),
            );
        }
        (None, several) => {
            return Err(format!(
                "say to which lesson it belongs (--lesson): {}",
                several.join(", ")
            ));
        }
    };
    let folder = format!("exercises/{id}");
    let files = texts(kind.name(), &[("id", id), ("lesson", lesson)]);
    let mut with = course.clone();
    for (path, bytes) in &files {
        with.insert(&format!("{folder}/{path}"), bytes.clone());
    }
    let listed = lists::with_exercise(course, lesson, id);
    let changes = listed.filter(|changes| fits(&with, changes, &folder, lesson));
    let by_hand = changes.is_none().then(|| by_hand(course, lesson, id));
    Ok(Plan {
        folder,
        files,
        changes: changes.unwrap_or_default(),
        by_hand,
    })
}

/// Whether the lesson is in order with the changes: the exercise is where it belongs, and nothing new is wrong.
fn fits(with: &Files, changes: &[CourseFile], folder: &str, lesson: &str) -> bool {
    let mut changed = with.clone();
    for (path, bytes) in changes {
        changed.insert(path, bytes.clone());
    }
    let before = Course::problems(with);
    let (own, lesson) = (format!("{folder}/"), format!("lessons/{lesson}/"));
    !Course::problems(&changed).iter().any(|problem| {
        // Lines have moved.
        let known = before
            .iter()
            .any(|old| old.file == problem.file && old.message == problem.message);
        problem.file.starts_with(&own) || problem.file.starts_with(&lesson) && !known
    })
}

fn by_hand(course: &Files, lesson: &str, id: &str) -> String {
    let there = course.folders("lessons").contains(&lesson);
    let first = if there {
        format!("The lesson `{lesson}` was left as it is, for it could not be changed safely.")
    } else {
        format!(
            "There is no lesson `{lesson}` yet; `docktutor course new lesson {lesson}` makes it."
        )
    };
    format!(
        "{first} Add to `exercises` in lessons/{lesson}/lesson.yaml\n\n  - {id}\n\nand at the same place of ko.md and en.md\n\n```exercise\n{id}\n```"
    )
}

/// The number of a lesson's folder.
fn order(id: &str) -> Result<u32, String> {
    let parts = id.split_once('-');
    let number = parts
        .filter(|(number, name)| number.len() == 2 && is_kebab(number) && is_kebab(name))
        .and_then(|(number, _)| number.parse().ok());
    number.filter(|number| *number > 0).ok_or_else(|| {
        format!(
            "`{id}` is no name of a lesson: NN-name, a number from 01 to 99 and words in lower case joined by hyphens, such as 15-swarm"
        )
    })
}

/// The last part of an exercise's id.
fn exercise_name(id: &str) -> Result<&str, String> {
    let parts = id.split_once('/');
    let Some((topic, name)) = parts.filter(|(topic, name)| is_kebab(topic) && is_kebab(name))
    else {
        return Err(format!(
            "`{id}` is no id of an exercise: TOPIC/NAME, each of words in lower case joined by hyphens, such as swarm/first-node"
        ));
    };
    if topic == "images" {
        return Err("exercises/images/ holds the images' recipes; take another topic".to_owned());
    }
    Ok(name)
}

fn is_kebab(name: &str) -> bool {
    let word = |word: &str| {
        let mut letters = word.chars();
        !word.is_empty() && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.split('-').all(word)
}

/// The files of one skeleton with names put in, sorted by path.
fn texts(folder: &str, names: &[(&str, &str)]) -> Vec<CourseFile> {
    let mut files: Vec<CourseFile> = Texts::iter()
        .filter_map(|path| {
            let inside = path.strip_prefix(folder)?.strip_prefix('/')?.to_owned();
            let mut text = String::from_utf8(Texts::get(&path)?.data.into_owned()).ok()?;
            for (name, value) in names {
                text = text.replace(&format!("{{{{{name}}}}}"), value);
            }
            Some((inside, text.into_bytes()))
        })
        .collect();
    files.sort();
    files
}
