//! The engine as the checker uses it: every call has a deadline, and every way to fail has a sentence.

mod cleanup;
mod containers;

use std::future::Future;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};
use tokio::time::Instant;

pub(crate) use cleanup::{Cleanup, LABEL, sweep};
pub(crate) use containers::{Container, Exit, MOST_OUTPUT, Output, Start, Started};

use crate::Lang;
use crate::check::Endpoint;

/// The longest that a single answer is waited for; builds and running containers have their own limits.
const CALL: Duration = Duration::from_secs(30);

/// The longest that the first answer is waited for. An engine that hangs is seen here.
const GREETING: Duration = Duration::from_secs(10);

/// A connection with the time at which all must be done.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) docker: Docker,
    pub(crate) deadline: Instant,
}

/// Why the engine is of no help. None of it is the learner's fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no engine to ask.
    NoEngine,
    /// It did not answer in time.
    Silent { seconds: u64 },
    /// The connection cannot be made, or broke.
    Gone { why: String },
    /// It answered something that is no answer.
    Nonsense { why: String },
    /// It answered that it will not or cannot.
    Refused { status: u16, why: String },
}

impl Engine {
    /// Connects and agrees on an API version.
    pub(crate) async fn connect(endpoint: &Endpoint, deadline: Instant) -> Result<Engine, Fault> {
        let Endpoint::Unix(path) = endpoint;
        let path = path.to_str().ok_or_else(|| Fault::Gone {
            why: "the socket's path is not UTF-8".to_owned(),
        })?;
        // The library's own limit is never reached: each call below has a shorter one.
        let docker = Docker::connect_with_unix(path, 24 * 3600, API_DEFAULT_VERSION)
            .map_err(|error| Fault::of(&error))?;
        let limit = GREETING.min(deadline.saturating_duration_since(Instant::now()));
        let docker = within(limit, docker.negotiate_version()).await?;
        Ok(Engine { docker, deadline })
    }

    /// One call to the engine.
    pub(crate) async fn call<T>(
        &self,
        answer: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Fault> {
        within(CALL.min(self.left()), answer).await
    }

    /// The time that is left for everything.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the engine still answers. Tells a slow submission from a hanging engine.
    pub(crate) async fn is_alive(&self) -> Result<(), Fault> {
        within(GREETING, self.docker.ping()).await.map(|_| ())
    }
}

pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, bollard::errors::Error>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::of(&error)),
        Err(_) => Err(Fault::Silent {
            seconds: limit.as_secs().max(1),
        }),
    }
}

impl Fault {
    pub(crate) fn of(error: &bollard::errors::Error) -> Fault {
        use bollard::errors::Error;
        let why = chain(error);
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => Fault::Refused {
                status: *status_code,
                why: message.trim().to_owned(),
            },
            Error::JsonDataError { .. }
            | Error::JsonSerdeError { .. }
            | Error::APIVersionParseError {}
            | Error::StrParseError { .. } => Fault::Nonsense { why },
            Error::HyperResponseError { err } if err.is_parse() => Fault::Nonsense { why },
            // The client wraps the parser's error; its words are all that is left of it.
            _ if why.contains("invalid HTTP") => Fault::Nonsense { why },
            _ => Fault::Gone { why },
        }
    }

    /// What a learner reads.
    pub(crate) fn message(&self, lang: Lang) -> String {
        let (what, next) = match (self, lang) {
            (Fault::NoEngine, Lang::Ko) => (
                "Docker 엔진이 없어서 이미지를 빌드하거나 컨테이너를 실행해 볼 수 없었어요."
                    .to_owned(),
                "엔진을 설치하거나 켠 다음 다시 채점하세요. `docktutor doctor` 명령이 무엇이 빠졌는지 알려 줘요.",
            ),
            (Fault::NoEngine, Lang::En) => (
                "There is no Docker Engine, so no image could be built and no container run."
                    .to_owned(),
                "Install or start one and check again; `docktutor doctor` says what is missing.",
            ),
            (Fault::Silent { seconds }, Lang::Ko) => (
                format!("Docker 엔진이 {seconds}초 안에 답하지 않았어요."),
                AGAIN_KO,
            ),
            (Fault::Silent { seconds }, Lang::En) => (
                format!("The Docker Engine did not answer within {seconds} s."),
                AGAIN_EN,
            ),
            (Fault::Gone { why }, Lang::Ko) => (
                format!("Docker 엔진과 연결이 되지 않거나 끊어졌어요({why})."),
                AGAIN_KO,
            ),
            (Fault::Gone { why }, Lang::En) => (
                format!("The connection to the Docker Engine failed or broke ({why})."),
                AGAIN_EN,
            ),
            (Fault::Nonsense { why }, Lang::Ko) => (
                format!("Docker 엔진의 답을 이해할 수 없어요({why})."),
                AGAIN_KO,
            ),
            (Fault::Nonsense { why }, Lang::En) => (
                format!("The Docker Engine's answer makes no sense ({why})."),
                AGAIN_EN,
            ),
            (Fault::Refused { status, why }, Lang::Ko) => (
                format!("Docker 엔진이 요청을 받아들이지 않았어요({status}: {why})."),
                AGAIN_KO,
            ),
            (Fault::Refused { status, why }, Lang::En) => (
                format!("The Docker Engine refused a request ({status}: {why})."),
                AGAIN_EN,
            ),
        };
        format!("{what} {next}")
    }
}

const AGAIN_KO: &str = "제출한 파일의 잘못이 아니라 채점 환경의 문제예요. 다시 채점해 보고, 계속되면 `docktutor doctor` 명령으로 엔진을 살펴보세요.";
const AGAIN_EN: &str = "This is a fault of the surroundings and says nothing about your work. Check again; if it stays so, look at the engine with `docktutor doctor`.";

/// An error with its causes, which the libraries keep apart. Bounded, because an engine can send any text.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    crate::assert::one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_says_what_to_do_next_in_both_languages() {
        let faults = [
            Fault::NoEngine,
            Fault::Silent { seconds: 3 },
            Fault::Gone { why: "x".into() },
            Fault::Nonsense { why: "x".into() },
            Fault::Refused {
                status: 500,
                why: "x".into(),
            },
        ];
        for fault in faults {
            assert!(fault.message(Lang::En).contains("docktutor doctor"));
            assert!(fault.message(Lang::Ko).contains("docktutor doctor"));
        }
    }
}
