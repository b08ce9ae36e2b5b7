//! Reads lessons.

use std::collections::BTreeSet;

use checker::Lang;
use schemars::JsonSchema;
use serde::Deserialize;

use super::coverage::{Groups, PATH};
use super::markdown::{self, Options, Rendered};
use super::{CourseExercise, Files, Lesson, Page, Problem, Text, parity, transcript};

/// `lesson.yaml`.
/// One lesson; its text stands beside it in `ko.md` and `en.md`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LessonFile {
    /// The folder's name.
    id: String,
    /// The number before the folder's name.
    order: u32,
    /// Title.
    title: Text,
    /// What it is about, in one sentence.
    summary: Text,
    /// How long it takes.
    minutes: u32,
    /// Ids of what it teaches, from `lessons/coverage.yaml`.
    covers: Vec<String>,
    /// Ids of its exercises, in the order of the text.
    exercises: Vec<String>,
}

/// The JSON Schema of `lesson.yaml`.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(LessonFile)
}

/// The ids that lessons and exercises may cover, from `lessons/coverage.yaml`, and those that this course must cover. A
/// course of one's own without that file may take the ids of ours, and has none that it must.
pub(super) fn coverage(files: &Files, problems: &mut Vec<Problem>) -> (BTreeSet<String>, Groups) {
    let ours;
    let own = files.bytes(PATH).is_some();
    let files = if own {
        files
    } else {
        ours = Files::embedded();
        &ours
    };
    let Some(text) = files.text(PATH, problems) else {
        return Default::default();
    };
    let groups = match serde_yaml::from_str::<Groups>(text) {
        Ok(groups) => groups,
        Err(error) => {
            problems.push(Problem::yaml(PATH, &error));
            return Default::default();
        }
    };
    let mut ids = BTreeSet::new();
    for id in groups.values().flatten() {
        if !ids.insert(id.clone()) {
            problems.push(Problem::new(PATH, format!("`{id}` is there twice")));
        }
    }
    (ids, if own { groups } else { Groups::new() })
}

/// Reads every lesson that can be read, in their order.
pub(super) fn read_all(
    files: &Files,
    coverage: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) -> Vec<Lesson> {
    let mut lessons: Vec<Lesson> = files
        .folders("lessons")
        .into_iter()
        .filter_map(|name| read(files, name, coverage, problems))
        .collect();
    lessons.sort_by_key(|lesson| lesson.order);
    if lessons.is_empty() {
        problems.push(Problem::new("lessons", "there is no lesson"));
    }
    for pair in lessons.windows(2) {
        if pair[0].order == pair[1].order {
            let message = format!("`{}` has the same order", pair[0].id);
            problems.push(Problem::new(yaml_path(&pair[1].id), message));
        }
    }
    lessons
}

fn yaml_path(id: &str) -> String {
    format!("lessons/{id}/lesson.yaml")
}

fn read(
    files: &Files,
    name: &str,
    coverage: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) -> Option<Lesson> {
    let path = yaml_path(name);
    let ko = read_page(files, &format!("lessons/{name}/ko.md"), Lang::Ko, problems);
    let en = read_page(files, &format!("lessons/{name}/en.md"), Lang::En, problems);
    let yaml = files.text(&path, problems)?;
    let file: LessonFile = match serde_yaml::from_str(yaml) {
        Ok(file) => file,
        Err(error) => {
            problems.push(Problem::yaml(&path, &error));
            return None;
        }
    };
    let mut wrong = |word: &str, message: String| {
        problems.push(Problem {
            line: line_with(yaml, word),
            ..Problem::new(&path, message)
        });
    };
    if file.id != name {
        wrong(
            "id:",
            format!("the id is `{}` and the folder `{name}`", file.id),
        );
    }
    let number = name
        .split('-')
        .next()
        .and_then(|number| number.parse().ok());
    if number != Some(file.order) {
        wrong(
            "order:",
            format!("the order is {} and the folder `{name}`", file.order),
        );
    }
    if file.minutes == 0 {
        wrong("minutes:", "the minutes are more than 0".to_owned());
    }
    for (name, text) in [("title", &file.title), ("summary", &file.summary)] {
        if text.ko.trim().is_empty() || text.en.trim().is_empty() {
            wrong(name, format!("the {name} is empty"));
        }
    }
    for id in &file.covers {
        if !coverage.contains(id) {
            wrong(id, format!("`{id}` is not in lessons/coverage.yaml"));
        }
    }
    for ids in [&file.covers, &file.exercises] {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                wrong(id, format!("`{id}` is there twice"));
            }
        }
    }
    let (ko, en) = (ko?, en?);
    for (lang, page) in [("ko", &ko), ("en", &en)] {
        let shown: Vec<&str> = exercise_ids(page).map(|(id, _)| id).collect();
        if shown != file.exercises {
            let message = format!(
                "the text shows the exercises {shown:?}, lesson.yaml lists {:?}",
                file.exercises
            );
            problems.push(Problem::new(format!("lessons/{name}/{lang}.md"), message));
        }
    }
    parity::check(
        &format!("lessons/{name}"),
        ["ko.md", "en.md"],
        &ko,
        &en,
        problems,
    );
    Some(Lesson {
        id: name.to_owned(),
        order: file.order,
        ko: page(ko, &file.title.ko),
        en: page(en, &file.title.en),
        title: file.title,
        summary: file.summary,
        minutes: file.minutes,
        covers: file.covers,
        exercises: file.exercises,
    })
}

