//! A request's body that comes back where nobody has read it to its end.
//!
//! A client that still writes when its connection closes reads an error of its own (`broken pipe`) instead of the
//! answer. So what is refused before its body was read is read on before the answer goes out.

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// A body as a call gets it.
pub(crate) struct Kept {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

impl Kept {
    /// The body for the call, and the way by which it comes back when the call drops it.
    pub(crate) fn new(body: Incoming) -> (Self, oneshot::Receiver<Incoming>) {
        let (sender, receiver) = oneshot::channel();
        let kept = Self {
            body: Some(body),
            back: Some(sender),
        };
        (kept, receiver)
    }
}

impl Body for Kept {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.get_mut().body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take())
            && !body.is_end_stream()
        {
            // Nobody waits for it where the call has succeeded.
            let _ = back.send(body);
        }
    }
}
