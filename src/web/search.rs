//! Search over the lessons and exercises.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use checker::Lang;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::AppState;
use super::door::not_found;
use super::error::AppError;
use super::frame::{Frame, answer, lang_code, lang_named};
use super::pages::passed;
use crate::course::search::Hit;
use crate::store::Learner;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    page: Frame,
    query: &'a str,
    hits: Vec<Hit<'a>>,
}

/// Query of the search page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SearchQuery {
    #[serde(default)]
    q: String,
}

/// `GET /{lang}/search?q=`: a form, and the places where all words stand.
pub(super) async fn show_search(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(lang): Path<String>,
    Query(query): Query<SearchQuery>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let Some(lang) = lang_named(&lang) else {
        return Ok(not_found(&headers));
    };
    let standing = app.standing(learner.id).await?;
    let done = passed(&app.course, &standing);
    let title = match lang {
        Lang::Ko => "찾기",
        Lang::En => "Search",
    };
    let other = match lang {
        Lang::Ko => Lang::En,
        Lang::En => Lang::Ko,
    };
    let asked = utf8_percent_encode(query.q.trim(), NON_ALPHANUMERIC);
    let other = format!("/{}/search?q={asked}", lang_code(other));
    let page = Frame::new(&headers, lang, title.to_owned(), other, done);
    let nonce = page.nonce.clone();
    let body = SearchPage {
        page,
        query: query.q.trim(),
        hits: app.index.find(lang, &query.q),
    };
    Ok(answer(StatusCode::OK, &body, &nonce, Some(lang)))
}
