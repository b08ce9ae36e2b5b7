//! `docker commit`: an own container becomes an own image, without the labels that say whose the container is.

use super::build::{self, spool};
use super::{Answer, Ask, images, import, json_response, load, own_container};
use crate::disk;
use crate::error::Fault;
use crate::ledger::{Change, Image};
use crate::policy::query::Query;
use crate::policy::{changes, create, image_config, json as strict, loaded};
use crate::scope::Inner;
use crate::upstream::{Call, full};
use hyper::StatusCode;
use serde_json::{Value, json};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

/// How long the engine may take to pack what the container has changed.
const PACK: Duration = Duration::from_secs(600);
/// The largest configuration of an image, in bytes.
const LARGEST_TEXT: u64 = 4 << 20;

pub(crate) async fn commit(scope: &Arc<Inner>, ask: Ask) -> Answer {
    let params = ask.params(&[
        "container",
        "repo",
        "tag",
        "comment",
        "author",
        "changes*",
        "pause",
    ])?;
    let text = params.text("container").unwrap_or_default().to_owned();
    let reference = import::named(params.text("repo"), params.text("tag"))?;
    let mut query = Query::new();
    for change in params.all("changes") {
        query.push("changes", &changes::rebuild(change)?);
    }
    let plain = |c: char| !c.is_control();
    query = query
        .text(&params, "comment", 1024, plain)?
        .text(&params, "author", 256, plain)?;
    if params.get("pause").is_some() && !params.flag("pause") {
        query = query.with("pause", "0");
    }
    let container = own_container(scope, &text)?;
    let id = container
        .id
        .clone()
        .ok_or_else(|| Fault::no_container(&text))?;
    ask.note.object(
        format!(
            "{} {}",
            container.name,
            reference.as_deref().unwrap_or_default()
        )
        .trim(),
    );
    let config = config(&ask.bytes().await?)?;
    let _permit = scope
        .building
        .clone()
        .acquire_owned()
        .await
        .map_err(|_| Fault::internal("shutting down"))?;
    disk::room(scope).await?;
    let keep = build::reserve(scope).await?;
    let (repository, tag) = keep.rsplit_once(':').unwrap_or((&keep, "latest"));
    let call = Call::post("/commit")
        .query(
            query
                .with("container", &id)
                .with("repo", repository)
                .with("tag", tag),
        )
        .json(&config)
        .within(PACK);
    let made = async {
        let made = scope.shared.upstream.json(call).await;
        scope.disk.changed();
        let made = made?;
        let made = made["Id"].as_str().unwrap_or_default().to_owned();
        let clean = clean(scope, &made, &keep).await?;
        let image = Image {
            keep: keep.clone(),
            id: clean.clone(),
        };
        let mut changes = vec![Change::Image(image)];
        changes.extend(reference.map(|reference| Change::Tag {
            reference,
            id: clean.clone(),
        }));
        scope.record(changes).await?;
        Ok(clean)
    };
    match made.await {
        Ok(id) => Ok(json_response(StatusCode::CREATED, &json!({ "Id": id }))),
        Err(fault) => {
            images::delete_keep(scope, &keep).await?;
            Err(fault)
        }
    }
}

/// The configuration that clients may send in the body; the docker command line sends `null`.
fn config(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.is_empty() || strict::parse(bytes)?.is_null() {
        return Ok(json!({}));
    }
    create::image_fields(strict::object(bytes)?)
}

/// Gives a committed image its configuration without the container's labels, and with it another id.
async fn clean(scope: &Inner, made: &str, keep: &str) -> Result<String, Fault> {
    let text = configuration(scope, made).await?;
    let mut value: Value = serde_json::from_slice(&text)
        .map_err(|error| Fault::internal(format!("the image's configuration: {error}")))?;
    if !image_config::strip(&mut value) {
        return Ok(made.to_owned());
    }
    let layers = value["rootfs"]["diff_ids"].as_array().map_or(0, Vec::len);
    let (id, archive) = loaded::reconfigure(value.to_string().as_bytes(), layers, keep);
    load::give(scope, full(archive)).await?;
    // The tag has moved; what it was taken from has no name now, and its layers are the other image's too.
    let old = Call::delete(format!("/images/{made}"));
    if let Err(fault) = scope.shared.upstream.json(old).await {
        tracing::debug!(fault.message, "a committed image could not be taken back");
    }
    let image = scope
        .shared
        .upstream
        .json(Call::get(format!("/images/{keep}/json")))
        .await?;
    if image["Id"] != id.as_str() {
        return Err(Fault::internal(
            "the engine did not take the image's configuration",
        ));
    }
    Ok(id)
}

/// An image's configuration as the engine keeps it, which only an archive of the image shows.
async fn configuration(scope: &Inner, id: &str) -> Result<Vec<u8>, Fault> {
    let call = Call::get("/images/get")
        .query(Query::new().with("names", id))
        .within(PACK);
    let answer = scope.shared.upstream.send(call).await?;
    if !answer.status().is_success() {
        let status = answer.status();
        return Err(crate::upstream::fault(
            status,
            &crate::upstream::collect(answer).await?,
        ));
    }
    let tar = spool::reader(answer.into_body());
    let hex = id.trim_start_matches("sha256:").to_owned();
    let work = move || -> std::io::Result<Vec<u8>> {
        for entry in tar::Archive::new(tar).entries()? {
            let entry = entry?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = path.rsplit('/').next().unwrap_or_default();
            if name.strip_suffix(".json").unwrap_or(name) == hex && entry.size() <= LARGEST_TEXT {
                let mut bytes = Vec::new();
                entry.take(LARGEST_TEXT).read_to_end(&mut bytes)?;
                return Ok(bytes);
            }
        }
        Err(std::io::Error::other("it is not in the archive"))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Fault::internal(error.to_string()))?
        .map_err(|error| Fault::internal(format!("the image's configuration: {error}")))
}
