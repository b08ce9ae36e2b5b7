//! A context or an archive on its way: from the client into a file without a name, and from there to the engine.

use crate::api::incoming::Kept;
use crate::error::Fault;
use crate::policy::context;
use crate::upstream::Body;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::StatusCode;
use hyper::body::Frame;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

/// How a gzip stream begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How long a client may be silent while it sends.
const SILENCE: Duration = Duration::from_secs(60);

/// What is read on, and for how long, of a body that is refused.
const REST: (usize, Duration) = (256 << 20, Duration::from_secs(5));

/// What is taken in, for texts, and how large it may be in bytes, unpacked too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) what: &'static str,
    pub(crate) largest: u64,
    /// What to do where it is too large.
    pub(crate) remedy: &'static str,
}

/// Takes in a whole body. The file has no name any more when this returns, so nothing stays behind.
pub(crate) async fn receive(
    folder: &Path,
    mut body: Kept,
    expected: Expected,
) -> Result<File, Fault> {
    let Expected { what, largest, .. } = expected;
    let problem = |error: io::Error| Fault::internal(format!("{what} cannot be stored: {error}"));
    let mut file = nameless(folder).map_err(problem)?;
    let (mut total, mut first, mut gzip) = (0u64, true, false);
    loop {
        let frame = tokio::time::timeout(SILENCE, body.frame())
            .await
            .map_err(|_| Fault::new(StatusCode::REQUEST_TIMEOUT, format!("{what} did not come")))?;
        let Some(frame) = frame else { break };
        let Ok(data) = frame
            .map_err(|_| Fault::bad(format!("{what} broke off")))?
            .into_data()
        else {
            continue;
        };
        total += data.len() as u64;
        if total > largest {
            read_on(&mut body).await;
            return Err(too_large(expected));
        }
        if std::mem::take(&mut first) {
            gzip = data.starts_with(&GZIP);
            if context::is_compressed(&data) && !gzip {
                return Err(Fault::refused(format!(
                    "{what} that is compressed otherwise than by gzip"
                )));
            }
        }
        // A chunk is small and goes to the page cache; a thread for each would cost more.
        file.write_all(&data).map_err(problem)?;
    }
    file.rewind().map_err(problem)?;
    if !gzip {
        return Ok(file);
    }
    let plain = nameless(folder).map_err(problem)?;
    tokio::task::spawn_blocking(move || unpack(&file, plain, expected))
        .await
        .map_err(|error| Fault::internal(error.to_string()))?
}

/// Reads what is left of a body that is refused, within bounds: a client that still writes when the connection closes
/// reads an error of its own instead of the answer.
pub(crate) async fn read_on<B: hyper::body::Body<Data = Bytes> + Unpin>(body: &mut B) {
    let (mut left, within) = REST;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Whether all of it came does not matter here.
    let _ = tokio::time::timeout(within, reading).await;
}

/// Unpacks what came compressed; what unpacks to more than was expected is refused.
fn unpack(packed: &File, mut plain: File, expected: Expected) -> Result<File, Fault> {
    let reader = flate2::read::MultiGzDecoder::new(io::BufReader::new(packed));
    let mut reader = reader.take(expected.largest + 1);
    let length = io::copy(&mut reader, &mut plain)
        .map_err(|error| Fault::bad(format!("{} cannot be unpacked: {error}", expected.what)))?;
    if length > expected.largest {
        return Err(too_large(expected));
    }
    plain
        .rewind()
        .map_err(|error| Fault::internal(error.to_string()))?;
    Ok(plain)
}

fn too_large(expected: Expected) -> Fault {
    let Expected {
        what,
        largest,
        remedy,
    } = expected;
    Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("{what} is larger than {} MiB: {remedy}", largest >> 20),
    )
    .by("limit")
}

pub(crate) fn nameless(folder: &Path) -> io::Result<File> {
    let path = folder.join(format!("incoming-{}", crate::names::random(12)));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// A body that a blocking writer fills.
pub(crate) fn send(write: impl FnOnce(ChannelWriter) -> io::Result<()> + Send + 'static) -> Body {
    let (sender, receiver) = mpsc::channel(16);
    tokio::task::spawn_blocking(move || {
        let writer = ChannelWriter {
            sender: sender.clone(),
            buffer: Vec::new(),
        };
        if let Err(error) = write(writer) {
            // The engine must not take half a context for a whole one.
            let _ = sender.blocking_send(Err(error));
        }
    });
    body_of(receiver)
}

/// A reader, for a thread that may wait, of what comes in a body. Must be called within a tokio runtime.
pub(crate) fn reader(mut body: Body) -> impl Read + Send + 'static {
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Some(frame) = body.frame().await {
            let piece = match frame {
                Ok(frame) => Ok(frame.into_data().unwrap_or_default()),
                Err(error) => Err(error),
            };
            if sender.send(piece).await.is_err() {
                break; // The reader has read enough.
            }
        }
    });
    ChannelReader {
        receiver,
        piece: Bytes::new(),
    }
}

struct ChannelReader {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for ChannelReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let length = self.piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

/// A body out of a channel's pieces.
pub(crate) fn body_of(receiver: mpsc::Receiver<io::Result<Bytes>>) -> Body {
    StreamBody::new(stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((piece.map(Frame::data), receiver))
    }))
    .boxed_unsync()
}

/// Writes into a channel, in pieces of a good size.
pub(crate) struct ChannelWriter {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= 64 << 10 {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.buffer));
        self.sender
            .blocking_send(Ok(piece))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}
