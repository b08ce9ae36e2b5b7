//! A terminal as the page has it: numbered bytes both ways over a WebSocket.

use docktutor::web::protocol::{TerminalClient, TerminalServer};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::PATIENCE;
use super::learner::Learner;

/// One page's terminal. Every output byte is checked to come exactly once and in order.
#[derive(Debug)]
pub(crate) struct Terminal {
    socket: WebSocketStream<TcpStream>,
    learner: Learner,
    number: u8,
    client: String,
    next_output: u64,
    next_input: u64,
    acknowledged: u64,
    seen: Vec<u8>,
    commands: u32,
    may_skip: bool,
}

/// What is left of a terminal whose connection broke.
#[derive(Debug)]
pub(crate) struct Broken {
    learner: Learner,
    number: u8,
    client: String,
    next_output: u64,
    next_input: u64,
    seen: Vec<u8>,
    commands: u32,
}

/// Opens the WebSocket with exactly these headers; the server's refusal is an `Err` with its status.
pub(crate) async fn connect(
    learner: &Learner,
    number: u8,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<TcpStream>, u16> {
    let address = learner.address();
    let mut request = format!("ws://{address}/ws/terminal/{number}")
        .into_client_request()
        .expect("a WebSocket URL");
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, value.parse().expect("a header value"));
    }
    let stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("WebSocket: {error}"),
    }
}

impl Terminal {
    pub(crate) async fn open(learner: &Learner, number: u8) -> Terminal {
        let broken = Broken {
            learner: learner.clone(),
            number,
            client: random_id(),
            next_output: 0,
            next_input: 0,
            seen: Vec::new(),
            commands: 0,
        };
        broken.connect(None).await
    }

    /// Types bytes in one frame.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.send_numbered(self.next_input, bytes).await;
        self.next_input += bytes.len() as u64;
    }

    /// Sends bytes under a number of the test's choice, such as one that was sent before.
    pub(crate) async fn send_numbered(&mut self, number: u64, bytes: &[u8]) {
        let mut frame = number.to_be_bytes().to_vec();
        frame.extend_from_slice(bytes);
        self.socket
            .send(Message::Binary(frame.into()))
            .await
            .expect("the terminal takes input");
    }

    pub(crate) fn next_input(&self) -> u64 {
        self.next_input
    }

    pub(crate) fn next_output(&self) -> u64 {
        self.next_output
    }

    pub(crate) async fn resize(&mut self, cols: u16, rows: u16) {
        self.say(&TerminalClient::Resize { cols, rows }).await;
    }

    /// All output so far.
    pub(crate) fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    pub(crate) fn seen_bytes(&self) -> &[u8] {
        &self.seen
    }

    /// Waits until the output from byte `from` on holds `needle`; where it ends.
    pub(crate) async fn wait_for_bytes(&mut self, from: usize, needle: &[u8]) -> usize {
        loop {
            let tail = self.seen.get(from..).unwrap_or_default();
            if let Some(at) = tail
                .windows(needle.len())
                .position(|window| window == needle)
            {
                return from + at + needle.len();
            }
            self.receive(&String::from_utf8_lossy(needle)).await;
        }
    }

    pub(crate) async fn wait_for(&mut self, needle: &str) -> usize {
        self.wait_for_bytes(0, needle.as_bytes()).await
    }

    /// Waits until the shell has read a line, which was sent when so many bytes had been seen, and reads the next one: its
    /// line editor says both.
    pub(crate) async fn wait_for_prompt(&mut self, from: usize) {
        let read = self.wait_for_bytes(from, b"\x1b[?2004l").await;
        self.wait_for_bytes(read, b"\x1b[?2004h").await;
    }

    /// Runs a command line in the shell and gives what it printed, carriage returns removed.
    pub(crate) async fn run(&mut self, command: &str) -> String {
        let from = self.seen.len();
        self.commands += 1;
        let number = self.commands;
        let client = self.client.clone();
        // The echo of the typed line holds the quotes, the output does not: the two cannot be confused.
        let line = format!(
            "printf '%s' 'be''gin-{client}-{number}:'; {command}; printf '%s' 'e''nd-{client}-{number}'\r"
        );
        self.send(line.as_bytes()).await;
        let begin = self
            .wait_for_bytes(from, format!("begin-{client}-{number}:").as_bytes())
            .await;
        let end_mark = format!("end-{client}-{number}");
        let end = self.wait_for_bytes(begin, end_mark.as_bytes()).await;
        String::from_utf8_lossy(&self.seen[begin..end - end_mark.len()]).replace('\r', "")
    }

    /// The same for a command that must succeed; errors are part of what it gives.
    pub(crate) async fn must(&mut self, command: &str) -> String {
        let said = self
            .run(&format!("{{ {command}; }} 2>&1; echo \"code $?\""))
            .await;
        let (said, code) = said.rsplit_once("code ").expect("an exit code");
        assert_eq!(code.trim(), "0", "{command}: {said}");
        said.to_owned()
    }

    /// From now on output may be left out, as it is for a page that reads more slowly than a program prints.
    pub(crate) fn allow_skips(&mut self) {
        self.may_skip = true;
    }

    /// Waits until the server has taken all that was typed.
    pub(crate) async fn wait_until_taken(&mut self) {
        while self.acknowledged < self.next_input {
            self.receive("an acknowledgement").await;
        }
    }

    /// Waits for the message that the shell has ended.
    pub(crate) async fn wait_for_exit(&mut self) {
        while !matches!(
            self.receive("the shell's end").await,
            Some(TerminalServer::Exit)
        ) {}
    }

    /// The connection breaks without a goodbye.
    pub(crate) fn break_off(self) -> Broken {
        Broken {
            learner: self.learner,
            number: self.number,
            client: self.client,
            next_output: self.next_output,
            next_input: self.next_input,
            seen: self.seen,
            commands: self.commands,
        }
    }

    async fn say(&mut self, message: &TerminalClient) {
        let text = serde_json::to_string(message).expect("JSON");
        self.socket
            .send(Message::Text(text.into()))
            .await
            .expect("the terminal listens");
    }

    /// The next frame; a text frame's message.
    async fn receive(&mut self, what: &str) -> Option<TerminalServer> {
        let message = tokio::time::timeout(PATIENCE, self.socket.next())
            .await
            .unwrap_or_else(|_| {
                panic!(
                    "waited for {what:?}; the terminal has shown {:?}",
                    self.seen()
                )
            })
            .unwrap_or_else(|| {
                panic!(
                    "the server closed while waiting for {what:?}; shown: {:?}",
                    self.seen()
                )
            })
            .unwrap_or_else(|error| {
                panic!(
                    "{error} while waiting for {what:?}; shown: {:?}",
                    self.seen()
                )
            });
        match message {
            Message::Binary(frame) => {
                let (number, bytes) = frame.split_first_chunk::<8>().expect("a numbered frame");
                let first = u64::from_be_bytes(*number);
                if self.may_skip && first > self.next_output {
                    self.next_output = first;
                }
                assert_eq!(first, self.next_output, "output is lost or comes twice");
                self.seen.extend_from_slice(bytes);
                self.next_output += bytes.len() as u64;
                None
            }
            Message::Text(text) => {
                let message =
                    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                match &message {
                    TerminalServer::Ack { input } => self.acknowledged = *input,
                    TerminalServer::Error { message } => panic!("the terminal says: {message}"),
                    TerminalServer::Ready { .. } | TerminalServer::Exit => {}
                }
                Some(message)
            }
            Message::Close(_) => panic!(
                "the server closed while waiting for {what:?}; shown: {:?}",
                self.seen()
            ),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
        }
    }
}

