//! Who may come in: the Host and Origin checks and the token's cookie.
//!
//! Every request passes `check_host`, every change and every WebSocket `check_origin`, and everything but `/enter` and
//! the assets `check_token`. The layers stand in `router.rs`.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::RwLock;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::AppError;
use super::{AppState, door};
use crate::store::{Learner, Store};

/// The names under which this server may be asked, and the learners who came in.
#[derive(Debug)]
pub(super) struct Access {
    hosts: BTreeSet<String>,
    cookie: String,
    known: RwLock<HashMap<String, Learner>>,
}

impl Access {
    /// Allows the loopback names with `listen`'s port, `listen` itself, and `extra` (a host name, with or without a port).
    pub(super) fn new(listen: SocketAddr, extra: &[String]) -> Access {
        let port = listen.port();
        let mut names = vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "[::1]".to_owned(),
        ];
        if !listen.ip().is_unspecified() {
            names.push(match listen {
                SocketAddr::V4(address) => address.ip().to_string(),
                SocketAddr::V6(address) => format!("[{}]", address.ip()),
            });
        }
        let mut hosts: BTreeSet<String> =
            extra.iter().map(|host| host.to_ascii_lowercase()).collect();
        names.extend(hosts.iter().filter(|host| !host.contains(':')).cloned());
        for name in names {
            hosts.insert(format!("{name}:{port}"));
            if port == 80 {
                hosts.insert(name);
            }
        }
        Access {
            hosts,
            // Cookies do not know ports, so the port is in the name: two servers on one machine do not log each other out.
            cookie: format!("docktutor-{port}"),
            known: RwLock::default(),
        }
    }

    /// The `Set-Cookie` value that lets `token` in for half a year.
    pub(super) fn set_cookie(&self, token: &str) -> String {
        format!(
            "{}={token}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict",
            self.cookie
        )
    }

    /// Who has this token. Only tokens that are right are remembered, so the memory is bounded by the learners.
    pub(super) async fn learner(
        &self,
        store: &Store,
        token: &str,
    ) -> Result<Option<Learner>, sqlx::Error> {
        if let Ok(known) = self.known.read()
            && let Some(learner) = known.get(token)
        {
            return Ok(Some(learner.clone()));
        }
        let found = store.learner_by_token(token).await?;
        if let Some(learner) = &found
            && let Ok(mut known) = self.known.write()
        {
            known.insert(token.to_owned(), learner.clone());
        }
        Ok(found)
    }

    fn allows_host(&self, host: &str) -> bool {
        self.hosts.contains(&host.to_ascii_lowercase())
    }

    fn allows_origin(&self, origin: &str) -> bool {
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(|host| self.allows_host(host))
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        cookies(headers)
            .find(|(name, _)| *name == self.cookie)
            .map(|(_, value)| value)
    }
}

/// All cookies of a request, as name and value.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// Refuses a request whose Host is not ours, so that a foreign name that resolves to this machine (DNS rebinding) gets nothing.
pub(super) async fn check_host(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    match host {
        Some(host) if app.access.allows_host(host) => next.run(request).await,
        _ => AppError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This server does not answer under that name.",
            "Open the address that the server printed, or start it with --host NAME.",
        )
        .into_response(),
    }
}

/// Refuses a change or a WebSocket that does not come from one of our own pages.
pub(super) async fn check_origin(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && !request.headers().contains_key(header::UPGRADE) {
        return next.run(request).await;
    }
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok());
    if origin.is_some_and(|origin| app.access.allows_origin(origin)) {
        return next.run(request).await;
    }
    AppError::new(
        StatusCode::FORBIDDEN,
        "The request does not come from a page of this server.",
        "Use the page itself; a program sends an Origin header with this server's address.",
    )
    .into_response()
}

/// Lets nobody without a token further. The learner is an extension of the request from here on.
pub(super) async fn check_token(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let learner = match app.access.token(request.headers()) {
        Some(token) => app.access.learner(&app.store, token).await?,
        None => None,
    };
    if let Some(learner) = learner {
        request.extensions_mut().insert(learner);
        return Ok(next.run(request).await);
    }
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/ws/") {
        return Err(AppError::new(
            StatusCode::UNAUTHORIZED,
            "You are not logged in here.",
            "Open the address with the token that the server printed at its start.",
        ));
    }
    Ok(door::show_unauthorized(request.headers()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new("127.0.0.1:8080".parse().unwrap(), &["tutor.lan".to_owned()])
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let access = access();
        for host in [
            "127.0.0.1:8080",
            "LOCALHOST:8080",
            "[::1]:8080",
            "tutor.lan",
            "tutor.lan:8080",
        ] {
            assert!(access.allows_host(host), "{host}");
        }
        for host in [
            "localhost",
            "127.0.0.1:9",
            "evil.example",
            "evil.example:8080",
            "localhost:8080.evil.example",
            "",
        ] {
            assert!(!access.allows_host(host), "{host}");
        }
    }

    #[test]
    fn origins_are_pages_of_our_own() {
        let access = access();
        assert!(access.allows_origin("http://localhost:8080"));
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost:8081",
            "ftp://localhost:8080",
            "localhost:8080",
        ] {
            assert!(!access.allows_origin(origin), "{origin}");
        }
    }

    #[test]
    fn the_cookie_of_another_port_is_not_ours() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            "docktutor-9090=other; theme=dark".parse().unwrap(),
        );
        assert_eq!(access().token(&headers), None);
        headers.append(header::COOKIE, "a=b; docktutor-8080=mine".parse().unwrap());
        assert_eq!(access().token(&headers), Some("mine"));
    }
}
