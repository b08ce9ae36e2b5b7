//! Files into and out of a container: `docker cp` and `docker export`.

use super::{Answer, Ask, own_id, relay};
use crate::error::Fault;
use crate::policy::query::{Params, Query};
use crate::scope::Inner;
use crate::upstream::Call;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Method;
use std::io;
use std::time::Duration;

/// The most that is copied into a container at once.
const LARGEST: u64 = 512 << 20;
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
    let mut left = LARGEST;
    let body = http_body_util::BodyStream::new(ask.body.map_err(io::Error::other));
    let body = futures_util::StreamExt::map(
        body,
        move |frame: Result<hyper::body::Frame<Bytes>, io::Error>| {
            let frame = frame?;
            left = frame
                .data_ref()
                .map_or(Some(left), |data| left.checked_sub(data.len() as u64))
                .ok_or_else(|| io::Error::other("the archive is too large"))?;
            Ok(frame)
        },
    );
    let body = http_body_util::StreamBody::new(body).boxed_unsync();
    relay(
        scope,
        Call::put(format!("/containers/{id}/archive"))
            .query(query)
            .stream(body, "application/x-tar")
            .within(COPY),
    )
    .await
}

fn path_query(params: &Params) -> Result<Query, Fault> {
    match params.text("path") {
        Some(path) if path.len() <= 4096 => Ok(Query::new().with("path", path)),
        _ => Err(Fault::bad("bad parameter: path cannot be empty")),
    }
}
