//! Which call does what, and why others are not there.

use super::incoming::Kept;
use super::{
    Answer, Ask, archive, build, commit, containers, create, events, exec, hijack, images,
    lifecycle, load, login, networks, no_content, pull, push, rename, reset, save, streams, system,
    volumes,
};
use crate::audit::Recording;
use crate::error::Fault;
use crate::policy::path;
use crate::scope::Inner;
use hyper::{Method, Request, StatusCode, header};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub(super) async fn route(
    scope: &Arc<Inner>,
    stop: CancellationToken,
    recording: &mut Recording,
    mut request: Request<Kept>,
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
        ("POST", ["containers", "create"]) => {
            whole(scope, move |scope| async move {
                create::create(&scope, ask).await
            })
            .await
        }
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
        ("POST", ["containers", id, "start"]) => {
            let id = (*id).to_owned();
            whole(scope, move |scope| async move {
                lifecycle::start(&scope, ask, &id).await
            })
            .await
        }
        ("POST", ["containers", id, "rename"]) => {
            let id = (*id).to_owned();
            whole(scope, move |scope| async move {
                rename::rename(&scope, ask, &id).await
            })
            .await
        }
        ("POST", ["containers", id, "update"]) => lifecycle::update(scope, ask, id).await,
        (
            "POST",
            [
                "containers",
                id,
                verb @ ("stop" | "kill" | "restart" | "pause" | "unpause" | "resize"),
            ],
        ) => lifecycle::simple(scope, ask, id, verb).await,
        ("DELETE", ["containers", id]) => {
            let id = (*id).to_owned();
            whole(scope, move |scope| async move {
                lifecycle::remove(&scope, ask, &id).await
            })
            .await
        }

        ("POST", ["exec", id, "start"]) => exec::start(scope, ask, id).await,
        ("POST", ["exec", id, "resize"]) => exec::resize(scope, ask, id).await,
        ("GET", ["exec", id, "json"]) => exec::inspect(scope, &ask, id).await,

        ("GET", ["images", "json"]) => images::list(scope, &ask).await,
        ("POST", ["images", "create"]) => pull::pull(scope, ask).await,
        ("POST", ["images", "prune"]) => images::prune(scope, ask).await,
        ("POST", ["commit"]) => {
            whole(scope, move |scope| async move {
                commit::commit(&scope, ask).await
            })
            .await
        }
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
        ("POST", ["networks", "create"]) => {
            whole(scope, move |scope| async move {
                networks::create(&scope, ask).await
            })
            .await
        }
        ("POST", ["networks", "prune"]) => networks::prune(scope, ask).await,
        ("GET", ["networks", id]) => networks::inspect(scope, &ask, id).await,
        ("POST", ["networks", id, "connect"]) => networks::connect(scope, ask, id).await,
        ("POST", ["networks", id, "disconnect"]) => networks::disconnect(scope, ask, id).await,
        ("DELETE", ["networks", id]) => {
            let id = (*id).to_owned();
            whole(scope, move |scope| async move {
                networks::remove(&scope, ask, &id).await
            })
            .await
        }

        ("GET", ["volumes"]) => volumes::list(scope, &ask).await,
        ("POST", ["volumes", "create"]) => {
            whole(scope, move |scope| async move {
                volumes::create(&scope, ask).await
            })
            .await
        }
        ("POST", ["volumes", "prune"]) => volumes::prune(scope, ask).await,
        ("GET", ["volumes", name]) => volumes::inspect(scope, &ask, name).await,
        ("DELETE", ["volumes", name]) => {
            let name = (*name).to_owned();
            whole(scope, move |scope| async move {
                volumes::remove(&scope, ask, &name).await
            })
            .await
        }

        _ => Err(unknown(&method, &words)),
    }
}

/// Does the work to its end also when the client goes away meanwhile: between the books and the engine nothing may break off.
async fn whole<F>(scope: &Arc<Inner>, work: impl FnOnce(Arc<Inner>) -> F) -> Answer
where
    F: Future<Output = Answer> + Send + 'static,
{
    tokio::spawn(work(scope.clone()))
        .await
        .unwrap_or_else(|error| Err(Fault::internal(error.to_string())))
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
