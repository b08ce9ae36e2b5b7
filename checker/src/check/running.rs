//! Requests to containers that the learner runs: found by name or by published port, asked from inside the scope.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::listeners::Diagnosis;
use super::probe::{self, Outcome};
use super::serve::{error, limit, look};
use super::wording::{self, LAST_LINES};
use super::world::{Connection, World};
use crate::assert::http::Http;
use crate::assert::registry::{ACCEPT, Registry};
use crate::assert::{Verdict, container, exit};
use crate::engine::{Container as Name, Fault, Start, Started};
use crate::snapshot::collect::{Source, collect};
use crate::snapshot::{Container, EngineSnapshot, Wanted};
use crate::{Lang, Status};

/// After an answer that is not the right one yet, so long until the next question.
const PAUSE: Duration = Duration::from_millis(500);

/// Whom a request goes to, as an exercise names it.
struct Asked<'a> {
    container: Option<&'a str>,
    port: u16,
    published: Option<u16>,
    from: Option<&'a str>,
}

/// Where a request goes to.
struct Target {
    /// The server's container.
    name: Name,
    /// The port in it.
    port: u16,
    /// Host of the URL.
    host: String,
    /// The network that the probe is on; `None` for the default one.
    network: Option<String>,
}

impl World<'_> {
    /// Judges the answer of a container that runs already.
    pub(super) async fn http_of_running(&mut self, http: &Http) -> Verdict {
        let asked = Asked {
            container: http.container.as_deref(),
            port: http.port,
            published: http.published,
            from: http.from.as_deref(),
        };
        let lang = self.lang;
        let mut http = http.clone();
        let path = http.path.clone();
        let patience = http.patience();
        let answered = self
            .until(asked, &path, &[], patience, |answer, _, lang| {
                http.judge(answer, lang)
            })
            .await;
        match answered {
            Ok(verdict) => verdict,
            Err(Refusal::Verdict(verdict)) => verdict,
            Err(Refusal::NoAnswer { curl: 6, .. }) => {
                let (from, name) = (
                    http.from.clone().unwrap_or_default(),
                    http.container.clone().unwrap_or_default(),
                );
                wording::unknown_name(&from, &name, lang).expected(http.wanted(lang))
            }
            Err(Refusal::NoAnswer {
                curl,
                seen,
                log,
                port,
            }) => {
                http.port = port;
                let verdict = wording::no_answer(&http, curl, &seen, lang);
                wording::with_log(verdict, &log, lang).expected(http.wanted(lang))
            }
        }
    }

    /// Judges what a registry holds.
    pub(super) async fn registry(&mut self, registry: &Registry) -> Verdict {
        let asked = Asked {
            container: registry.container.as_deref(),
            port: registry.port,
            published: registry.published,
            from: None,
        };
        let lang = self.lang;
        let patience = Duration::from_secs(registry.within);
        let judge =
            |answer: &probe::Answer, now: &EngineSnapshot, lang| registry.judge(answer, now, lang);
        match self
            .until(asked, &registry.path(), &[ACCEPT], patience, judge)
            .await
        {
            Ok(verdict) | Err(Refusal::Verdict(verdict)) => verdict,
            Err(Refusal::NoAnswer {
                curl,
                seen,
                log,
                port,
            }) => {
                let http = Http {
                    port,
                    within: registry.within,
                    ..Http::default()
                };
                let verdict = wording::no_answer(&http, curl, &seen, lang);
                wording::with_log(verdict, &log, lang).expected(registry.wanted(lang))
            }
        }
    }

    /// Asks until the answer is right or the time is over; the last answer is judged.
    async fn until(
        &mut self,
        asked: Asked<'_>,
        path: &str,
        headers: &[&str],
        patience: Duration,
        judge: impl Fn(&probe::Answer, &EngineSnapshot, Lang) -> Verdict,
    ) -> Result<Verdict, Refusal> {
        let lang = self.lang;
        let connection = self.connection().await.map_err(Refusal::Verdict)?;
        let probe_image = self.job.probe_image.as_str();
        let source = Source {
            engine: &connection.engine,
            cleanup: &connection.cleanup,
            probe_image,
        };
        let deadline = Instant::now() + limit(&connection, patience);
        let fault = |fault: Fault| Refusal::Verdict(error(&fault, lang));
        let wanted = Wanted {
            all_containers: true,
            images: true,
            networks: true,
            ..Wanted::default()
        };
        loop {
            let now = collect(source, &wanted).await.map_err(fault)?;
            let left = deadline.saturating_duration_since(Instant::now());
            let target = match find(&asked, &now, lang) {
                Ok(target) => target,
                // It may be on its way.
                Err(_) if left > PAUSE => {
                    sleep(PAUSE).await;
                    continue;
                }
                Err(verdict) => return Err(Refusal::Verdict(verdict)),
            };
            let outcome = fetch(&connection, &target, path, headers, left, probe_image)
                .await
                .map_err(fault)?;
            match outcome {
                Outcome::Answer(answer) => {
                    let verdict = judge(&answer, &now, lang);
                    if verdict.status == Status::Pass || Instant::now() + PAUSE >= deadline {
                        return Ok(verdict);
                    }
                    sleep(PAUSE).await;
                }
                Outcome::Broken { why } => {
                    return Err(Refusal::Verdict(Verdict::error(wording::broken_probe(
                        &why, lang,
                    ))));
                }
                Outcome::None { curl } => {
                    let seen = look(&connection, &target.name, target.port, probe_image)
                        .await
                        .map_err(fault)?;
                    let output = connection
                        .engine
                        .output(&target.name, Some(LAST_LINES))
                        .await
                        .map_err(fault)?;
                    return Err(Refusal::NoAnswer {
                        curl,
                        seen,
                        log: output.text(),
                        port: target.port,
                    });
                }
            }
        }
    }
}

