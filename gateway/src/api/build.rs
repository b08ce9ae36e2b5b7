//! `POST /build`: the context is read, its Dockerfile rebuilt, and the classic builder gets both.

mod output;
mod request;
pub(crate) mod spool;

use super::{Answer, Ask, images};
use crate::disk;
use crate::error::Fault;
use crate::ledger::{Change, Image};
use crate::names;
use crate::policy::reference::Reference;
use crate::policy::{context, dockerfile};
use crate::scope::Inner;
use crate::upstream::{self, Body, Call, End};
use hyper::{Response, header};
use output::Output;
use request::Wanted;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Intermediate images that are remembered for the cache.
const LAYERS: usize = 300;

pub(crate) async fn build(scope: &Arc<Inner>, mut ask: Ask) -> Answer {
    let params = ask.params(&request::KNOWN)?;
    if ask
        .headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity")
    {
        return Err(Fault::refused(
            "a compressed build context: build without --compress",
        ));
    }
    ask.note
        .object(params.all("t").collect::<Vec<_>>().join(" "));
    // Limits, network and the names of images are always written by the gateway.
    ask.note.rewrote("dockerfile");
    let wanted = request::read(scope, &params)?;
    let permit = scope
        .building
        .clone()
        .acquire_owned()
        .await
        .map_err(|_| Fault::internal("shutting down"))?;
    disk::room_to_receive(scope, &mut ask.body).await?;
    let context = spool::Expected {
        what: "the build context",
        largest: scope.limits().archive,
        remedy: "leave files out by .dockerignore",
    };
    let deadline = Duration::from_secs(scope.limits().build_seconds);
    let mut file = spool::receive(&scope.shared.folder, ask.body, context).await?;
    let (scan, rebuilt, file) = {
        let (asked, arguments, scope) = (
            wanted.dockerfile.clone(),
            wanted.arguments.clone(),
            scope.clone(),
        );
        let work = move || {
            let scan = context::scan(&file, &asked)?;
            context::rewind(&mut file).map_err(|error| Fault::internal(error.to_string()))?;
            let resolve =
                |name: &str| images::resolve(&scope, name).map_err(|fault| explain(name, &fault));
            let rebuilt = dockerfile::rebuild(&scan.dockerfile, &arguments, &resolve)?;
            Ok::<_, Fault>((scan, rebuilt, file))
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Fault::internal(error.to_string()))??
    };
    let keep = reserve(scope).await?;
    let name = format!(".docktutor-{}", names::random(12));
    let (text, changed) = (rebuilt.text, rebuilt.changed);
    let mut query = wanted
        .query
        .clone()
        .with("dockerfile", &name)
        .with("t", &keep);
    query.push("cachefrom", &json!(cache_sources(scope)).to_string());
    let sent = name.clone();
    let body = spool::send(move |out| context::rebuild(&file, out, &scan, &name, &text));
    let shown = (sent, wanted.dockerfile.clone());
    let call = Call::post("/build")
        .query(query)
        .stream(body, "application/x-tar")
        .within(deadline);

    let (sender, receiver) = mpsc::channel(16);
    let (say, begun) = oneshot::channel();
    let scope = scope.clone();
    tokio::spawn(async move {
        let _permit = permit;
        let mut output = Output::new(scope.clone(), keep.clone(), changed, wanted.quiet, sender);
        let late = tokio::time::Instant::now() + deadline;
        let stop = async {
            tokio::select! {
                () = scope.disk.overflow() => disk::full(&scope).message,
                () = tokio::time::sleep_until(late) => format!(
                    "a build may take {} seconds in this sandbox, and this one took longer: do less in it, or build in parts",
                    deadline.as_secs()
                ),
            }
        };
        let result = match begin(&scope, call, &shown).await {
            Ok((answer, end)) => {
                // A client that has gone is noticed by what follows the build.
                let _ = say.send(None);
                output.follow(answer, &end, stop).await
            }
            Err(fault) => {
                let _ = say.send(Some(fault));
                Err(None)
            }
        };
        finish(&scope, &keep, &wanted, result, &mut output).await;
    });
    // What the builder refuses before its first line is an answer of its own, and no line.
    if let Ok(Some(refused)) = begun.await {
        return Err(refused);
    }
    let mut response: Response<Body> = Response::new(spool::body_of(receiver));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    Ok(response)
}

/// Gives the builder its work. A refusal names the Dockerfile as the learner did.
async fn begin(
    scope: &Inner,
    call: Call,
    (sent, asked): &(String, String),
) -> Result<(Response<Body>, End), Fault> {
    let (answer, end) = scope.shared.upstream.send_endable(call).await?;
    let status = answer.status();
    if status.is_success() {
        return Ok((answer, end));
    }
    let fault = upstream::fault(status, &upstream::collect(answer).await?);
    let message = fault.message.replace(sent, asked);
    Err(Fault { message, ..fault })
}

