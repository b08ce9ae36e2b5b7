//! The builder's output as the learner reads it: own names of images, own tags.

use super::line;
use crate::names;
use crate::scope::Inner;
use crate::upstream::{Body, End};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The longest line that a builder writes.
const LONGEST_LINE: usize = 4 << 20;
/// How long the engine is listened to after a build was told to end.
const LAST_STEP: Duration = Duration::from_secs(60);

/// Follows a build.
pub(crate) struct Output {
    scope: Arc<Inner>,
    /// The real tag, which is not shown.
    keep: String,
    /// Instructions that were changed, and what the learner wrote; each is used once.
    changed: Vec<(String, String)>,
    /// With `-q` nothing is shown but the id, or everything if the build fails.
    held: Option<String>,
    layers: Vec<String>,
    /// The step that runs is a `FROM`.
    at_base: bool,
    client: mpsc::Sender<io::Result<Bytes>>,
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
    /// The build was told to end: nobody reads the output any more.
    stopped: bool,
}

impl Output {
    pub(crate) fn new(
        scope: Arc<Inner>,
        keep: String,
        changed: Vec<(String, String)>,
        quiet: bool,
        client: mpsc::Sender<io::Result<Bytes>>,
    ) -> Self {
        Self {
            scope,
            keep,
            changed,
            held: quiet.then(String::new),
            layers: Vec::new(),
            at_base: true,
            client,
            rest: Vec::new(),
            stopped: false,
        }
    }

    /// Intermediate images that the builder named.
    pub(crate) fn layers(&self) -> &[String] {
        &self.layers
    }

    /// Passes the output on until it ends. `Err(Some)` is an error that the client has not seen yet.
    ///
    /// `stop` says why the build must end before that. The engine finishes the step that it is at, so it is listened to
    /// until it has ended too: what it still makes must be known.
    pub(crate) async fn follow(
        &mut self,
        answer: Response<Body>,
        end: &End,
        stop: impl Future<Output = String>,
    ) -> Result<(), Option<String>> {
        let mut body = answer.into_body();
        let client = self.client.clone();
        let result = tokio::select! {
            read = self.read(&mut body) => read,
            // A step can be silent for ever: whether the client is still there is not learnt by writing to it.
            () = client.closed() => Err(None),
            why = stop => Err(Some(why)),
        };
        if result.is_err() {
            end.end();
            self.stopped = true;
            // A step that does not end is not waited for.
            let _ = tokio::time::timeout(LAST_STEP, self.read(&mut body)).await;
        }
        result
    }

    /// Reads until the engine ends the output.
    async fn read(&mut self, body: &mut Body) -> Result<(), Option<String>> {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Some("the engine ended the build".to_owned()))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            self.rest.extend_from_slice(&data);
            if self.rest.len() > LONGEST_LINE {
                return Err(Some("a line of the build's output is too long".to_owned()));
            }
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let text: Vec<u8> = self.rest.drain(..=end).collect();
                let Ok(event) = serde_json::from_slice::<Value>(&text) else {
                    continue;
                };
                self.event(event).await?;
            }
        }
        Ok(())
    }

    async fn event(&mut self, mut event: Value) -> Result<(), Option<String>> {
        if self.stopped {
            self.note_layer(event["stream"].as_str().unwrap_or_default());
            return Ok(());
        }
        if let Some(error) = event["error"].as_str() {
            let error = self.words(error);
            let code = event["errorDetail"]["code"].clone();
            let shown =
                json!({ "errorDetail": { "code": code, "message": error }, "error": error });
            self.show_held().await?;
            self.send(line(&shown)).await?;
            return Err(None);
        }
        if let Some(text) = event["stream"].as_str() {
            if text.contains(&self.keep) {
                return Ok(());
            }
            self.note_layer(text);
            event["stream"] = json!(self.words(text));
        }
        match &mut self.held {
            Some(held) => held.push_str(&line(&event)),
            None => self.send(line(&event)).await?,
        }
        Ok(())
    }

    /// Remembers what the build itself made. The id that follows a `FROM` is the base image, which is somebody else's.
    fn note_layer(&mut self, text: &str) {
        if let Some((_, instruction)) = text.split_once(" : ").filter(|_| text.starts_with("Step "))
        {
            self.at_base = instruction
                .split_whitespace()
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case("from"));
            return;
        }
        let id = text
            .trim_start()
            .strip_prefix("---> ")
            .map(str::trim)
            .filter(|id| id.len() == 12 && names::is_hex(id));
        if let Some(id) = id
            && !std::mem::take(&mut self.at_base)
            && !self.layers.iter().any(|known| known == id)
        {
            self.layers.push(id.to_owned());
            self.scope.disk.made(id);
        }
    }

    /// Puts the learner's words in the place of ours.
    fn words(&mut self, text: &str) -> String {
        let Some((_, instruction)) = text.split_once(" : ").filter(|_| text.starts_with("Step "))
        else {
            return text.replace(&self.keep, "the image");
        };
        match self
            .changed
            .iter()
            .position(|(ours, _)| *ours == instruction.trim_end())
        {
            Some(index) => {
                let (ours, theirs) = self.changed.remove(index);
                text.replacen(&ours, &theirs, 1)
            }
            None => text.to_owned(),
        }
    }

    async fn show_held(&mut self) -> Result<(), Option<String>> {
        match self.held.take() {
            Some(held) => self.send(held).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Option<String>> {
        // A client that left does not want the rest, and then the build is told to end.
        self.client
            .send(Ok(Bytes::from(text)))
            .await
            .map_err(|_| None)
    }

    pub(crate) async fn success(&mut self, image: &str, tags: &[String]) {
        let text: String = if self.held.is_some() {
            line(&json!({ "stream": format!("{image}\n") }))
        } else {
            tags.iter()
                .map(|tag| line(&json!({ "stream": format!("Successfully tagged {tag}\n") })))
                .collect()
        };
        // The image is in the books, whether or not the client still listens.
        let _ = self.send(text).await;
    }

    pub(crate) async fn failure(&mut self, message: &str) {
        let shown = json!({ "errorDetail": { "message": message }, "error": message });
        if self.show_held().await.is_ok() {
            let _ = self.send(line(&shown)).await;
        }
    }
}
