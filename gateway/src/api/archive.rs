//! Files into and out of a container: `docker cp` and `docker export`.

use super::{Answer, Ask, own_id, relay};
use crate::error::Fault;
use crate::policy::query::{Params, Query};
use crate::policy::tarball::Watch;
use crate::scope::Inner;
use crate::upstream::Call;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The most files that are copied at once.
const MOST_FILES: u64 = 1_000_000;
/// How long copying may take.
const COPY: Duration = Duration::from_secs(600);

pub(crate) async fn export(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    ask.params(&[])?;
    let id = own_id(scope, id)?;
    relay(scope, Call::get(format!("/containers/{id}/export"))).await
}

pub(crate) async fn read(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    let query = path_query(&ask.params(&["path"])?)?;
    let id = own_id(scope, id)?;
    let path = format!("/containers/{id}/archive");
    let call = if ask.method == Method::HEAD {
        Call::head(path)
    } else {
        Call::get(path)
    };
    relay(scope, call.query(query)).await
}

pub(crate) async fn write(scope: &Inner, ask: Ask, id: &str) -> Answer {
    let params = ask.params(&["path", "noOverwriteDirNonDir", "copyUIDGID"])?;
    let query = path_query(&params)?
        .flag(&params, "noOverwriteDirNonDir")
        .flag(&params, "copyUIDGID");
    let id = own_id(scope, id)?;
    let largest = scope.limits().archive;
    let (mut left, mut watch) = (largest, Watch::new(MOST_FILES));
    let refused = Arc::new(OnceLock::new());
    let told = refused.clone();
    let body = http_body_util::BodyStream::new(ask.body.map_err(io::Error::other));
    let body = futures_util::StreamExt::map(
        body,
        move |frame: Result<hyper::body::Frame<Bytes>, io::Error>| {
            let frame = frame?;
            let Some(data) = frame.data_ref() else {
                return Ok(frame);
            };
            // The client reads why; for the engine the archive breaks off here.
            let stop = |fault: Fault| {
                let error = io::Error::other(fault.message.clone());
                let _ = told.set(fault);
                error
            };
            left = left
                .checked_sub(data.len() as u64)
                .ok_or_else(|| stop(too_large(largest)))?;
            watch
                .push(data)
                .map_err(|why| stop(Fault::refused(format!("this archive: {why}"))))?;
            Ok(frame)
        },
    );
    let body = http_body_util::StreamBody::new(body).boxed_unsync();
    let copied = relay(
        scope,
        Call::put(format!("/containers/{id}/archive"))
            .query(query)
            .stream(body, "application/x-tar")
            .within(COPY),
    )
    .await;
    match refused.get() {
        Some(fault) => Err(fault.clone()),
        None => copied,
    }
}

fn too_large(largest: u64) -> Fault {
    Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "one archive may have at most {} MiB in this sandbox: copy less at a time",
            largest >> 20
        ),
    )
    .by("limit")
}

fn path_query(params: &Params) -> Result<Query, Fault> {
    match params.text("path") {
        Some(path) if path.len() <= 4096 => Ok(Query::new().with("path", path)),
        _ => Err(Fault::bad("bad parameter: path cannot be empty")),
    }
}