/// Why there is no answer to judge.
enum Refusal {
    Verdict(Verdict),
    NoAnswer {
        curl: u32,
        seen: Diagnosis,
        log: String,
        port: u16,
    },
}

/// Finds the server, and the way to it.
fn find(asked: &Asked<'_>, now: &EngineSnapshot, lang: Lang) -> Result<Target, Verdict> {
    let (server, port) = match (asked.container, asked.published) {
        (Some(name), _) => (running(name, now, lang)?, asked.port),
        (None, published) => behind(published.unwrap_or(0), now, lang)?,
    };
    let name = Name {
        name: server.id.clone(),
    };
    if let Some(from) = asked.from {
        let asker = running(from, now, lang)?;
        let host = asked
            .container
            .map_or_else(|| server.name.clone(), str::to_owned);
        return Ok(Target {
            name,
            port,
            host,
            network: Some(format!("container:{}", asker.id)),
        });
    }
    // One that shares another's network is reached there.
    let shared = server
        .network_mode
        .strip_prefix("container:")
        .and_then(|id| now.container_of_id(id));
    let place = shared
        .unwrap_or(server)
        .networks
        .iter()
        .find(|(_, end)| !end.ip.is_empty());
    let Some((network, end)) = place else {
        return Err(wording::no_network(&server.name, lang)
            .actual(format!("{}: {}", server.name, server.network_mode)));
    };
    let network = Some(network.clone()).filter(|network| network != "bridge");
    Ok(Target {
        name,
        port,
        host: end.ip.clone(),
        network,
    })
}

/// A container of this name that runs.
fn running<'a>(name: &str, now: &'a EngineSnapshot, lang: Lang) -> Result<&'a Container, Verdict> {
    let named = now.containers_named(name);
    match (
        named.iter().find(|container| container.is_running()),
        named.first(),
    ) {
        (Some(container), _) => Ok(container),
        (None, Some(ended)) => {
            let why = exit::explained(&ended.name, ended.exit_code, ended.out_of_memory, lang);
            Err(Verdict::fail_because(why)
                .expected(format!("{}: running", ended.name))
                .actual(container::in_words(ended, lang)))
        }
        (None, None) => Err(container::absent(name, now, lang)),
    }
}

/// The container behind a published port.
fn behind(port: u16, now: &EngineSnapshot, lang: Lang) -> Result<(&Container, u16), Verdict> {
    let running = || {
        now.containers
            .iter()
            .filter(|container| container.is_running())
    };
    for container in running() {
        if let Some(published) = container
            .ports
            .iter()
            .find(|p| p.host == port && p.protocol == "tcp")
        {
            return Ok((container, published.container));
        }
    }
    let there: Vec<String> = running()
        .flat_map(|c| {
            c.ports
                .iter()
                .map(move |p| format!("{} {}:{}", c.name, p.host, p.container))
        })
        .collect();
    let actual = if there.is_empty() {
        lang.pick("게시한 포트 없음", "no published port")
            .to_owned()
    } else {
        crate::assert::one_line(&there.join(", "))
    };
    Err(wording::nothing_published(port, lang)
        .expected(format!("-p {port}:…"))
        .actual(actual))
}

async fn fetch(
    connection: &Connection,
    target: &Target,
    path: &str,
    headers: &[&str],
    left: Duration,
    probe_image: &str,
) -> Result<Outcome, Fault> {
    let engine = &connection.engine;
    let url = format!("http://{}:{}{path}", target.host, target.port);
    let start = Start {
        what: "probe",
        image: probe_image.to_owned(),
        entrypoint: Some(vec!["/bin/sh".to_owned()]),
        command: Some(probe::command(&url, left.as_secs().max(1), headers)),
        network: target.network.clone(),
        ..Start::default()
    };
    let probe = match engine.start(&connection.cleanup, &start).await? {
        Started::Yes(probe) => probe,
        Started::BadProgram(why) => return Ok(Outcome::Broken { why }),
    };
    let output = async {
        engine.wait(&probe).await?;
        engine.output(&probe, None).await
    }
    .await;
    connection.cleanup.remove(&probe.name).await;
    Ok(probe::parse(&output?))
}