/// A base image that is not there reads as the engine would say it, with what there is.
fn explain(name: &str, fault: &Fault) -> Fault {
    if fault.status != hyper::StatusCode::NOT_FOUND {
        return fault.clone();
    }
    let name =
        Reference::parse(name).map_or_else(|| name.to_owned(), |reference| reference.familiar());
    let repository = name.split(':').next().unwrap_or(&name);
    Fault::missing(format!(
        "pull access denied for {repository}, repository does not exist or may require 'docker login': \
         the image {name} is neither yours nor one of this course's (docker images lists them)"
    ))
}

/// A non-empty list keeps the builder from using what other scopes have built; ours are in it.
fn cache_sources(scope: &Inner) -> Vec<String> {
    let state = scope.state();
    let mut sources = vec![format!("docktutor-{}:none", scope.name)];
    sources.extend(
        state
            .images
            .values()
            .map(|image| image.id.clone())
            .filter(|id| !id.is_empty()),
    );
    sources.extend(state.layers.iter().cloned());
    sources
}

/// Takes a place among the scope's images; the oldest image without a name or a user makes room if there is none.
pub(super) async fn reserve(scope: &Inner) -> Result<String, Fault> {
    let limit = scope.limits().images as usize;
    let spare: Vec<String> = {
        let state = scope.state();
        let free = |image: &&Image| {
            !image.id.is_empty()
                && !state.tags.values().any(|id| *id == image.id)
                && !state
                    .containers
                    .values()
                    .any(|container| container.image_id == image.id)
        };
        let over = (state.images.len() + 1).saturating_sub(limit);
        state
            .images
            .values()
            .filter(free)
            .take(over)
            .map(|image| image.keep.clone())
            .collect()
    };
    for keep in spare {
        images::delete_keep(scope, &keep).await?;
    }
    let keep = format!(
        "{}:{}",
        names::keep_repository(&scope.shared.instance, &scope.name),
        names::random(16)
    );
    scope
        .reserve(|state| {
            if state.images.len() >= limit {
                return Err(images::images_full(limit as u32));
            }
            Ok((
                vec![Change::Image(Image {
                    keep: keep.clone(),
                    id: String::new(),
                })],
                (),
            ))
        })
        .await?;
    Ok(keep)
}

/// Writes the result into the books and tells the client. `Err(None)`: the builder has said already what is wrong.
async fn finish(
    scope: &Inner,
    keep: &str,
    wanted: &Wanted,
    result: Result<(), Option<String>>,
    output: &mut Output,
) {
    let noted = async {
        remember_layers(scope, output.layers()).await?;
        scope.disk.noted(output.layers());
        // The engine is asked, and not the stream: a client that left early has not stopped the last step.
        let image = match scope
            .shared
            .upstream
            .json(Call::get(format!("/images/{keep}/json")))
            .await
        {
            Ok(image) => image["Id"].as_str().unwrap_or_default().to_owned(),
            Err(_) => String::new(),
        };
        if image.is_empty() || result.is_err() {
            images::delete_keep(scope, keep).await?;
            return Ok(None);
        }
        let known = scope.state().images.values().any(|other| other.id == image);
        if known {
            images::delete_keep(scope, keep).await?;
        } else {
            scope
                .record(vec![Change::Image(Image {
                    keep: keep.to_owned(),
                    id: image.clone(),
                })])
                .await?;
        }
        let tags = wanted.tags.iter().map(|tag| Change::Tag {
            reference: tag.clone(),
            id: image.clone(),
        });
        scope.record(tags.collect()).await?;
        Ok::<_, Fault>(Some(image))
    };
    let noted = noted.await;
    match (result, noted) {
        (Ok(()), Ok(Some(image))) => output.success(&image, &wanted.tags).await,
        (Ok(()), Ok(None)) => output.failure("the builder ended without an image").await,
        (Ok(()), Err(fault)) => output.failure(&scope.scrub(&fault.message)).await,
        (Err(Some(message)), _) => output.failure(&scope.scrub(&message)).await,
        (Err(None), _) => {}
    }
}

async fn remember_layers(scope: &Inner, fresh: &[String]) -> Result<(), Fault> {
    scope
        .reserve(|state| {
            let mut layers = state.layers.clone();
            layers.extend(
                fresh
                    .iter()
                    .filter(|id| !state.layers.contains(id))
                    .cloned(),
            );
            let over = layers.len().saturating_sub(LAYERS);
            layers.drain(..over);
            let same = layers == state.layers;
            Ok((
                if same {
                    Vec::new()
                } else {
                    vec![Change::Layers(layers)]
                },
                (),
            ))
        })
        .await
}

/// An event of the builder's stream.
fn line(value: &Value) -> String {
    format!("{value}\r\n")
}
