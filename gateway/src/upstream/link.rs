//! One connection to the engine, driven by whoever uses it: a task of its own would cost two changes of threads for every
//! request, and for every piece of a stream.

use super::{Body, collect, unreachable};
use crate::error::Fault;
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::UnixStream;

type Stream = TokioIo<UnixStream>;
type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A connection for one request after the other.
pub(super) struct Link {
    sender: SendRequest<Body>,
    connection: Connection,
}

impl Link {
    pub(super) async fn over(stream: Stream) -> Result<Self, Fault> {
        let (sender, connection) = http1::handshake(stream).await.map_err(unreachable)?;
        // How it ends is also seen by whoever waits for the answer or reads its body.
        let connection = Box::pin(connection.map(drop));
        Ok(Self { sender, connection })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Body>,
    ) -> Result<(StatusCode, Bytes), Fault> {
        let Self { sender, connection } = self;
        let work = async {
            sender.ready().await.map_err(unreachable)?;
            let answer = sender.send_request(request).await.map_err(unreachable)?;
            Ok((answer.status(), collect(answer).await?))
        };
        tokio::pin!(work);
        tokio::select! {
            result = &mut work => return result,
            () = connection => {}
        }
        // The connection is over; what came before that is still to be read.
        work.await
    }

    /// Sends a request and gives back the answer when it begins; its body brings the connection along.
    pub(super) async fn begin(self, request: Request<Body>) -> Result<Response<Body>, Fault> {
        let Self {
            mut sender,
            mut connection,
        } = self;
        let work = sender.send_request(request);
        tokio::pin!(work);
        let (answer, connection) = tokio::select! {
            answer = &mut work => (answer, Some(connection)),
            () = &mut connection => (work.await, None),
        };
        let driven = |body| Driven { body, connection }.boxed_unsync();
        Ok(answer.map_err(unreachable)?.map(driven))
    }
}

/// Asks for a raw connection in both directions; a task drives it until it is one.
pub(super) async fn upgrade(
    stream: Stream,
    request: Request<Body>,
) -> Result<Response<Body>, Fault> {
    let (mut sender, connection) = http1::handshake(stream).await.map_err(unreachable)?;
    tokio::spawn(async move {
        // An error here is also seen by whoever waits for the answer.
        let _ = connection.with_upgrades().await;
    });
    let answer = sender.send_request(request).await.map_err(unreachable)?;
    Ok(answer.map(|body| body.map_err(io::Error::other).boxed_unsync()))
}

/// The body of an answer with the connection that it comes by.
struct Driven {
    body: Incoming,
    /// Nothing once it is over.
    connection: Option<Connection>,
}

impl hyper::body::Body for Driven {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Self { body, connection } = &mut *self;
        let mut body = Pin::new(body);
        let mut frame = body.as_mut().poll_frame(context);
        if frame.is_pending()
            && let Some(open) = connection
        {
            if open.as_mut().poll(context).is_ready() {
                *connection = None;
            }
            // What it has read just now is there.
            frame = body.poll_frame(context);
        }
        frame.map(|frame| frame.map(|frame| frame.map_err(io::Error::other)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
