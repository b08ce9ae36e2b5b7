//! `docker pull`: an image of the catalogue is here already; pulling shows it again, with the usual lines.

use super::{Answer, Ask};
use crate::error::Fault;
use crate::gateway::Catalogue;
use crate::ledger::Change;
use crate::policy::reference::{Reference, invalid};
use crate::registry::{self, account::Credentials};
use crate::scope::Inner;
use crate::upstream::full;
use hyper::{Response, header};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn pull(scope: &Arc<Inner>, ask: Ask) -> Answer {
    let params = ask.params(&[
        "fromImage",
        "fromSrc",
        "repo",
        "tag",
        "message",
        "platform",
        "changes*",
    ])?;
    if params.get("fromSrc").is_some() {
        return super::import::import(scope, ask, &params).await;
    }
    if params.all("changes").next().is_some() || params.text("message").is_some() {
        return Err(Fault::bad("a pull makes no changes"));
    }
    let note = ask.note.clone();
    let credentials = Credentials::of(&ask.headers)?;
    ask.no_body().await?;
    scope.check_platform(params.text("platform"))?;
    let name = params
        .text("fromImage")
        .ok_or_else(|| Fault::bad("fromImage is missing"))?;
    let text = match params.text("tag") {
        Some(digest) if digest.starts_with("sha256:") => format!("{name}@{digest}"),
        Some(tag) => format!("{name}:{tag}"),
        None => name.to_owned(),
    };
    let reference = Reference::parse(&text).ok_or_else(|| invalid(&text))?;
    let familiar = reference.familiar();
    note.object(&familiar);
    let catalogue = scope.shared.catalogue();
    if let Reference::Named { repository, .. } | Reference::Digest { repository, .. } = &reference
        && !catalogue.0.contains_key(&familiar)
        && registry::split(repository).is_some()
    {
        return super::fetch::pull(scope, &reference, credentials);
    }
    let Some(image) = catalogue.0.get(&familiar).filter(|image| image.listed) else {
        return Err(not_offered(&reference, &catalogue));
    };
    let hidden = scope.state().hidden.contains(&familiar);
    // A pull moves a tag that the learner had set to another image.
    let tagged = scope
        .state()
        .tags
        .get(&familiar)
        .is_some_and(|id| *id != image.id);
    let mut changes = Vec::new();
    if hidden {
        changes.push(Change::Show(familiar.clone()));
    }
    if tagged {
        changes.push(Change::DropTag(familiar.clone()));
    }
    scope.record(changes).await?;
    let layers = scope.shared.image(&image.id).await?["RootFS"]["Layers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    Ok(progress(
        &reference,
        &image.id,
        if hidden || tagged { &layers } else { &[] },
    ))
}

fn progress(reference: &Reference, id: &str, layers: &[Value]) -> Response<crate::upstream::Body> {
    let (repository, tag) = match reference {
        Reference::Named { repository, tag } => (repository.clone(), tag.clone()),
        other => (other.familiar(), String::new()),
    };
    let source = if repository.contains('/') {
        repository.clone()
    } else {
        format!("library/{repository}")
    };
    let mut lines = vec![json!({ "status": format!("Pulling from {source}"), "id": tag })];
    for step in ["Pulling fs layer", "Download complete", "Pull complete"] {
        lines.extend(layers.iter().filter_map(Value::as_str).map(|layer| {
            json!({ "status": step, "progressDetail": {}, "id": crate::names::short(layer) })
        }));
    }
    lines.push(json!({ "status": format!("Digest: {id}") }));
    let summary = if layers.is_empty() {
        "Image is up to date for"
    } else {
        "Downloaded newer image for"
    };
    lines.push(json!({ "status": format!("Status: {summary} {}", reference.familiar()) }));
    let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let mut response = Response::new(full(text));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

fn not_offered(reference: &Reference, catalogue: &Catalogue) -> Fault {
    let repository = match reference {
        Reference::Named { repository, .. } | Reference::Digest { repository, .. } => {
            repository.as_str()
        }
        Reference::Id(id) => id.as_str(),
    };
    if repository.starts_with("moby/buildkit") {
        return Fault::refused(
            "a BuildKit builder container would go round the sandbox's checks. Set DOCKER_BUILDKIT=0 \
             (and COMPOSE_DOCKER_CLI_BUILD=0), then builds use the classic builder",
        );
    }
    let all: Vec<&str> = (catalogue.0.iter().filter(|(_, image)| image.listed))
        .map(|(reference, _)| reference.as_str())
        .collect();
    let same: Vec<&str> = all
        .iter()
        .filter(|one| one.split(':').next() == Some(repository))
        .copied()
        .collect();
    if !same.is_empty() {
        return Fault::missing(format!(
            "manifest for {} not found: manifest unknown: this course has {}",
            reference.familiar(),
            same.join(", ")
        ));
    }
    let offered = if all.is_empty() {
        "no images yet".to_owned()
    } else {
        all.join(", ")
    };
    Fault::missing(format!(
        "pull access denied for {repository}, repository does not exist or may require 'docker login': \
         this course has {offered}"
    ))
}
