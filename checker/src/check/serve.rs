//! Containers of the learner's image: a server that is asked for pages, or a program that runs to its end.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::listeners::{Diagnosis, diagnose, listeners};
use super::probe;
use super::wording::{self, LAST_LINES};
use super::world::{Connection, World};
use crate::Lang;
use crate::assert::Verdict;
use crate::assert::http::Http;
use crate::assert::run::Run;
use crate::engine::{Container, Exit, Fault, Start, Started};

/// A server that has not answered after this time is looked at: it may listen where nobody can reach it.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// What is kept of the whole time for reading logs and removing containers.
const RESERVE: Duration = Duration::from_secs(2);

/// A running server, shared by the checks that need the same one.
pub(super) struct Web {
    start: Start,
    container: Container,
    exit: watch::Receiver<Option<Result<Exit, Fault>>>,
    watcher: JoinHandle<()>,
}

impl Drop for Web {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl Web {
    /// Waits until the server's container has ended.
    async fn ended(&self) -> Result<Exit, Fault> {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await;
        match ended.as_deref() {
            Ok(Some(ended)) => ended.clone(),
            _ => Err(Fault::Gone {
                why: "nobody watches the container".to_owned(),
            }),
        }
    }

    fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }
}

/// What became of a request.
enum Asked {
    Outcome(probe::Outcome),
    /// The server's container has ended.
    Ended(Exit),
    /// It can never be answered: the server listens inside its container only.
    Loopback,
}

impl World<'_> {
    /// Judges a server's answer.
    pub(super) async fn http(&mut self, at: usize, http: &Http) -> Verdict {
        if http.is_of_running() {
            return self.http_of_running(http).await;
        }
        match self.try_http(at, http).await {
            Ok(verdict) | Err(verdict) => verdict,
        }
    }

    /// Both ways give a verdict; the early way out is for what ends the check before the answer.
    async fn try_http(&mut self, at: usize, http: &Http) -> Result<Verdict, Verdict> {
        let lang = self.lang;
        let start = Start {
            what: "web",
            image: self.image_of(at, http.image.as_ref())?,
            command: http.command.clone(),
            env: pairs(&http.env),
            ..Start::default()
        };
        let connection = self.connection().await?;
        let known = self.webs.iter().position(|web| web.start == start);
        let web = match known {
            Some(at) => &self.webs[at],
            None => {
                let web = serve(&connection, start, lang).await;
                let web = web.map_err(|verdict| verdict.expected(http.wanted(lang)))?;
                self.webs.push(web);
                &self.webs[self.webs.len() - 1]
            }
        };
        let probe_image = &self.job.probe_image;
        let asked = ask(&connection, web, http, probe_image).await;
        let verdict = match asked {
            Ok(Asked::Outcome(probe::Outcome::Answer(answer))) => {
                return Ok(http.judge(&answer, lang));
            }
            Ok(Asked::Outcome(probe::Outcome::Broken { why })) => {
                return Err(Verdict::error(wording::broken_probe(&why, lang)));
            }
            Ok(Asked::Outcome(probe::Outcome::None { .. })) if web.has_ended() => {
                match web.ended().await {
                    Ok(exit) => wording::ended(exit, lang),
                    Err(fault) => return Err(error(&fault, lang)),
                }
            }
            Ok(Asked::Outcome(probe::Outcome::None { curl })) => {
                let seen = look(&connection, &web.container, http.port, probe_image).await;
                let seen = seen.map_err(|fault| error(&fault, lang))?;
                wording::no_answer(http, curl, &seen, lang)
            }
            Ok(Asked::Ended(exit)) => wording::ended(exit, lang),
            Ok(Asked::Loopback) => wording::no_answer(http, 7, &Diagnosis::LoopbackOnly, lang),
            Err(fault) => return Err(error(&fault, lang)),
        };
        let output = connection
            .engine
            .output(&web.container, Some(LAST_LINES))
            .await;
        let output = output.map_err(|fault| error(&fault, lang))?;
        Ok(wording::with_log(verdict, &output.text(), lang).expected(http.wanted(lang)))
    }

    /// Judges a program that runs to its end.
    pub(super) async fn run(&mut self, at: usize, run: &Run) -> Verdict {
        match self.try_run(at, run).await {
            Ok(verdict) | Err(verdict) => verdict,
        }
    }

    async fn try_run(&mut self, at: usize, run: &Run) -> Result<Verdict, Verdict> {
        if !run.commands.is_empty() {
            return self.commands(at, run).await;
        }
        let lang = self.lang;
        let start = Start {
            what: "run",
            image: self.image_of(at, run.image.as_ref())?,
            command: run.command.clone(),
            env: pairs(&run.env),
            ..Start::default()
        };
        let connection = self.connection().await?;
        let engine = &connection.engine;
        let container = started(&connection, &start, lang).await;
        let container = container.map_err(|verdict| verdict.expected(run.wanted(lang)))?;
        let limit = limit(&connection, run.patience());
        let ended = timeout_at(Instant::now() + limit, engine.wait(&container)).await;
        let output = engine.output(&container, None).await;
        connection.cleanup.remove(&container.name).await;
        let output = output.map_err(|fault| error(&fault, lang))?;
        match ended {
            Ok(Ok(exit)) => {
                let verdict = run.judge(exit, &output, lang);
                Ok(wording::explained(verdict, exit, &output.text(), lang))
            }
            Ok(Err(fault)) => Err(error(&fault, lang)),
            Err(_) => {
                let verdict = wording::never_ends(limit.as_secs(), lang);
                Ok(wording::with_log(verdict, &output.text(), lang).expected(run.wanted(lang)))
            }
        }
    }
}

