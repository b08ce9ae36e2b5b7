//! Judges the engine's state. What has time to become so is looked at again whenever the engine reports something.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bollard::Docker;
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::world::World;
use crate::assert::{Assertion, Verdict};
use crate::engine::{Fault, LABEL};
use crate::snapshot::collect::{Source, collect};
use crate::snapshot::{EngineSnapshot, Wanted};
use crate::{Lang, Status};

/// What is kept of the whole time for removing what a look has started.
const RESERVE: Duration = Duration::from_secs(2);

/// How long after a look the next one comes where no event says that something changed: a file, a log, a process.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// An assertion on the engine's state.
pub(super) struct Ask<'a> {
    pub(super) wanted: Wanted,
    /// Seconds that it has to become so.
    pub(super) within: Option<u64>,
    /// It must be so the whole time, and not only once.
    pub(super) lasting: bool,
    pub(super) judge: Judge<'a>,
}

/// Takes the state now and the one when the check began.
pub(super) type Judge<'a> =
    Box<dyn Fn(&EngineSnapshot, &EngineSnapshot, Lang) -> Verdict + Send + Sync + 'a>;

/// What an assertion asks of the engine's state; `None` for one that is about something else.
pub(super) fn ask(assertion: &Assertion) -> Option<Ask<'_>> {
    Some(match assertion {
        Assertion::Container(container) => Ask {
            wanted: container.wanted(),
            within: container.within,
            lasting: container.since_check == Some(crate::assert::container::Change::Untouched),
            judge: Box::new(|now, before, lang| container.judge(now, before, lang)),
        },
        Assertion::Volume(volume) => Ask {
            wanted: volume.wanted(),
            within: volume.within,
            lasting: false,
            judge: Box::new(|now, _, lang| volume.judge(now, lang)),
        },
        Assertion::Network(network) => Ask {
            wanted: network.wanted(),
            within: network.within,
            lasting: false,
            judge: Box::new(|now, _, lang| network.judge(now, lang)),
        },
        Assertion::Resolves(resolves) => Ask {
            wanted: resolves.wanted(),
            within: resolves.within,
            lasting: false,
            judge: Box::new(|now, _, lang| resolves.judge(now, lang)),
        },
        _ => return None,
    })
}