impl Broken {
    /// Comes back as the page does, with the next byte that it wants.
    pub(crate) async fn resume(self) -> Terminal {
        let resume = Some(self.next_output);
        self.connect(resume).await
    }

    /// Comes back to a server that was started again, on another port perhaps.
    pub(crate) async fn resume_at(mut self, learner: &Learner) -> Terminal {
        self.learner = learner.clone();
        self.resume().await
    }

    pub(crate) fn next_input(&self) -> u64 {
        self.next_input
    }

    async fn connect(self, resume: Option<u64>) -> Terminal {
        let headers = [
            ("origin", self.learner.origin()),
            ("cookie", self.learner.cookie().to_owned()),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let socket = connect(&self.learner, self.number, &headers)
            .await
            .unwrap_or_else(|status| panic!("the terminal is refused with status {status}"));
        let mut terminal = Terminal {
            socket,
            learner: self.learner,
            number: self.number,
            client: self.client,
            next_output: self.next_output,
            next_input: self.next_input,
            acknowledged: 0,
            seen: self.seen,
            commands: self.commands,
            may_skip: false,
        };
        let client = terminal.client.clone();
        terminal
            .say(&TerminalClient::Hello {
                client,
                resume,
                cols: 200,
                rows: 50,
            })
            .await;
        loop {
            if let Some(TerminalServer::Ready { output, input }) = terminal.receive("ready").await {
                if let Some(wanted) = resume {
                    assert_eq!(output, wanted, "the output goes on where it was left");
                }
                terminal.next_output = output;
                terminal.acknowledged = input;
                // What was typed and never arrived is the caller's to send again.
                terminal.next_input = input;
                return terminal;
            }
        }
    }
}

fn random_id() -> String {
    use std::io::Read as _;
    let mut bytes = [0; 8];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .expect("random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
