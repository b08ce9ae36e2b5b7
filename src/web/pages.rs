//! The map of the course and the lessons.

use std::collections::HashMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use checker::Lang;
use serde::Deserialize;

use super::AppState;
use super::door::not_found;
use super::entry;
use super::error::AppError;
use super::frame::{Frame, answer, lang_code, lang_named, preferred_lang};
use super::standing::{Mark, Standing};
use crate::course::search::anchor;
use crate::course::{Course, Lesson};
use crate::store::Learner;

struct LessonLink<'a> {
    number: u32,
    title: &'a str,
    href: String,
    current: bool,
    done: bool,
}

struct LessonHead<'a> {
    id: &'a str,
    number: u32,
    title: &'a str,
}

#[derive(Template)]
#[template(path = "lesson.html")]
struct LessonPage<'a> {
    page: Frame,
    lesson: LessonHead<'a>,
    content: &'a str,
    lessons: Vec<LessonLink<'a>>,
    previous: Option<LessonLink<'a>>,
    next: Option<LessonLink<'a>>,
}

struct MapExercise<'a> {
    href: String,
    title: &'a str,
    state: &'static str,
    points: u32,
    max_points: u32,
}

struct MapLesson<'a> {
    number: u32,
    title: &'a str,
    href: String,
    summary: &'a str,
    minutes: u32,
    state: &'static str,
    exercises: Vec<MapExercise<'a>>,
}

#[derive(Template)]
#[template(path = "map.html")]
struct MapPage<'a> {
    page: Frame,
    resume: Option<LessonLink<'a>>,
    lessons: Vec<MapLesson<'a>>,
}

#[derive(Template)]
#[template(path = "exercise.html")]
struct ExerciseSection<'a> {
    ko: bool,
    anchor: String,
    kind: &'static str,
    kind_word: &'static str,
    /// Whether there are files that must lie in the workspace before one begins.
    starter: bool,
    title: &'a str,
    text: &'a str,
    minutes: u32,
    points: u32,
    entry: String,
}

/// The lessons' HTML with their exercises in it, by lesson and language. Nothing in it depends on the learner, so it is
/// made once.
#[derive(Debug)]
pub(super) struct LessonTexts(HashMap<(String, Lang), String>);

impl LessonTexts {
    /// Renders every lesson of the course.
    pub(super) fn new(course: &Course) -> LessonTexts {
        let mut texts = HashMap::new();
        for lesson in course.lessons() {
            for lang in [Lang::Ko, Lang::En] {
                let html = lesson
                    .page(lang)
                    .with_exercises(|id| exercise_section(course, id, lang));
                texts.insert((lesson.id.clone(), lang), html);
            }
        }
        LessonTexts(texts)
    }
}

fn exercise_section(course: &Course, id: &str, lang: Lang) -> String {
    let Some(exercise) = course.exercise(id) else {
        return String::new();
    };
    let section = ExerciseSection {
        ko: lang == Lang::Ko,
        anchor: anchor(id),
        kind: exercise.spec.kind.name(),
        kind_word: entry::kind_word(exercise.spec.kind, lang),
        starter: !exercise.starter.is_empty(),
        title: exercise.spec.title.get(lang),
        text: exercise.text_html(lang),
        minutes: exercise.spec.minutes,
        points: exercise.spec.max_points(),
        entry: entry::html(&exercise.spec, lang),
    };
    section.render().unwrap_or_default()
}

/// `GET /?lang=`: the map of the course.
pub(super) async fn show_map(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Query(query): Query<MapQuery>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let lang = query.lang.unwrap_or_else(|| preferred_lang(&headers));
    let standing = app.standing(learner.id).await?;
    let other = if lang == Lang::Ko {
        "/?lang=en"
    } else {
        "/?lang=ko"
    };
    let title = if lang == Lang::Ko {
        "과정 지도"
    } else {
        "Map of the course"
    };
    let done = passed(&app.course, &standing);
    let page = Frame::new(&headers, lang, title.to_owned(), other.to_owned(), done);
    let lessons = app.course.lessons().iter().map(|lesson| MapLesson {
        number: lesson.order,
        title: lesson.title.get(lang),
        href: href(lesson, lang),
        summary: lesson.summary.get(lang),
        minutes: lesson.minutes,
        state: standing.lesson(lesson).word(),
        exercises: lesson
            .exercises
            .iter()
            .filter_map(|id| app.course.exercise(id))
            .map(|exercise| MapExercise {
                href: format!("{}#{}", href(lesson, lang), anchor(&exercise.spec.id)),
                title: exercise.spec.title.get(lang),
                state: standing.exercise(&exercise.spec.id).word(),
                points: standing.points(&exercise.spec.id),
                max_points: exercise.spec.max_points(),
            })
            .collect(),
    });
    let resume = (!standing.is_new())
        .then(|| {
            app.course
                .lessons()
                .iter()
                .find(|lesson| standing.lesson(lesson) != Mark::Passed)
        })
        .flatten()
        .map(|lesson| link(lesson, lang, &standing, false));
    let nonce = page.nonce.clone();
    let body = MapPage {
        page,
        resume,
        lessons: lessons.collect(),
    };
    Ok(answer(StatusCode::OK, &body, &nonce, Some(lang)))
}

/// Query of the map.
#[derive(Debug, Deserialize)]
pub(super) struct MapQuery {
    lang: Option<Lang>,
}

/// `GET /{lang}/lessons/{id}`.
pub(super) async fn show_lesson(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path((lang, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let Some(lang) = lang_named(&lang) else {
        return Ok(not_found(&headers));
    };
    let lessons = app.course.lessons();
    let Some(at) = lessons.iter().position(|lesson| lesson.id == id) else {
        return Ok(not_found(&headers));
    };
    let lesson = &lessons[at];
    let standing = app.standing(learner.id).await?;
    let other = if lang == Lang::Ko { Lang::En } else { Lang::Ko };
    let title = lesson.title.get(lang);
    let done = passed(&app.course, &standing);
    let page = Frame::new(&headers, lang, title.to_owned(), href(lesson, other), done);
    let nonce = page.nonce.clone();
    let neighbour = |index: Option<usize>| {
        index
            .and_then(|index| lessons.get(index))
            .map(|lesson| link(lesson, lang, &standing, false))
    };
    let body = LessonPage {
        page,
        lesson: LessonHead {
            id: &lesson.id,
            number: lesson.order,
            title,
        },
        content: app
            .texts
            .0
            .get(&(lesson.id.clone(), lang))
            .map_or("", String::as_str),
        lessons: lessons
            .iter()
            .map(|one| link(one, lang, &standing, one.id == lesson.id))
            .collect(),
        previous: neighbour(at.checked_sub(1)),
        next: neighbour(Some(at + 1)),
    };
    Ok(answer(StatusCode::OK, &body, &nonce, Some(lang)))
}

fn link<'a>(lesson: &'a Lesson, lang: Lang, standing: &Standing, current: bool) -> LessonLink<'a> {
    LessonLink {
        number: lesson.order,
        title: lesson.title.get(lang),
        href: href(lesson, lang),
        current,
        done: standing.lesson(lesson) == Mark::Passed,
    }
}

fn href(lesson: &Lesson, lang: Lang) -> String {
    format!("/{}/lessons/{}", lang_code(lang), lesson.id)
}

/// How many exercises are passed, and how many there are.
pub(super) fn passed(course: &Course, standing: &Standing) -> (usize, usize) {
    let exercises = course.exercises().iter();
    let done = exercises.filter(|exercise| standing.exercise(&exercise.spec.id) == Mark::Passed);
    (done.count(), course.exercises().len())
}
