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
pub(crate) mod lifecycle;
mod load;
mod login;
pub(crate) mod networks;
pub(crate) mod publish;
mod pull;
mod push;
pub(crate) mod reset;
mod save;
mod streams;
mod system;
mod volumes;

use crate::audit::{Caller, Note, Recording};
use crate::error::Fault;
use crate::policy::{json, path};
use crate::scope::Inner;
use crate::upstream::{self, Body, Call, full};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The largest JSON body that is read.
const LARGEST_BODY: usize = 1 << 20;
/// How long a client may take to send a JSON body.
const BODY_TIME: Duration = Duration::from_secs(30);

pub(crate) type Answer = Result<Response<Body>, Fault>;

/// A request, taken apart.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
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
    let mut response = match route(scope, stop, &mut recording, request).await {
        Ok(response) => response,
        Err(fault) => {
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

async fn route(
    scope: &Arc<Inner>,
    stop: CancellationToken,
    recording: &mut Recording,
    mut request: Request<Incoming>,
) -> Answer {
    let headers = request.headers();
    if headers.contains_key(header::CONTENT_LENGTH)
        && headers.contains_key(header::TRANSFER_ENCODING)
    {
        return Err(Fault::bad(
            "a request has either Content-Length or Transfer-Encoding",
        ));
    }
    if recording.by_learner() && !scope.rate.take(scope.limits().requests_per_second) {
        return Err(too_many(scope));
    }
    let upgrade = headers
        .contains_key(header::UPGRADE)
        .then(|| hyper::upgrade::on(&mut request));
    let (parts, body) = request.into_parts();
    let words = path::split(parts.uri.path(), scope.shared.upstream.minor())?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    recording.route(parts.method.as_str(), &words);
    let ask = Ask {
        method: parts.method,
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
        upgrade,
        note: recording.note(),
        stop,
    };
    let method = ask.method.clone();
    match (method.as_str(), words.as_slice()) {
        ("GET" | "HEAD", ["_ping"]) => Ok(system::ping()),
        ("GET", ["version"]) => Ok(system::version(scope)),
        ("GET", ["info"]) => system::info(scope).await,
        ("GET", ["_docktutor", "usage"]) => system::usage(scope, &ask).await,
        ("POST", ["auth"]) => login::login(scope, ask).await,
        ("GET", ["_docktutor", "registry"]) => login::account(scope, &ask),
        // Only the server's own tools may: a learner has prune.
        ("POST", ["_docktutor", "reset"]) if !recording.by_learner() => {
            ask.no_body().await?;
            reset::everything(scope).await?;
            no_content()
        }
        ("GET", ["system", "df"]) => system::disk_usage(scope, &ask).await,
        ("GET", ["events"]) => events::stream(scope, &ask).await,
        ("POST", ["build"]) => build::build(scope, ask).await,

        ("POST", ["build", "prune"]) => system::prune_builds(ask).await,

        ("GET", ["containers", "json"]) => containers::list(scope, &ask).await,
        ("POST", ["containers", "create"]) => create::create(scope, ask).await,
        ("POST", ["containers", "prune"]) => containers::prune(scope, ask).await,
        ("GET", ["containers", id, "json"]) => containers::inspect(scope, &ask, id).await,
        ("GET", ["containers", id, "logs"]) => streams::logs(scope, &ask, id).await,
        ("GET", ["containers", id, "top"]) => streams::top(scope, &ask, id).await,
        ("GET", ["containers", id, "stats"]) => streams::stats(scope, &ask, id).await,
        ("GET", ["containers", id, "changes"]) => streams::changes(scope, &ask, id).await,
        ("GET", ["containers", id, "export"]) => archive::export(scope, &ask, id).await,
        ("GET" | "HEAD", ["containers", id, "archive"]) => archive::read(scope, &ask, id).await,
        ("PUT", ["containers", id, "archive"]) => archive::write(scope, ask, id).await,
        ("POST", ["containers", id, "attach"]) => hijack::attach(scope, ask, id).await,
        ("POST", ["containers", id, "exec"]) => exec::create(scope, ask, id).await,
        ("POST", ["containers", id, "wait"]) => lifecycle::wait(scope, ask, id).await,
        ("POST", ["containers", id, "start"]) => lifecycle::start(scope, ask, id).await,
        ("POST", ["containers", id, "rename"]) => lifecycle::rename(scope, ask, id).await,
        ("POST", ["containers", id, "update"]) => lifecycle::update(scope, ask, id).await,
        (
            "POST",
            [
                "containers",
                id,
                verb @ ("stop" | "kill" | "restart" | "pause" | "unpause" | "resize"),
            ],
        ) => lifecycle::simple(scope, ask, id, verb).await,
        ("DELETE", ["containers", id]) => lifecycle::remove(scope, ask, id).await,

        ("POST", ["exec", id, "start"]) => exec::start(scope, ask, id).await,
        ("POST", ["exec", id, "resize"]) => exec::resize(scope, ask, id).await,
        ("GET", ["exec", id, "json"]) => exec::inspect(scope, &ask, id).await,

        ("GET", ["images", "json"]) => images::list(scope, &ask).await,
        ("POST", ["images", "create"]) => pull::pull(scope, ask).await,
        ("POST", ["images", "prune"]) => images::prune(scope, ask).await,
        ("POST", ["commit"]) => commit::commit(scope, ask).await,
        ("POST", ["images", "load"]) => load::load(scope, ask).await,
        ("GET", ["images", "get"]) => save::several(scope, &ask).await,
        ("GET", ["images", name @ .., "get"]) => save::one(scope, &ask, &name.join("/")).await,
        ("GET", ["images", name @ .., "json"]) => {
            images::inspect(scope, &ask, &name.join("/")).await
        }
        ("GET", ["images", name @ .., "history"]) => {
            images::history(scope, &ask, &name.join("/")).await
        }
        ("POST", ["images", name @ .., "push"]) => push::push(scope, ask, &name.join("/")).await,
        ("POST", ["images", name @ .., "tag"]) => images::tag(scope, ask, &name.join("/")).await,
        ("DELETE", ["images", name @ ..]) => images::remove(scope, ask, &name.join("/")).await,

        ("GET", ["networks"]) => networks::list(scope, &ask).await,
        ("POST", ["networks", "create"]) => networks::create(scope, ask).await,
        ("POST", ["networks", "prune"]) => networks::prune(scope, ask).await,
        ("GET", ["networks", id]) => networks::inspect(scope, &ask, id).await,
        ("POST", ["networks", id, "connect"]) => networks::connect(scope, ask, id).await,
        ("POST", ["networks", id, "disconnect"]) => networks::disconnect(scope, ask, id).await,
        ("DELETE", ["networks", id]) => networks::remove(scope, ask, id).await,

        ("GET", ["volumes"]) => volumes::list(scope, &ask).await,
        ("POST", ["volumes", "create"]) => volumes::create(scope, ask).await,
        ("POST", ["volumes", "prune"]) => volumes::prune(scope, ask).await,
        ("GET", ["volumes", name]) => volumes::inspect(scope, &ask, name).await,
        ("DELETE", ["volumes", name]) => volumes::remove(scope, ask, name).await,

        _ => Err(unknown(&method, &words)),
    }
}

fn too_many(scope: &Inner) -> Fault {
    let limit = scope.limits().requests_per_second;
    Fault::new(
        StatusCode::TOO_MANY_REQUESTS,
        format!(
            "this sandbox takes {limit} requests a second and got more: wait a moment, and look for a loop that \
             calls docker without a pause"
        ),
    )
    .by("limit")
}

/// Why a call is not there.
fn unknown(method: &Method, words: &[&str]) -> Fault {
    // `docker inspect me/app` asks for a container of that name first, and so on.
    match words {
        ["containers", name @ .., "json"] if *method == Method::GET && name.len() > 1 => {
            return Fault::no_container(&name.join("/"));
        }
        ["networks", name @ ..] if *method == Method::GET && name.len() > 1 => {
            return Fault::no_network(&name.join("/"));
        }
        ["volumes", name @ ..] if *method == Method::GET && name.len() > 1 => {
            return Fault::no_volume(&name.join("/"));
        }
        _ => {}
    }
    let reason = match words {
        ["grpc" | "session", ..] => {
            "BuildKit would go round the sandbox's checks. Set DOCKER_BUILDKIT=0 (and COMPOSE_DOCKER_CLI_BUILD=0), \
             then docker build and docker compose build use the classic builder"
        }
        [
            "swarm" | "nodes" | "services" | "tasks" | "secrets" | "configs",
            ..,
        ] => "swarm mode is not part of it",
        ["plugins", _, "json"] => {
            return Fault::missing(format!("plugin {:?} not found", words[1]));
        }
        ["plugins", ..] => "plugins would run on the host",
        ["distribution", ..] | ["images", "search"] => "registries cannot be reached from here",
        ["containers", _, "attach", "ws"] => {
            "attaching over WebSocket is not offered; attach over the API's own stream"
        }
        ["containers", _, "checkpoints", ..] => "checkpoints are not part of it",
        _ => "this call is not known to the sandbox",
    };
    Fault::refused(format!("{method} /{}: {reason}", words.join("/")))
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
