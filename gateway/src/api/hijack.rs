//! Raw connections in both directions: attach, and exec with a terminal.

use super::{Answer, Ask, own_id, pass_on};
use crate::error::Fault;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::{Call, full};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

/// How much output is moved at a time; an engine sends a little more than half of it at once.
const PIECE: usize = 64 << 10;

pub(crate) fn is_keys(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ',' | '-' | '@' | '^' | '[' | ']' | '\\' | '_')
}

pub(crate) async fn attach(scope: &Inner, ask: Ask, id: &str) -> Answer {
    let params = ask.params(&["detachKeys", "logs", "stream", "stdin", "stdout", "stderr"])?;
    let id = own_id(scope, id)?;
    let mut query = Query::new().text(&params, "detachKeys", 64, is_keys)?;
    for key in ["logs", "stream", "stdin", "stdout", "stderr"] {
        query = query.flag(&params, key);
    }
    let (upgrade, stop) = (ask.upgrade, ask.stop);
    tunnel(
        scope,
        Call::post(format!("/containers/{id}/attach")).query(query),
        upgrade,
        stop,
    )
    .await
}

/// Sends the call with an upgrade and connects both sides, but only once the engine has agreed to it.
pub(crate) async fn tunnel(
    scope: &Inner,
    call: Call,
    client: Option<OnUpgrade>,
    stop: CancellationToken,
) -> Answer {
    let Ok(permit) = scope.hijacks.clone().try_acquire_owned() else {
        return Err(Fault::refused(
            "so many attached connections at a time: end some of them",
        ));
    };
    // A client that cannot be upgraded still reads the output; its input stays unread.
    let Some(client) = client else {
        return pass_on(scope.shared.upstream.send(call).await?).await;
    };
    let mut answer = scope.shared.upstream.send(call.upgrade()).await?;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return pass_on(answer).await;
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let engine = hyper::upgrade::on(&mut answer);
    tokio::spawn(async move {
        let _permit = permit;
        let connected = async {
            let (client, engine) = tokio::try_join!(client, engine)?;
            copy(client, engine).await;
            Ok::<_, hyper::Error>(())
        };
        if let Some(Err(error)) = stop.run_until_cancelled(connected).await {
            tracing::debug!(%error, "an upgrade did not come about");
        }
    });
    let mut response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "tcp");
    if let Some(kind) = kind {
        response = response.header(header::CONTENT_TYPE, kind);
    }
    response
        .body(full(Bytes::new()))
        .map_err(|error| Fault::internal(error.to_string()))
}

/// Copies until the engine's side ends. The client may close its input before that, which the engine is told.
async fn copy(client: Upgraded, engine: Upgraded) {
    let (mut client_read, mut client_write) = tokio::io::split(TokioIo::new(client));
    let (mut engine_read, mut engine_write) = tokio::io::split(TokioIo::new(engine));
    let input = async {
        let copied = tokio::io::copy(&mut client_read, &mut engine_write).await;
        let ended = engine_write.shutdown().await;
        if copied.is_ok() && ended.is_ok() {
            // Nothing more to send; the output decides when this is over.
            std::future::pending::<()>().await;
        }
    };
    let output = async {
        // Errors here mean that one side is gone, and then both are.
        let mut engine_read = tokio::io::BufReader::with_capacity(PIECE, &mut engine_read);
        let _ = tokio::io::copy_buf(&mut engine_read, &mut client_write).await;
        let _ = client_write.shutdown().await;
    };
    tokio::select! {
        () = input => {}
        () = output => {}
    }
}
