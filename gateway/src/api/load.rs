//! `docker load`: an archive is held back, read through, and given to the engine under names of the gateway's.

use super::build::{self, spool};
use super::{Answer, Ask, images};
use crate::disk;
use crate::error::Fault;
use crate::ledger::{Change, Image};
use crate::policy::loaded;
use crate::scope::Inner;
use crate::upstream::{Body, Call, full};
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long the engine may take to unpack an archive.
const UNPACK: Duration = Duration::from_secs(600);

/// What an archive of images may be.
pub(super) fn expected(scope: &Inner) -> spool::Expected {
    spool::Expected {
        what: "the image archive",
        largest: scope.limits().archive,
        remedy: "build the image here instead, or load fewer at a time",
    }
}

pub(crate) async fn load(scope: &Arc<Inner>, mut ask: Ask) -> Answer {
    ask.params(&["quiet", "platform"])?;
    let note = ask.note.clone();
    let _permit = scope
        .building
        .clone()
        .acquire_owned()
        .await
        .map_err(|_| Fault::internal("shutting down"))?;
    disk::room_to_receive(scope, &mut ask.body).await?;
    let expected = expected(scope);
    let mut file = spool::receive(&scope.shared.folder, ask.body, expected).await?;
    let (images, mut file) = tokio::task::spawn_blocking(move || {
        loaded::read(&mut file, expected.largest).map(|images| (images, file))
    })
    .await
    .map_err(|error| Fault::internal(error.to_string()))??;
    let names: Vec<&str> = images
        .iter()
        .flat_map(|image| &image.references)
        .map(String::as_str)
        .collect();
    let bytes = file.metadata().map_or(0, |data| data.len());
    disk::room_for(scope, expected.what, bytes).await?;
    note.object(names.join(" "));
    note.rewrote("names");

    let mut keeps = Vec::new();
    let result = async {
        for _ in &images {
            keeps.push(build::reserve(scope).await?);
        }
        let images = Arc::new(images);
        let (sent, tags) = (images.clone(), keeps.clone());
        let body = spool::send(move |out| loaded::write(&mut file, out, &sent, &tags));
        give(scope, body).await?;
        let mut lines = Vec::new();
        for (image, keep) in images.iter().zip(&keeps) {
            adopt(scope, keep, &image.id, &image.references).await?;
            lines.extend(
                image
                    .references
                    .iter()
                    .map(|name| format!("Loaded image: {name}\n")),
            );
            if image.references.is_empty() {
                lines.push(format!("Loaded image ID: {}\n", image.id));
            }
        }
        Ok(lines)
    };
    match result.await {
        Ok(lines) => Ok(stream(lines.iter().map(|line| json!({ "stream": line })))),
        Err(fault) => {
            for keep in keeps {
                if !is_adopted(scope, &keep) {
                    images::delete_keep(scope, &keep).await?;
                }
            }
            Err(fault)
        }
    }
}

fn is_adopted(scope: &Inner, keep: &str) -> bool {
    (scope.state().images.get(keep)).is_none_or(|image| !image.id.is_empty())
}

/// Has the engine read an archive that the gateway wrote.
pub(super) async fn give(scope: &Inner, archive: Body) -> Result<(), Fault> {
    let query = crate::policy::query::Query::new().with("quiet", "1");
    let call = Call::post("/images/load")
        .query(query)
        .stream(archive, "application/x-tar")
        .within(UNPACK);
    let answer = scope.shared.upstream.ask(call).await;
    scope.disk.changed();
    let (status, bytes) = answer?;
    if !status.is_success() {
        return Err(crate::upstream::fault(status, &bytes));
    }
    for line in bytes.split(|byte| *byte == b'\n') {
        let event: Value = serde_json::from_slice(line).unwrap_or_default();
        if let Some(error) = event["error"].as_str() {
            return Err(Fault::new(StatusCode::INTERNAL_SERVER_ERROR, error).by("engine"));
        }
    }
    Ok(())
}

/// Writes an image that the engine has under `keep` into the books, with the learner's names for it.
pub(super) async fn adopt(
    scope: &Inner,
    keep: &str,
    id: &str,
    references: &[String],
) -> Result<(), Fault> {
    let image = scope
        .shared
        .upstream
        .json(Call::get(format!("/images/{keep}/json")))
        .await?;
    if image["Id"] != id {
        return Err(Fault::internal(
            "the engine made another image of it than was sent",
        ));
    }
    let known = scope.state().images.values().any(|other| other.id == id);
    if known {
        images::delete_keep(scope, keep).await?;
    } else {
        let image = Image {
            keep: keep.to_owned(),
            id: id.to_owned(),
        };
        scope.record(vec![Change::Image(image)]).await?;
    }
    let tags = references.iter().map(|reference| Change::Tag {
        reference: reference.clone(),
        id: id.to_owned(),
    });
    scope.record(tags.collect()).await
}

/// An answer of JSON lines, as the engine streams them.
pub(super) fn stream(lines: impl Iterator<Item = Value>) -> Response<Body> {
    let text: String = lines.map(|line| format!("{line}\r\n")).collect();
    let mut response = Response::new(full(text));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}
