//! A registry in a container of the scope, behind a port that the learner published: spoken to by the registry's HTTP
//! interface, at the container's own address.
//!
//! Whatever such a registry answers was written by a learner. So answers are bounded and have deadlines, redirects are
//! not followed, an upload's location only gives a path, and blobs count by their hash.

use super::account::Credentials;
use super::manifest;
use crate::api::build::spool;
use crate::error::Fault;
use crate::ground::relay;
use crate::scope::Inner;
use crate::upstream::{Body, full};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a short call may take, and how long a transfer may pause.
const SHORT: Duration = Duration::from_secs(30);
/// How long a whole transfer may take.
const TRANSFER: Duration = Duration::from_secs(600);
/// The longest error text that is read.
const LARGEST_ERROR: usize = 64 << 10;

/// A repository on such a registry.
pub(crate) struct Remote {
    target: relay::Target,
    /// As the learner named it, `localhost:5000`.
    host: String,
    port: u16,
    repository: String,
    credentials: Option<Credentials>,
    folder: PathBuf,
}

impl Remote {
    /// The registry behind a published port. Where nobody publishes it, it is as on a machine where nobody listens.
    pub(crate) fn new(
        scope: &Arc<Inner>,
        host: &str,
        port: u16,
        repository: &str,
        credentials: Option<Credentials>,
    ) -> Result<Self, Fault> {
        let state = scope.state();
        let holder = state.containers.values().find_map(|container| {
            let mut bound = container.bound.iter();
            let bound = bound.find(|bound| bound.host_port == port && bound.protocol == "tcp")?;
            Some((container.real.clone(), bound.port))
        });
        let (owner, inner) = holder.ok_or_else(|| {
            Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("Get \"http://{host}/v2/\": dial tcp 127.0.0.1:{port}: connect: connection refused"),
            )
        })?;
        Ok(Self {
            target: relay::Target {
                scope: Arc::downgrade(scope),
                owner,
                port: inner,
            },
            host: host.to_owned(),
            port,
            repository: repository.to_owned(),
            credentials,
            folder: scope.shared.folder.clone(),
        })
    }

    /// Whether the credentials are right. The text of the error is the engine's own.
    pub(crate) async fn login(&self) -> Result<(), Fault> {
        let answer = self.send(Method::GET, "/v2/", None, SHORT).await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let host = &self.host;
        let message = format!("login attempt to http://{host}/v2/ failed with status: {status}");
        let status = match status {
            StatusCode::UNAUTHORIZED => status,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Err(Fault::new(status, message).by("engine"))
    }

    pub(crate) async fn has(&self, digest: &str) -> Result<bool, Fault> {
        let path = self.path("blobs", digest);
        let answer = self.send(Method::HEAD, &path, None, SHORT).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() => Ok(true),
            _ => Err(self.complaint(answer).await),
        }
    }

    pub(crate) async fn put(&self, digest: &str, mut file: File, size: u64) -> Result<(), Fault> {
        let start = format!("/v2/{}/blobs/uploads/", self.repository);
        let answer = self.send(Method::POST, &start, None, SHORT).await?;
        if !answer.status().is_success() {
            return Err(self.complaint(answer).await);
        }
        let place = answer.headers().get(header::LOCATION);
        let place = place.and_then(|place| place.to_str().ok()?.parse::<Uri>().ok());
        let place = place.as_ref().and_then(Uri::path_and_query);
        let Some(place) = place.filter(|place| place.path().starts_with("/v2/")) else {
            return Err(self.odd("it does not say where to upload to"));
        };
        let joint = if place.query().is_some() { '&' } else { '?' };
        let place = format!("{place}{joint}digest={}", digest.replace(':', "%3A"));
        let body = spool::send(move |mut out| {
            file.rewind()?;
            std::io::copy(&mut file, &mut out)?;
            out.flush()
        });
        let body = (body, size, "application/octet-stream");
        let answer = self.send(Method::PUT, &place, Some(body), TRANSFER).await?;
        self.must(answer).await
    }

    pub(crate) async fn tag(&self, tag: &str, manifest: Vec<u8>) -> Result<(), Fault> {
        let length = manifest.len() as u64;
        let body = (full(manifest), length, manifest::KIND);
        let path = self.path("manifests", tag);
        let answer = self.send(Method::PUT, &path, Some(body), SHORT).await?;
        self.must(answer).await
    }

    pub(crate) async fn manifest(&self, reference: &str) -> Result<Vec<u8>, Fault> {
        let path = self.path("manifests", reference);
        let answer = self.send(Method::GET, &path, None, SHORT).await?;
        if answer.status() != StatusCode::OK {
            return Err(self.complaint(answer).await);
        }
        let read = Limited::new(answer.into_body(), manifest::LARGEST as usize).collect();
        match tokio::time::timeout(SHORT, read).await {
            Ok(Ok(bytes)) => Ok(bytes.to_bytes().to_vec()),
            Ok(Err(_)) => Err(self.odd("the manifest is too large, or broke off")),
            Err(_) => Err(self.odd("the manifest does not come")),
        }
    }

    pub(crate) async fn blob(&self, digest: &str, size: u64) -> Result<File, Fault> {
        let path = self.path("blobs", digest);
        let answer = self.send(Method::GET, &path, None, SHORT).await?;
        if answer.status() != StatusCode::OK {
            return Err(self.complaint(answer).await);
        }
        tokio::time::timeout(TRANSFER, self.receive(answer.into_body(), digest, size))
            .await
            .unwrap_or_else(|_| Err(self.odd("a layer takes too long")))
    }

    async fn receive(&self, mut body: Incoming, digest: &str, size: u64) -> Result<File, Fault> {
        let trouble =
            |error: std::io::Error| Fault::internal(format!("a layer cannot be stored: {error}"));
        let mut file = spool::nameless(&self.folder).map_err(trouble)?;
        let (mut hasher, mut length) = (Sha256::new(), 0u64);
        loop {
            let frame = tokio::time::timeout(SHORT, body.frame()).await;
            let Some(frame) = frame.map_err(|_| self.odd("a layer does not come"))? else {
                break;
            };
            let frame = frame.map_err(|_| self.odd("a layer broke off"))?;
            let data = frame.into_data().unwrap_or_default();
            length += data.len() as u64;
            if length > size {
                return Err(self.odd("a layer is larger than its manifest says"));
            }
            hasher.update(&data);
            file.write_all(&data).map_err(trouble)?;
        }
        let hex: String = hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if length != size || format!("sha256:{hex}") != digest {
            return Err(self.odd("a layer is not what its manifest says"));
        }
        file.rewind().map_err(trouble)?;
        Ok(file)
    }

    /// The parts were checked when the reference was parsed; none of them can leave its place in a path.
    fn path(&self, kind: &str, reference: &str) -> String {
        format!("/v2/{}/{kind}/{reference}", self.repository)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(Body, u64, &'static str)>,
        patience: Duration,
    ) -> Result<Response<Incoming>, Fault> {
        let refused = |why: String| {
            let host = &self.host;
            Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!(
                    "Get \"http://{host}/v2/\": dial tcp 127.0.0.1:{}: {why}",
                    self.port
                ),
            )
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, manifest::ACCEPT)
            .header(header::USER_AGENT, "docktutor");
        if let Some(credentials) = &self.credentials {
            request = request.header(header::AUTHORIZATION, credentials.basic());
        }
        let body = match body {
            Some((body, length, kind)) => {
                request = request
                    .header(header::CONTENT_LENGTH, length)
                    .header(header::CONTENT_TYPE, kind);
                body
            }
            None => full(""),
        };
        let request = request
            .body(body)
            .map_err(|error| Fault::internal(error.to_string()))?;
        let work = async {
            let address = self.target.address().await;
            let address =
                address.ok_or_else(|| refused("connect: connection refused".to_owned()))?;
            let stream = TcpStream::connect(address)
                .await
                .map_err(|error| refused(error.to_string()))?;
            let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
            let (mut sender, connection) =
                handshake.map_err(|error| self.odd(&error.to_string()))?;
            tokio::spawn(connection);
            let answer = sender.send_request(request).await;
            answer.map_err(|error| self.odd(&error.to_string()))
        };
        tokio::time::timeout(patience, work)
            .await
            .unwrap_or_else(|_| Err(self.odd("it does not answer")))
    }

    async fn must(&self, answer: Response<Incoming>) -> Result<(), Fault> {
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(self.complaint(answer).await)
        }
    }

    /// A registry's error in the words that the engine uses for it.
    async fn complaint(&self, answer: Response<Incoming>) -> Fault {
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED && self.credentials.is_none() {
            return Fault::new(status, "no basic auth credentials").by("engine");
        }
        let read = Limited::new(answer.into_body(), LARGEST_ERROR).collect();
        let bytes = match tokio::time::timeout(SHORT, read).await {
            Ok(Ok(bytes)) => bytes.to_bytes(),
            _ => Default::default(),
        };
        let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let first = &said["errors"][0];
        let code = first["code"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase()
            .replace('_', " ");
        let message = match (code.is_empty(), first["message"].as_str()) {
            (false, Some(message)) => format!("{code}: {message}"),
            _ => format!("received unexpected HTTP status: {status}"),
        };
        let status = if status == StatusCode::NOT_FOUND {
            status
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Fault::new(status, message).by("engine")
    }

    fn odd(&self, what: &str) -> Fault {
        Fault::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!(
                "the registry at {} does not answer like one: {what}",
                self.host
            ),
        )
        .by("engine")
    }
}