fn read_page(
    files: &Files,
    path: &str,
    lang: Lang,
    problems: &mut Vec<Problem>,
) -> Option<Rendered> {
    let text = files.text(path, problems)?;
    let rendered = render(text, lang, path, problems);
    for heading in rendered
        .headings
        .iter()
        .filter(|heading| heading.level == 1)
    {
        let message = "the title stands in lesson.yaml; headings in the text begin with `##`";
        problems.push(Problem::at(path, heading.line, message));
    }
    if rendered.words == 0 {
        problems.push(Problem::new(path, "the text is empty"));
    }
    Some(rendered)
}

/// Renders a text of the course, and reports what was not rendered as its author meant it.
pub(super) fn render(text: &str, lang: Lang, path: &str, problems: &mut Vec<Problem>) -> Rendered {
    let options = Options {
        lang,
        ..Options::default()
    };
    let rendered = markdown::render_page(text, &options);
    for (line, message) in &rendered.refused {
        problems.push(Problem::at(path, *line, message));
    }
    for fence in &rendered.fences {
        if let Some(message) = &fence.problem {
            problems.push(Problem::at(path, fence.line, message));
        }
    }
    for line in transcript::lonely(text, &rendered.fences) {
        let message = "an `output` fence stands directly after the `sh` fence that prints it";
        problems.push(Problem::at(path, line, message));
    }
    rendered
}

fn page(rendered: Rendered, title: &str) -> Page {
    let mut html = String::from("<h1>");
    markdown::escape(title, &mut html);
    html.push_str("</h1>\n");
    html.push_str(&rendered.html);
    Page {
        html,
        headings: rendered.headings,
        words: rendered.words,
    }
}

fn exercise_ids(page: &Rendered) -> impl Iterator<Item = (&str, usize)> {
    page.fences
        .iter()
        .filter(|fence| fence.lang == "exercise")
        .map(|fence| (fence.text.trim(), fence.line))
}

/// Every exercise that a lesson lists exists and says that it belongs there.
pub(super) fn check_exercises(
    lessons: &[Lesson],
    exercises: &[CourseExercise],
    problems: &mut Vec<Problem>,
) {
    for lesson in lessons {
        for id in &lesson.exercises {
            let path = yaml_path(&lesson.id);
            match exercises.iter().find(|exercise| exercise.spec.id == *id) {
                None => {
                    // One whose own file is broken has been reported already.
                    let folder = format!("exercises/{id}/");
                    if !problems
                        .iter()
                        .any(|problem| problem.file.starts_with(&folder))
                    {
                        problems.push(Problem::new(path, format!("there is no exercise `{id}`")));
                    }
                }
                Some(exercise) if exercise.spec.lesson != lesson.id => {
                    let message = format!(
                        "the exercise `{id}` says that it belongs to `{}`",
                        exercise.spec.lesson
                    );
                    problems.push(Problem::new(path, message));
                }
                Some(_) => {}
            }
        }
    }
}

/// The first line that holds a word.
pub(super) fn line_with(text: &str, word: &str) -> Option<usize> {
    text.lines()
        .position(|line| line.contains(word))
        .map(|index| index + 1)
}