pub(super) fn pairs(env: &BTreeMap<String, String>) -> Vec<String> {
    env.iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

pub(super) fn error(fault: &Fault, lang: Lang) -> Verdict {
    Verdict::error(fault.message(lang))
}

pub(super) fn limit(connection: &Connection, patience: Duration) -> Duration {
    let left = connection.engine.left().saturating_sub(RESERVE);
    patience.min(left).max(Duration::from_secs(1))
}

pub(super) async fn started(
    connection: &Connection,
    start: &Start,
    lang: Lang,
) -> Result<Container, Verdict> {
    match connection.engine.start(&connection.cleanup, start).await {
        Ok(Started::Yes(container)) => Ok(container),
        Ok(Started::BadProgram(why)) => Err(wording::bad_program(&why, lang)),
        Err(Fault::Refused { status: 404, why }) => {
            Err(wording::no_image(&start.image, &why, lang))
        }
        Err(fault) => Err(error(&fault, lang)),
    }
}

/// Starts a server and watches for its end.
async fn serve(connection: &Connection, start: Start, lang: Lang) -> Result<Web, Verdict> {
    let container = started(connection, &start, lang).await?;
    let (sender, exit) = watch::channel(None);
    let (engine, watched) = (connection.engine.clone(), container.clone());
    let watcher = tokio::spawn(async move {
        let ended = engine.wait(&watched).await;
        // Nobody listens any more once the check is over.
        let _ = sender.send(Some(ended));
    });
    Ok(Web {
        start,
        container,
        exit,
        watcher,
    })
}

/// Sends the probe and waits for what comes first: its answer, or the server's end.
async fn ask(
    connection: &Connection,
    web: &Web,
    http: &Http,
    probe_image: &str,
) -> Result<Asked, Fault> {
    let engine = &connection.engine;
    let Some(address) = engine.address(&web.container).await? else {
        // A container that has ended has no address; the watcher hears of it, if not at once.
        let ended = tokio::time::timeout(FIRST_LOOK, web.ended()).await;
        return ended.map_or_else(
            |_| {
                Err(Fault::Nonsense {
                    why: "the running container has no address".to_owned(),
                })
            },
            |exit| exit.map(Asked::Ended),
        );
    };
    let url = format!("http://{address}:{}{}", http.port, http.path);
    let seconds = limit(connection, http.patience()).as_secs().max(1);
    let start = Start {
        what: "probe",
        image: probe_image.to_owned(),
        entrypoint: Some(vec!["/bin/sh".to_owned()]),
        command: Some(probe::command(&url, seconds, &[])),
        ..Start::default()
    };
    let probe = match engine.start(&connection.cleanup, &start).await? {
        Started::Yes(probe) => probe,
        Started::BadProgram(why) => return Ok(Asked::Outcome(probe::Outcome::Broken { why })),
    };
    let asked = watch_probe(connection, web, &probe, http.port, probe_image).await;
    connection.cleanup.remove(&probe.name).await;
    asked
}

async fn watch_probe(
    connection: &Connection,
    web: &Web,
    probe: &Container,
    port: u16,
    probe_image: &str,
) -> Result<Asked, Fault> {
    let engine = &connection.engine;
    let probing = engine.wait(probe);
    tokio::pin!(probing);
    let first_look = Instant::now() + FIRST_LOOK;
    let mut looked = false;
    loop {
        tokio::select! {
            biased;
            ended = &mut probing => {
                ended?;
                let output = engine.output(probe, None).await?;
                return Ok(Asked::Outcome(probe::parse(&output)));
            }
            exit = web.ended() => return exit.map(Asked::Ended),
            () = sleep_until(first_look), if !looked => {
                looked = true;
                if look(connection, &web.container, port, probe_image).await? == Diagnosis::LoopbackOnly {
                    return Ok(Asked::Loopback);
                }
            }
        }
    }
}

/// Looks at who listens in the server's container: with its own `cat`, or, where it has none, from a container that
/// shares its network.
pub(super) async fn look(
    connection: &Connection,
    container: &Container,
    port: u16,
    probe_image: &str,
) -> Result<Diagnosis, Fault> {
    const TABLES: [&str; 3] = ["cat", "/proc/net/tcp", "/proc/net/tcp6"];
    let engine = &connection.engine;
    if let Ok(output) = engine.exec(container, &TABLES).await {
        let table = output.text();
        if table.contains("local_address") {
            return Ok(diagnose(&listeners(&table), port));
        }
    }
    let start = Start {
        what: "look",
        image: probe_image.to_owned(),
        entrypoint: Some(vec![TABLES[0].to_owned()]),
        command: Some(TABLES[1..].iter().map(|&s| s.to_owned()).collect()),
        network: Some(format!("container:{}", container.name)),
        ..Start::default()
    };
    let Started::Yes(looking) = engine.start(&connection.cleanup, &start).await? else {
        return Ok(Diagnosis::Nothing);
    };
    let table = async {
        engine.wait(&looking).await?;
        engine.output(&looking, None).await
    }
    .await;
    connection.cleanup.remove(&looking.name).await;
    Ok(diagnose(&listeners(&table?.text()), port))
}