impl World<'_> {
    /// Judges the state, again and again until it is right or the time is over.
    pub(super) async fn state(&mut self, assertion: &Assertion) -> Verdict {
        let lang = self.lang;
        let Some(ask) = ask(assertion) else {
            return Verdict::error(lang.pick(
                "엔진의 상태에 대한 검사가 아니에요.",
                "This is no check of the engine's state.",
            ));
        };
        match self.try_state(&ask).await {
            Ok(verdict) => verdict,
            Err(Ok(fault)) => Verdict::error(fault.message(lang)),
            Err(Err(verdict)) => verdict,
        }
    }

    async fn try_state(&mut self, ask: &Ask<'_>) -> Result<Verdict, Result<Fault, Verdict>> {
        let lang = self.lang;
        let connection = self.connection().await.map_err(Err)?;
        let engine = &connection.engine;
        let source = Source {
            engine,
            cleanup: &connection.cleanup,
            probe_image: &self.job.probe_image,
        };
        if self.before.is_none() {
            let all = Wanted {
                all_containers: self.needs_before(),
                ..Wanted::default()
            };
            self.before = Some(collect(source, &all).await.map_err(Ok)?);
        }
        let before = self.before.get_or_insert_default();
        let patience =
            Duration::from_secs(ask.within.unwrap_or(0)).min(engine.left().saturating_sub(RESERVE));
        let deadline = Instant::now() + patience;
        // Listening begins before the first look, so that nothing is missed between the two.
        let news = (ask.within.is_some()).then(|| News::listen(&engine.docker));
        let mut pause = FIRST_PAUSE;
        loop {
            let now = collect(source, &ask.wanted).await.map_err(Ok)?;
            let verdict = (ask.judge)(&now, before, lang);
            let settled =
                (verdict.status == Status::Pass) != ask.lasting || verdict.status == Status::Error;
            let Some(news) = news
                .as_ref()
                .filter(|_| !settled && Instant::now() < deadline)
            else {
                return Ok(told(verdict, ask, lang));
            };
            let next = if ask.wanted.is_silent() || news.is_deaf() {
                deadline.min(Instant::now() + pause)
            } else {
                deadline
            };
            pause = LONGEST_PAUSE.min(pause * 2);
            tokio::select! {
                () = news.heard() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Whether some check compares with the state at the beginning.
    fn needs_before(&self) -> bool {
        let compares = |assertion: &Assertion| matches!(assertion, Assertion::Container(c) if c.since_check.is_some());
        self.job
            .exercise
            .checks
            .iter()
            .any(|check| compares(&check.assertion))
    }
}

/// Says how long was waited, where a check waits.
fn told(mut verdict: Verdict, ask: &Ask<'_>, lang: Lang) -> Verdict {
    if let (Status::Fail, Some(seconds), Some(expected)) =
        (verdict.status, ask.within, verdict.expected.as_mut())
    {
        expected.push_str(&match (lang, ask.lasting) {
            (Lang::Ko, false) => format!(" ({seconds}초 안에)"),
            (Lang::En, false) => format!(" (within {seconds} s)"),
            (Lang::Ko, true) => format!(" ({seconds}초 동안)"),
            (Lang::En, true) => format!(" (for {seconds} s)"),
        });
    }
    verdict
}

/// The engine's events, as a bell.
struct News {
    bell: Arc<Notify>,
    listener: JoinHandle<()>,
}

impl Drop for News {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl News {
    fn listen(docker: &Docker) -> News {
        let bell = Arc::new(Notify::new());
        let (ring, docker) = (Arc::clone(&bell), docker.clone());
        // From a second ago: what happens until the engine has taken the request is told afterwards.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs().saturating_sub(1));
        let listener = tokio::spawn(async move {
            let filters =
                HashMap::from([("type", vec!["container", "volume", "network", "image"])]);
            let options = EventsOptionsBuilder::new()
                .since(&since.to_string())
                .filters(&filters)
                .build();
            let stream = docker.events(Some(options));
            futures_util::pin_mut!(stream);
            while let Some(Ok(event)) = stream.next().await {
                if is_news(&event) {
                    ring.notify_one();
                }
            }
            // The engine is gone, or will not say more: the next look tells which.
            ring.notify_one();
        });
        News { bell, listener }
    }

    async fn heard(&self) {
        self.bell.notified().await;
    }

    /// Nobody listens any more.
    fn is_deaf(&self) -> bool {
        self.listener.is_finished()
    }
}

/// Whether an event can change what a check sees. What looking itself causes is none: it would ring without end.
fn is_news(event: &EventMessage) -> bool {
    let action = event.action.as_deref().unwrap_or_default();
    let attributes = event
        .actor
        .as_ref()
        .and_then(|actor| actor.attributes.as_ref());
    let own = attributes.is_some_and(|all| {
        all.contains_key(LABEL.0)
            || all
                .get("name")
                .is_some_and(|name| name.contains("docktutor-check-"))
    });
    let looking = [
        "exec_",
        "archive-path",
        "top",
        "attach",
        "resize",
        "export",
        "mount",
        "unmount",
    ];
    !own && !looking.iter().any(|word| action.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: &str, attributes: &[(&str, &str)]) -> EventMessage {
        EventMessage {
            action: Some(action.to_owned()),
            actor: Some(bollard::models::EventActor {
                id: None,
                attributes: Some(
                    attributes
                        .iter()
                        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                        .collect(),
                ),
            }),
            ..EventMessage::default()
        }
    }

    #[test]
    fn only_what_others_do_rings() {
        for action in [
            "start",
            "die",
            "health_status: healthy",
            "connect",
            "destroy",
            "rename",
        ] {
            assert!(is_news(&event(action, &[("name", "web")])), "{action}");
        }
        for action in [
            "exec_create: id",
            "exec_die",
            "archive-path",
            "top",
            "mount",
        ] {
            assert!(!is_news(&event(action, &[("name", "web")])), "{action}");
        }
        assert!(!is_news(&event("start", &[(LABEL.0, "1")])));
        assert!(!is_news(&event(
            "die",
            &[("name", "docktutor-check-probe-1")]
        )));
    }
}
