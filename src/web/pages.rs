//! The pages that the server renders: the map of the course, lessons, and what is shown instead of them.

use std::collections::HashMap;
use std::fmt::Write as _;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use checker::Lang;
use serde::Deserialize;

use super::AppState;
use super::error::AppError;
use super::standing::{Mark, Standing};
use crate::course::{Course, Lesson};
use crate::store::Learner;

/// What every template needs.
struct PageContext {
    lang: &'static str,
    ko: bool,
    theme: &'static str,
    nonce: String,
    title: String,
    other_href: String,
    done: usize,
    total: usize,
}

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
    page: PageContext,
    lesson: LessonHead<'a>,
    content: &'a str,
    lessons: Vec<LessonLink<'a>>,
    previous: Option<LessonLink<'a>>,
    next: Option<LessonLink<'a>>,
}

struct MapExercise<'a> {
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
    page: PageContext,
    resume: Option<LessonLink<'a>>,
    lessons: Vec<MapLesson<'a>>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: PageContext,
    heading: &'static str,
    message: String,
    next: &'static str,
    details: Option<String>,
    map_link: bool,
}

#[derive(Template)]
#[template(path = "exercise.html")]
struct ExerciseSection<'a> {
    ko: bool,
    title: &'a str,
    text: &'a str,
    minutes: u32,
    points: u32,
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
        title: exercise.spec.title.get(lang),
        text: exercise.text_html(lang),
        minutes: exercise.spec.minutes,
        points: exercise.spec.max_points(),
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
    let page = context(
        &app.course,
        &standing,
        &headers,
        lang,
        title.to_owned(),
        other.to_owned(),
    );
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
    let lang = match lang.as_str() {
        "ko" => Lang::Ko,
        "en" => Lang::En,
        _ => return Ok(not_found(&headers)),
    };
    let lessons = app.course.lessons();
    let Some(at) = lessons.iter().position(|lesson| lesson.id == id) else {
        return Ok(not_found(&headers));
    };
    let lesson = &lessons[at];
    let standing = app.standing(learner.id).await?;
    let other = if lang == Lang::Ko { Lang::En } else { Lang::Ko };
    let title = lesson.title.get(lang);
    let page = context(
        &app.course,
        &standing,
        &headers,
        lang,
        title.to_owned(),
        href(lesson, other),
    );
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

/// Query of `/enter`.
#[derive(Debug, Deserialize)]
pub(super) struct EnterQuery {
    #[serde(default)]
    token: String,
}

