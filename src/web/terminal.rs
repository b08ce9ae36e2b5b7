//! A terminal over a WebSocket; `protocol.rs` describes the frames.
//!
//! Two halves: one sends what the shell prints, one takes what the page types. They meet only in a small channel for
//! control messages, so a page that reads slowly never keeps its own input or another page waiting.

use std::sync::Arc;

use axum::Extension;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::error::AppError;
use super::protocol::{TerminalClient, TerminalServer};
use super::{App, AppState};
use crate::sandbox::{Attachment, Output, Sandbox, Terminal};
use crate::store::{Learner, LearnerId};

/// Terminals of one sandbox are numbered 1 to this.
const TERMINALS: u8 = 4;

/// Output goes out in frames of at most this many bytes, so that the page can draw while the rest is on its way.
const FRAME: usize = 16 << 10;

/// A frame from the page: a large paste is cut by the page.
const MAX_MESSAGE: usize = 256 << 10;

/// `GET /ws/terminal/{n}`.
pub(super) async fn open_terminal(
    State(app): State<AppState>,
    Extension(learner): Extension<Learner>,
    Path(number): Path<u8>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, AppError> {
    if !(1..=TERMINALS).contains(&number) {
        return Err(AppError::new(
            StatusCode::NOT_FOUND,
            format!("There is no terminal {number}."),
            format!("Terminals are numbered 1 to {TERMINALS}."),
        ));
    }
    Ok(upgrade
        .max_message_size(MAX_MESSAGE)
        .on_upgrade(move |socket| async move {
            let (mut sink, stream) = socket.split();
            if let Err(message) = converse(&app, learner.id, number, &mut sink, stream).await {
                let _ = sink.send(text(&TerminalServer::Error { message })).await;
            }
            let _ = sink.close().await;
        }))
}

async fn converse(
    app: &App,
    learner: LearnerId,
    number: u8,
    sink: &mut SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
) -> Result<(), String> {
    let Some((client, resume, cols, rows)) = read_hello(&mut stream).await else {
        return Ok(());
    };
    let sandbox = app
        .sandboxes
        .start(learner)
        .await
        .map_err(|error| error.to_string())?;
    let terminal = sandbox
        .terminal(number)
        .await
        .map_err(|error| error.to_string())?;
    terminal.resize(cols, rows).await;
    let attachment = terminal.attach(resume);
    let ready = TerminalServer::Ready {
        output: attachment.first,
        input: terminal.next_input(&client),
    };
    if sink.send(text(&ready)).await.is_err() {
        return Ok(());
    }
    let (control, mut replies) = mpsc::channel(16);
    tokio::select! {
        () = send_output(sink, attachment, &terminal, &mut replies) => {}
        () = take_input(&mut stream, &sandbox, &terminal, &client, control) => {}
        () = app.shutdown.cancelled() => {}
    }
    Ok(())
}

async fn read_hello(
    stream: &mut SplitStream<WebSocket>,
) -> Option<(String, Option<u64>, u16, u16)> {
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Text(text) = message {
            return match serde_json::from_str(&text) {
                Ok(TerminalClient::Hello {
                    client,
                    resume,
                    cols,
                    rows,
                }) if client.len() <= 64 => Some((client, resume, cols, rows)),
                _ => None,
            };
        }
    }
    None
}

/// Ends when the page is gone.
async fn send_output(
    sink: &mut SplitSink<WebSocket, Message>,
    attachment: Attachment,
    terminal: &Arc<Terminal>,
    replies: &mut mpsc::Receiver<TerminalServer>,
) {
    let mut next = attachment.first;
    let mut live = attachment.live;
    if send_bytes(sink, &mut next, attachment.backlog)
        .await
        .is_err()
    {
        return;
    }
    loop {
        let sent = tokio::select! {
            reply = replies.recv() => match reply {
                Some(reply) => sink.send(text(&reply)).await,
                None => return,
            },
            output = live.recv() => match output {
                Ok(Output::Bytes { first, bytes }) => {
                    // What the backlog held already is not sent twice.
                    let known = usize::try_from(next.saturating_sub(first)).unwrap_or(usize::MAX);
                    let fresh = bytes.slice(known.min(bytes.len())..);
                    send_bytes(sink, &mut next, fresh).await
                }
                Ok(Output::Exit) => sink.send(text(&TerminalServer::Exit)).await,
                Err(RecvError::Lagged(_)) => {
                    let again = terminal.attach(Some(next));
                    live = again.live;
                    next = again.first;
                    send_bytes(sink, &mut next, again.backlog).await
                }
                Err(RecvError::Closed) => return,
            },
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn send_bytes(
    sink: &mut SplitSink<WebSocket, Message>,
    next: &mut u64,
    mut bytes: Bytes,
) -> Result<(), axum::Error> {
    while !bytes.is_empty() {
        let part = bytes.split_to(bytes.len().min(FRAME));
        let mut frame = BytesMut::with_capacity(8 + part.len());
        frame.put_u64(*next);
        frame.put_slice(&part);
        *next += part.len() as u64;
        sink.send(Message::Binary(frame.freeze())).await?;
    }
    Ok(())
}

/// Ends when the page is gone or says something that is no message of ours.
async fn take_input(
    stream: &mut SplitStream<WebSocket>,
    sandbox: &Arc<Sandbox>,
    terminal: &Arc<Terminal>,
    client: &str,
    control: mpsc::Sender<TerminalServer>,
) {
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Binary(frame) => {
                let Some((number, bytes)) = frame.split_first_chunk::<8>() else {
                    return;
                };
                sandbox.touch();
                let input = terminal
                    .input(client, u64::from_be_bytes(*number), bytes)
                    .await;
                if control.send(TerminalServer::Ack { input }).await.is_err() {
                    return;
                }
            }
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(TerminalClient::Resize { cols, rows }) => terminal.resize(cols, rows).await,
                _ => return,
            },
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

fn text(message: &TerminalServer) -> Message {
    Message::Text(Utf8Bytes::from(
        serde_json::to_string(message).unwrap_or_default(),
    ))
}
