//! The way to the engine: requests that the gateway writes itself, each with a deadline.

use crate::error::Fault;
use crate::policy::query::Query;
use crate::scope::lock;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited, combinators::UnsyncBoxBody};
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::UnixStream;

mod link;

use link::Link;

/// A body in either direction.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The longest answer that is read into memory.
const LARGEST_ANSWER: usize = 32 << 20;
/// Connections that are kept for the next short call.
const IDLE: usize = 8;
/// How long the engine may take for an ordinary call.
pub(crate) const ORDINARY: Duration = Duration::from_secs(60);

pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A request to the engine; nothing in it was copied from a client except, at times, the body's stream.
pub(crate) struct Call {
    method: Method,
    path: String,
    query: Query,
    body: Option<(Body, &'static str)>,
    upgrade: bool,
    deadline: Duration,
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Query::new(),
            body: None,
            upgrade: false,
            deadline: ORDINARY,
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn head(path: impl Into<String>) -> Self {
        Self::new(Method::HEAD, path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub(crate) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    pub(crate) fn query(mut self, query: Query) -> Self {
        self.query = query;
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.stream(full(body.to_string()), "application/json")
    }

    pub(crate) fn stream(mut self, body: Body, kind: &'static str) -> Self {
        self.body = Some((body, kind));
        self
    }

    /// Asks for a raw connection in both directions.
    pub(crate) fn upgrade(mut self) -> Self {
        self.upgrade = true;
        self
    }

    /// How long the engine may take until its answer begins.
    pub(crate) fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// The engine behind a unix socket.
pub(crate) struct Upstream {
    socket: PathBuf,
    /// The API version that every call names, such as `1.41`.
    version: String,
    /// Connections that wait for the next short call.
    idle: Mutex<Vec<Link>>,
}

impl Upstream {
    pub(crate) fn new(socket: PathBuf, version: String) -> Self {
        Self {
            socket,
            version,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The minor number of the API version that is spoken.
    pub(crate) fn minor(&self) -> u32 {
        self.version
            .rsplit('.')
            .next()
            .and_then(|minor| minor.parse().ok())
            .unwrap_or(0)
    }

    /// Sends a request and gives back the answer as soon as it begins. Both streams move only while somebody waits for
    /// the answer or reads its body.
    pub(crate) async fn send(&self, call: Call) -> Result<Response<Body>, Fault> {
        let (deadline, upgrade) = (call.deadline, call.upgrade);
        let request = self.request(call)?;
        within(deadline, async {
            let stream = self.open().await?;
            if upgrade {
                link::upgrade(stream, request).await
            } else {
                Link::over(stream).await?.begin(request).await
            }
        })
        .await
    }

    /// The same with a handle by which the engine learns that nobody wants the rest of the answer.
    pub(crate) async fn send_endable(&self, call: Call) -> Result<(Response<Body>, End), Fault> {
        let deadline = call.deadline;
        let request = self.request(call)?;
        within(deadline, async {
            let stream = self.open().await?;
            let end = stream.inner().as_fd().try_clone_to_owned();
            let end = End(end.map_err(unreachable)?);
            let answer = Link::over(stream).await?.begin(request).await?;
            Ok((answer, end))
        })
        .await
    }

    /// Sends a short request and reads the whole answer. A `GET` uses a connection again.
    pub(crate) async fn ask(&self, call: Call) -> Result<(StatusCode, Bytes), Fault> {
        let repeatable = call.method == Method::GET && call.body.is_none();
        let deadline = call.deadline;
        within(deadline, async {
            let kept = if repeatable {
                lock(&self.idle).pop()
            } else {
                None
            };
            if let Some(mut link) = kept {
                let again = Call::get(call.path.clone()).query(call.query.clone());
                // The engine may have closed an idle connection: then a new one is tried below.
                if let Ok(answer) = link.exchange(self.request(again)?).await {
                    self.keep(link);
                    return Ok(answer);
                }
            }
            let mut link = Link::over(self.open().await?).await?;
            let answer = link.exchange(self.request(call)?).await?;
            self.keep(link);
            Ok(answer)
        })
        .await
    }

    /// Sends a short request; an answer that is not a success becomes a fault with the engine's own words.
    pub(crate) async fn json(&self, call: Call) -> Result<Value, Fault> {
        let (status, bytes) = self.ask(call).await?;
        if !status.is_success() && status != StatusCode::NOT_MODIFIED {
            return Err(fault(status, &bytes));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| Fault::internal(format!("the engine's answer: {error}")))
    }

    fn request(&self, call: Call) -> Result<Request<Body>, Fault> {
        let mut uri = format!("/v{}{}", self.version, call.path);
        if !call.query.as_str().is_empty() {
            uri.push('?');
            uri.push_str(call.query.as_str());
        }
        let mut request = Request::builder()
            .method(call.method)
            .uri(uri)
            .header(header::HOST, "docker");
        if call.upgrade {
            request = request
                .header(header::CONNECTION, "Upgrade")
                .header(header::UPGRADE, "tcp");
        }
        let body = match call.body {
            Some((body, kind)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                body
            }
            None => full(Bytes::new()),
        };
        request
            .body(body)
            .map_err(|error| Fault::internal(error.to_string()))
    }

    async fn open(&self) -> Result<TokioIo<UnixStream>, Fault> {
        let stream = UnixStream::connect(&self.socket).await;
        stream.map(TokioIo::new).map_err(unreachable)
    }

    fn keep(&self, link: Link) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE && !link.is_closed() {
            idle.push(link);
        }
    }
}

/// Ends a request whose answer is still coming.
pub(crate) struct End(OwnedFd);

impl End {
    /// Closes the connection in one direction: the engine stops its work, as it does when a client leaves, and what it
    /// says until then can still be read.
    pub(crate) fn end(&self) {
        // A connection that is over needs no end.
        let _ = rustix::net::shutdown(&self.0, rustix::net::Shutdown::Write);
    }
}

/// Reads a whole answer, within bounds.
pub(crate) async fn collect<B>(answer: Response<B>) -> Result<Bytes, Fault>
where
    B: hyper::body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    Limited::new(answer.into_body(), LARGEST_ANSWER)
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .map_err(|error| Fault::internal(format!("the engine's answer broke off: {error}")))
}

/// The engine's error as a fault.
pub(crate) fn fault(status: StatusCode, bytes: &[u8]) -> Fault {
    let message = serde_json::from_slice::<Value>(bytes)
        .ok()
        .and_then(|value| value["message"].as_str().map(str::to_owned))
        .unwrap_or_else(|| String::from_utf8_lossy(bytes).trim().to_owned());
    Fault::new(status, message).by("engine")
}

async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result,
        Err(_) => Err(Fault::new(
            StatusCode::GATEWAY_TIMEOUT,
            format!(
                "the Docker Engine did not answer within {} s",
                deadline.as_secs()
            ),
        )),
    }
}

fn unreachable(error: impl std::fmt::Display) -> Fault {
    tracing::debug!(%error, "the engine cannot be reached");
    Fault::new(
        StatusCode::BAD_GATEWAY,
        "the Docker Engine cannot be reached just now; try again in a moment",
    )
}