/// `GET /enter?token=`: sets the cookie and goes on to the map.
pub(super) async fn enter(
    State(app): State<AppState>,
    Query(query): Query<EnterQuery>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    if app
        .access
        .learner(&app.store, &query.token)
        .await?
        .is_none()
    {
        return Ok(show_unauthorized(&headers));
    }
    // A page that goes on by itself, and no redirect: a strict cookie is not sent along a redirect that began on
    // another site, such as a chat in which the address was passed on.
    const ON: &str = "<!doctype html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url=/\"><title>Docktutor</title><a href=\"/\">Docktutor</a>";
    Ok((
        [
            (header::SET_COOKIE, app.access.set_cookie(&query.token)),
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
        ON,
    )
        .into_response())
}

/// What a browser without a token gets instead of any page.
pub(super) fn show_unauthorized(headers: &HeaderMap) -> Response {
    let ko = preferred_lang(headers) == Lang::Ko;
    error_page(
        headers,
        StatusCode::UNAUTHORIZED,
        if ko {
            "먼저 들어오세요"
        } else {
            "Come in first"
        },
        if ko {
            "이 서버는 토큰이 있는 브라우저에만 답해요."
        } else {
            "This server answers only a browser that has a token."
        },
        if ko {
            "서버를 시작할 때 터미널에 나온 주소를 그대로 여세요. /enter?token=… 으로 끝나요."
        } else {
            "Open the address that the server printed when it started; it has /enter?token=… in it."
        },
        false,
    )
}

/// The fallback: 404 as JSON for the API, as a page for people.
pub(super) async fn show_not_found(uri: axum::http::Uri, headers: HeaderMap) -> Response {
    if uri.path().starts_with("/api/") || uri.path().starts_with("/ws/") {
        return AppError::not_found("call", uri.path()).into_response();
    }
    not_found(&headers)
}

fn not_found(headers: &HeaderMap) -> Response {
    let ko = preferred_lang(headers) == Lang::Ko;
    error_page(
        headers,
        StatusCode::NOT_FOUND,
        if ko {
            "여기에는 아무것도 없어요"
        } else {
            "There is nothing here"
        },
        if ko {
            "이 주소에는 페이지가 없어요. 과정이 바뀌었을 수 있어요."
        } else {
            "No page has this address. The course may have changed."
        },
        if ko {
            "과정 지도에서 다시 찾아보세요."
        } else {
            "Look for it on the map of the course."
        },
        true,
    )
}

fn error_page(
    headers: &HeaderMap,
    status: StatusCode,
    heading: &'static str,
    message: &str,
    next: &'static str,
    map_link: bool,
) -> Response {
    let lang = preferred_lang(headers);
    let nonce = new_nonce();
    let page = ErrorPage {
        page: PageContext {
            lang: lang_code(lang),
            ko: lang == Lang::Ko,
            theme: theme(headers),
            nonce: nonce.clone(),
            title: heading.to_owned(),
            other_href: "/".to_owned(),
            done: 0,
            total: 0,
        },
        heading,
        message: message.to_owned(),
        next,
        details: None,
        map_link,
    };
    answer(status, &page, &nonce, None)
}

fn context(
    course: &Course,
    standing: &Standing,
    headers: &HeaderMap,
    lang: Lang,
    title: String,
    other_href: String,
) -> PageContext {
    let exercises = course.exercises();
    PageContext {
        lang: lang_code(lang),
        ko: lang == Lang::Ko,
        theme: theme(headers),
        nonce: new_nonce(),
        title,
        other_href,
        done: exercises
            .iter()
            .filter(|exercise| standing.exercise(&exercise.spec.id) == Mark::Passed)
            .count(),
        total: exercises.len(),
    }
}

/// A page under its policy; the language of a page that was asked for is remembered for the map.
fn answer(status: StatusCode, page: &impl Template, nonce: &str, lang: Option<Lang>) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a template failed");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let mut response = (
        status,
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "private, no-cache"),
        ],
        html,
    )
        .into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(lang) = lang {
        let cookie = format!(
            "lang={}; Path=/; Max-Age=31536000; SameSite=Strict",
            lang_code(lang)
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.insert(header::SET_COOKIE, cookie);
        }
    }
    response
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

fn lang_code(lang: Lang) -> &'static str {
    match lang {
        Lang::Ko => "ko",
        Lang::En => "en",
    }
}

/// The cookie's language, else the first of Accept-Language that we have, else English.
fn preferred_lang(headers: &HeaderMap) -> Lang {
    match cookie(headers, "lang") {
        Some("ko") => return Lang::Ko,
        Some("en") => return Lang::En,
        _ => {}
    }
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accepted
        .split(',')
        .map(|one| one.trim().to_ascii_lowercase())
        .find_map(|one| match one.get(..2) {
            Some("ko") => Some(Lang::Ko),
            Some("en") => Some(Lang::En),
            _ => None,
        })
        .unwrap_or_default()
}

fn theme(headers: &HeaderMap) -> &'static str {
    match cookie(headers, "theme") {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "auto",
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    super::access::cookies(headers)
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// 128 random bits for one answer.
fn new_nonce() -> String {
    let mut bytes = [0; 16];
    // The kernel's generator does not fail once the system has started; a fixed nonce would be worse than none.
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    bytes
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
