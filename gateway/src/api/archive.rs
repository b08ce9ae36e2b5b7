//! Files into and out of a container: `docker cp` and `docker export`.

use super::build::spool::read_on;
use super::incoming::Kept;
use super::{Answer, Ask, own_id, relay};
use crate::disk;
use crate::error::Fault;
use crate::policy::query::{Params, Query};
use crate::policy::tarball::Watch;
use crate::scope::Inner;
use crate::upstream::Call;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
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
    let text = id;
    let id = own_id(scope, text)?;
    let path = format!("/containers/{id}/archive");
    let call = if ask.method == Method::HEAD {
        Call::head(path)
    } else {
        Call::get(path)
    };
    relay(scope, call.query(query))
        .await
        .map_err(|fault| fault.naming(&id, text))
}

pub(crate) async fn write(scope: &Arc<Inner>, mut ask: Ask, id: &str) -> Answer {
    let params = ask.params(&["path", "noOverwriteDirNonDir", "copyUIDGID"])?;
    let query = path_query(&params)?
        .flag(&params, "noOverwriteDirNonDir")
        .flag(&params, "copyUIDGID");
    let text = id;
    let id = own_id(scope, text)?;
    let largest = scope.limits().archive;
    let room = disk::room_to_receive(scope, &mut ask.body).await?;
    let refused = Arc::new(OnceLock::new());
    let judged = Judged {
        body: ask.body,
        scope: scope.clone(),
        room,
        largest,
        passed: 0,
        watch: Watch::new(MOST_FILES),
        refused: refused.clone(),
    };
    let body = futures_util::stream::unfold(Some(judged), |judged| async { judged?.next().await });
    let body = http_body_util::StreamBody::new(body).boxed_unsync();
    let copied = relay(
        scope,
        Call::put(format!("/containers/{id}/archive"))
            .query(query)
            .stream(body, "application/x-tar")
            .within(COPY),
    )
    .await;
    scope.disk.changed();
    match refused.get() {
        Some(fault) => Err(fault.clone()),
        None => copied.map_err(|fault| fault.naming(&id, text)),
    }
}

/// An archive on its way to the engine.
struct Judged {
    body: Kept,
    scope: Arc<Inner>,
    /// How much room there was on the scope's disk when it began.
    room: u64,
    largest: u64,
    /// How many bytes have come.
    passed: u64,
    watch: Watch,
    /// Why it was stopped, for the answer.
    refused: Arc<OnceLock<Fault>>,
}

impl Judged {
    /// The next piece, and what is left of it; nothing after an error. The client reads why it was refused, once it has
    /// sent all; for the engine the archive breaks off here.
    async fn next(mut self) -> Option<(io::Result<Frame<Bytes>>, Option<Judged>)> {
        let frame = match self.body.frame().await? {
            Ok(frame) => frame,
            Err(error) => return Some((Err(io::Error::other(error)), None)),
        };
        if let Some(data) = frame.data_ref()
            && let Err(fault) = self.judge(&data.clone())
        {
            read_on(&mut self.body).await;
            let error = io::Error::other(fault.message.clone());
            let _ = self.refused.set(fault);
            return Some((Err(error), None));
        }
        Some((Ok(frame), Some(self)))
    }

    fn judge(&mut self, data: &Bytes) -> Result<(), Fault> {
        self.passed += data.len() as u64;
        if self.passed > self.largest {
            return Err(too_large(self.largest));
        }
        if self.passed > self.room {
            return Err(disk::too_large(
                &self.scope,
                "this archive",
                self.passed,
                self.room,
            ));
        }
        self.watch
            .push(data)
            .map_err(|why| Fault::refused(format!("this archive: {why}")))
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
