//! Asking a scope that is open, by the socket that its process keeps for tools.

use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use super::standing::Standing;

/// A reset removes containers one after the other.
const PATIENCE: Duration = Duration::from_secs(300);

/// The largest answer.
const LARGEST: usize = 1 << 20;

/// Sends one request to the process that has the scope open.
pub(super) async fn ask(scope: &Standing, method: &str, path: &str) -> anyhow::Result<Bytes> {
    let folder = scope.ledger().join("tools");
    let asked = tokio::time::timeout(PATIENCE, exchange(&folder, &scope.name, method, path)).await;
    asked
        .context("it does not answer in time")
        .flatten()
        .with_context(|| format!("the process that has {:?} open cannot be asked", scope.name))
}

async fn exchange(folder: &Path, name: &str, method: &str, path: &str) -> anyhow::Result<Bytes> {
    // By the folder's descriptor, because a socket's address has room for 107 letters only.
    let folder = std::fs::File::open(folder)?;
    let socket = format!("/proc/self/fd/{}/{name}.sock", folder.as_raw_fd());
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", "docktutor");
    let answer = sender
        .send_request(request.body(Full::new(Bytes::new()))?)
        .await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
    connection.abort();
    if !status.is_success() {
        let message: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        bail!("{}", message["message"].as_str().unwrap_or(status.as_str()));
    }
    Ok(body)
}
