//! The way in, and what is shown to who has no token or asks for what is not there.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use checker::Lang;
use serde::Deserialize;

use super::AppState;
use super::error::AppError;
use super::frame::{Frame, answer, preferred_lang};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Frame,
    heading: &'static str,
    message: String,
    next: &'static str,
    details: Option<String>,
    map_link: bool,
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

pub(super) fn not_found(headers: &HeaderMap) -> Response {
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
    let page = ErrorPage {
        page: Frame::new(headers, lang, heading.to_owned(), "/".to_owned(), (0, 0)),
        heading,
        message: message.to_owned(),
        next,
        details: None,
        map_link,
    };
    let nonce = page.page.nonce.clone();
    answer(status, &page, &nonce, None)
}
