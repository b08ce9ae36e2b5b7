//! What each call does: routing, and the pieces that all calls share.

mod archive;
pub(crate) mod binds;
pub(crate) mod build;
mod commit;
mod containers;
mod create;
mod events;
mod exec;
mod fetch;
mod hijack;
mod images;
mod import;
pub(crate) mod incoming;
pub(crate) mod lifecycle;
mod load;
mod login;
pub(crate) mod networks;
pub(crate) mod publish;
mod pull;
mod push;
mod rename;
pub(crate) mod reset;
mod routes;
mod save;
mod streams;
mod system;
mod volumes;

use crate::audit::{Caller, Note, Recording};
use crate::error::Fault;
use crate::policy::json;
use crate::scope::Inner;
use crate::upstream::{self, Body, Call, full};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, header};
use incoming::Kept;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The largest JSON body that is read.
const LARGEST_BODY: usize = 1 << 20;
/// How long a call that has failed may still hold the rest of its body.
const GIVEN_BACK: Duration = Duration::from_secs(1);
/// How long a client may take to send a JSON body.
const BODY_TIME: Duration = Duration::from_secs(30);

pub(crate) type Answer = Result<Response<Body>, Fault>;

/// A request, taken apart.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Kept,
    pub(crate) upgrade: Option<hyper::upgrade::OnUpgrade>,
    /// What the audit log shall know.
    pub(crate) note: Note,
    /// Cancelled when the scope's socket closes.
    pub(crate) stop: CancellationToken,
}

impl Ask {
    pub(crate) fn params(&self, known: &[&str]) -> Result<crate::policy::query::Params, Fault> {
        crate::policy::query::Params::parse(self.query.as_deref(), known)
    }

    /// Reads the body as one JSON object without repeated keys.
    pub(crate) async fn object(self) -> Result<Map<String, Value>, Fault> {
        json::object(&self.bytes().await?)
    }

    /// Makes sure that there is no body; the engine would read one on some calls.
    pub(crate) async fn no_body(self) -> Result<(), Fault> {
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            Ok(())
        } else {
            Err(Fault::refused("this call takes no body"))
        }
    }

    async fn bytes(self) -> Result<Bytes, Fault> {
        let too_large = || {
            Fault::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request's body is too large",
            )
        };
        let read = Limited::new(self.body, LARGEST_BODY).collect();
        match tokio::time::timeout(BODY_TIME, read).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(Fault::bad("the request's body broke off")),
            Err(_) => Err(Fault::new(
                StatusCode::REQUEST_TIMEOUT,
                "the request's body did not come",
            )),
        }
    }
}

/// Answers one request; nothing that goes wrong leaves this function but as an answer.
pub(crate) async fn handle(
    scope: &Arc<Inner>,
    caller: Caller,
    stop: CancellationToken,
    request: Request<Incoming>,
) -> Response<Body> {
    let (method, raw) = (request.method().clone(), request.uri().path().to_owned());
    let mut recording = Recording::new(scope, caller, method.as_str(), &raw);
    let (parts, body) = request.into_parts();
    let (body, unread) = Kept::new(body);
    let request = Request::from_parts(parts, body);
    let mut response = match routes::route(scope, stop, &mut recording, request).await {
        Ok(response) => response,
        Err(fault) => {
            if let Ok(Ok(mut body)) = tokio::time::timeout(GIVEN_BACK, unread).await {
                build::spool::read_on(&mut body).await;
            }
            recording.fault(&fault);
            tracing::debug!(scope = scope.name, %method, path = raw, status = %fault.status, fault.message);
            let message = scope.scrub(&fault.message);
            json_response(fault.status, &json!({ "message": message }))
        }
    };
    recording.finish(response.status());
    let headers = response.headers_mut();
    let version = format!("1.{}", scope.shared.upstream.minor());
    if let Ok(version) = version.parse() {
        headers.insert("Api-Version", version);
    }
    headers.insert(
        "Docker-Experimental",
        header::HeaderValue::from_static("false"),
    );
    headers.insert("Ostype", header::HeaderValue::from_static("linux"));
    headers.insert(
        header::SERVER,
        header::HeaderValue::from_static("Docktutor"),
    );
    response
}

/// Sends a call to the engine and passes its answer on as it comes; errors get the learner's names.
pub(crate) async fn relay(scope: &Inner, call: Call) -> Answer {
    let answer = scope.shared.upstream.send(call).await?;
    pass_on(answer).await
}

/// Turns the engine's answer into the client's: the status, the kind of content and the stream, nothing else.
pub(crate) async fn pass_on(answer: Response<Body>) -> Answer {
    let status = answer.status();
    if status.is_client_error() || status.is_server_error() {
        let bytes = upstream::collect(answer).await?;
        return Err(upstream::fault(status, &bytes));
    }
    let mut response = Response::builder().status(status);
    for name in [
        header::CONTENT_TYPE.as_str(),
        "X-Docker-Container-Path-Stat",
    ] {
        if let Some(value) = answer.headers().get(name) {
            response = response.header(name, value);
        }
    }
    response
        .body(answer.into_body())
        .map_err(|error| Fault::internal(error.to_string()))
}

pub(crate) fn json_response(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(full(format!("{value}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

pub(crate) fn ok(value: &Value) -> Answer {
    Ok(json_response(StatusCode::OK, value))
}

/// A list as the engine writes it: one that was never begun is `null`.
pub(crate) fn or_null(list: Vec<Value>) -> Value {
    if list.is_empty() {
        Value::Null
    } else {
        Value::Array(list)
    }
}

pub(crate) fn no_content() -> Answer {
    let mut response = Response::new(full(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

/// Finds an own container; foreign ones are answered like missing ones.
pub(crate) fn own_container(scope: &Inner, text: &str) -> Result<crate::ledger::Container, Fault> {
    match scope.state().container(text) {
        Ok(Some(container)) => Ok(container.clone()),
        Ok(None) => Err(Fault::no_container(text)),
        Err(()) => Err(Fault::bad(format!(
            "Multiple IDs found with provided prefix: {text}"
        ))),
    }
}

/// The full id of an own container.
pub(crate) fn own_id(scope: &Inner, text: &str) -> Result<String, Fault> {
    own_container(scope, text)?
        .id
        .ok_or_else(|| Fault::no_container(text))
}
