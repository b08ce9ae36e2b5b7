//! A learner without a browser: the same requests that the page makes.

use std::net::SocketAddr;

use checker::{Event, Report};
use docktutor::web::protocol::{
    ExerciseState, FileContent, FileEntry, FileSave, SandboxState, SandboxStatus,
};
use tokio::net::TcpStream;

use super::http::{self, Answer};
use super::terminal::Terminal;
use super::until;

/// Who came in by a token; holds the cookie.
#[derive(Clone, Debug)]
pub(crate) struct Learner {
    address: SocketAddr,
    cookie: String,
}

impl Learner {
    /// Opens the address with the token, as a person does, and keeps the cookie.
    pub(crate) async fn enter(address: SocketAddr, token: &str) -> Learner {
        let stranger = Learner {
            address,
            cookie: String::new(),
        };
        let answer = stranger
            .request("GET", &format!("/enter?token={token}"), "")
            .await;
        // A page that leads on, or a redirect: both may be, the cookie decides.
        assert!(
            (200..400).contains(&answer.status),
            "enter: {} {}",
            answer.status,
            answer.text()
        );
        let cookie = answer.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Strict"] {
            assert!(cookie.contains(part), "{cookie:?} has no {part}");
        }
        let cookie = cookie.split(';').next().unwrap_or("").to_owned();
        Learner { address, cookie }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request as the page would send it.
    pub(crate) async fn request(&self, method: &str, path: &str, body: &str) -> Answer {
        let host = self.address.to_string();
        let origin = self.origin();
        let headers = [
            ("host", host.as_str()),
            ("origin", &origin),
            ("cookie", &self.cookie),
            ("content-type", "application/json"),
        ];
        self.request_with(method, path, &headers, body).await
    }

    /// A request with exactly these headers.
    pub(crate) async fn request_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .copied()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let stream = TcpStream::connect(self.address)
            .await
            .expect("the server listens");
        http::send(stream, method, path, &headers, body.to_owned()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "").await
    }

    pub(crate) async fn status(&self) -> SandboxStatus {
        self.get("/api/status").await.json()
    }

    /// Waits until the engine and the images are there, then starts the sandbox and waits until it is ready.
    pub(crate) async fn start_sandbox(&self) -> SandboxStatus {
        until("an engine with its images", || async {
            let status = self.status().await;
            assert!(
                !matches!(status.state, SandboxState::NoEngine | SandboxState::Failed),
                "{} {}",
                status.message,
                status.next
            );
            (status.state != SandboxState::Preparing).then_some(())
        })
        .await;
        let status: SandboxStatus = self.request("POST", "/api/sandbox/start", "").await.json();
        assert_eq!(
            status.state,
            SandboxState::Ready,
            "{} {}",
            status.message,
            status.next
        );
        status
    }

    /// Terminal `number` of the sandbox, from the beginning of its scrollback.
    pub(crate) async fn terminal(&self, number: u8) -> Terminal {
        Terminal::open(self, number).await
    }

    pub(crate) async fn files(&self) -> Vec<FileEntry> {
        self.get("/api/files").await.json()
    }

    pub(crate) async fn read_file(&self, path: &str) -> FileContent {
        self.get(&format!("/api/files/{path}")).await.json()
    }

    /// Saves a file over whatever is there.
    pub(crate) async fn save_file(&self, path: &str, text: &str) -> FileContent {
        let present = self.get(&format!("/api/files/{path}")).await;
        let base = (present.status == 200).then(|| present.json::<FileContent>().version);
        let save = FileSave {
            text: text.to_owned(),
            base,
        };
        let body = serde_json::to_string(&save).expect("JSON");
        self.request("PUT", &format!("/api/files/{path}"), &body)
            .await
            .json()
    }

    pub(crate) async fn exercise(&self, id: &str) -> ExerciseState {
        self.get(&format!("/api/exercises/{id}?lang=en"))
            .await
            .json()
    }

    pub(crate) async fn start_exercise(&self, id: &str) -> ExerciseState {
        self.request("POST", &format!("/api/exercise/start/{id}?lang=en"), "")
            .await
            .json()
    }

    /// Checks the exercise as the page does; every event, and the report from the last of them.
    pub(crate) async fn check(&self, id: &str) -> (Vec<Event>, Report) {
        let answer = self
            .request("POST", &format!("/api/exercise/check/{id}?lang=en"), "")
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let events: Vec<Event> = answer
            .text()
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        let Some(Event::Done { report }) = events.last() else {
            panic!("the last event is no report: {:?}", events.last());
        };
        let report = (**report).clone();
        (events, report)
    }
}
