//! What all pages have in common: the frame of each template, its policy, and what the browser prefers.

use std::fmt::Write as _;

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use checker::Lang;

/// What every template needs.
pub(super) struct Frame {
    pub(super) lang: &'static str,
    pub(super) ko: bool,
    pub(super) theme: &'static str,
    pub(super) nonce: String,
    pub(super) title: String,
    pub(super) other_href: String,
    pub(super) done: usize,
    pub(super) total: usize,
}

impl Frame {
    /// The frame of one answer. `done` and `total` count exercises; 0 of 0 hides the progress.
    pub(super) fn new(
        headers: &HeaderMap,
        lang: Lang,
        title: String,
        other_href: String,
        (done, total): (usize, usize),
    ) -> Frame {
        Frame {
            lang: lang_code(lang),
            ko: lang == Lang::Ko,
            theme: theme(headers),
            nonce: new_nonce(),
            title,
            other_href,
            done,
            total,
        }
    }
}

/// A page under its policy; the language of a page that was asked for is remembered for the map.
pub(super) fn answer(
    status: StatusCode,
    page: &impl Template,
    nonce: &str,
    lang: Option<Lang>,
) -> Response {
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

pub(super) fn lang_code(lang: Lang) -> &'static str {
    match lang {
        Lang::Ko => "ko",
        Lang::En => "en",
    }
}

/// The language of a path's first part.
pub(super) fn lang_named(code: &str) -> Option<Lang> {
    match code {
        "ko" => Some(Lang::Ko),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// The cookie's language, else the first of Accept-Language that we have, else English.
pub(super) fn preferred_lang(headers: &HeaderMap) -> Lang {
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
