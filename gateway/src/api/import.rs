//! `docker import -`: a file system becomes an image of one layer.

use super::build::{self, spool};
use super::{Answer, Ask, images, load};
use crate::disk;
use crate::error::Fault;
use crate::names;
use crate::policy::query::{Params, Query};
use crate::policy::reference::{Reference, invalid};
use crate::policy::{changes, tarball};
use crate::scope::Inner;
use crate::upstream::{Call, fault};
use serde_json::{Value, json};
use std::io::{Read, Seek, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long the engine may take to make the image.
const UNPACK: Duration = Duration::from_secs(600);
/// The most files in an imported file system.
const MOST_FILES: u64 = 200_000;

pub(crate) async fn import(scope: &Arc<Inner>, mut ask: Ask, params: &Params) -> Answer {
    if params.get("fromSrc") != Some("-") {
        return Err(Fault::refused(
            "importing from an address: the engine would fetch it; use a file or docker import -",
        ));
    }
    scope.check_platform(params.text("platform"))?;
    let reference = named(params.text("repo"), params.text("tag"))?;
    if let Some(reference) = &reference {
        ask.note.object(reference);
    }
    let mut query = Query::new().with("fromSrc", "-");
    for change in params.all("changes") {
        query.push("changes", &changes::rebuild(change)?);
    }
    query = query.text(params, "message", 1024, |c| !c.is_control())?;
    let _permit = scope
        .building
        .clone()
        .acquire_owned()
        .await
        .map_err(|_| Fault::internal("shutting down"))?;
    disk::room_to_receive(scope, &mut ask.body).await?;
    let expected = load::expected(scope);
    let mut file = spool::receive(&scope.shared.folder, ask.body, expected).await?;
    let bytes = file.metadata().map_or(0, |data| data.len());
    disk::room_for(scope, expected.what, bytes).await?;
    let body = spool::send(move |mut out| {
        let mut watch = tarball::Watch::new(MOST_FILES);
        let mut buffer = vec![0; 64 << 10];
        file.rewind()?;
        loop {
            let length = file.read(&mut buffer)?;
            if length == 0 {
                return out.flush();
            }
            watch
                .push(&buffer[..length])
                .map_err(std::io::Error::other)?;
            out.write_all(&buffer[..length])?;
        }
    });
    let keep = build::reserve(scope).await?;
    let (repository, tag) = keep.rsplit_once(':').unwrap_or((&keep, "latest"));
    let call = Call::post("/images/create")
        .query(query.with("repo", repository).with("tag", tag))
        .stream(body, "application/x-tar")
        .within(UNPACK);
    let made = async {
        let answer = scope.shared.upstream.ask(call).await;
        scope.disk.changed();
        let (status, bytes) = answer?;
        if !status.is_success() {
            return Err(fault(status, &bytes));
        }
        let id = made_id(&bytes)?;
        load::adopt(scope, &keep, &id, reference.as_slice()).await?;
        Ok(id)
    };
    match made.await {
        Ok(id) => Ok(load::stream(std::iter::once(json!({ "status": id })))),
        Err(fault) => {
            images::delete_keep(scope, &keep).await?;
            Err(fault)
        }
    }
}

/// The learner's name for a new image, in one spelling.
pub(super) fn named(repo: Option<&str>, tag: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(repo) = repo else { return Ok(None) };
    let text = match tag {
        Some(tag) => format!("{repo}:{tag}"),
        None => repo.to_owned(),
    };
    match Reference::parse(&text) {
        Some(reference @ Reference::Named { .. }) => Ok(Some(reference.familiar())),
        _ => Err(invalid(&text)),
    }
}

/// The id of the new image, which the engine says last.
fn made_id(bytes: &[u8]) -> Result<String, Fault> {
    let mut id = None;
    for line in bytes.split(|byte| *byte == b'\n') {
        let event: Value = serde_json::from_slice(line).unwrap_or_default();
        if let Some(error) = event["error"].as_str() {
            return Err(Fault::bad(error));
        }
        if let Some(status) = event["status"].as_str()
            && status
                .strip_prefix("sha256:")
                .is_some_and(names::is_full_id)
        {
            id = Some(status.to_owned());
        }
    }
    id.ok_or_else(|| Fault::internal("the engine made no image of it"))
}
