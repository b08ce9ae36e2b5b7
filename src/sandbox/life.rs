//! What goes on in the background: finding ground, bringing back what ran, stopping what idles, keeping a spare.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::error::SandboxError;
use super::folders::{self, Folders};
use super::ground::{Footing, Ground};
use super::instance::{Sandbox, remove_scope};
use super::sandboxes::Inner;
use super::{names, prepare, workbench};

/// How often idle sandboxes are looked for, and counts of containers are told.
const TICK: Duration = Duration::from_secs(2);

/// How often the engine is asked whether the workbenches still run.
const LOOK: Duration = Duration::from_secs(30);

/// Without an engine, one is looked for again after so long.
const AGAIN: Duration = Duration::from_secs(20);

/// Sandboxes that are brought back at the same time.
const AT_ONCE: usize = 4;

pub(super) async fn run(inner: &Arc<Inner>, shutdown: CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = live(inner) => {}
    }
}

async fn live(inner: &Arc<Inner>) {
    let telling = tell_footing(inner);
    let working = async {
        let mut told = None;
        let ground = loop {
            match prepare::prepare(inner).await {
                Ok(ground) => break ground,
                Err(error) => {
                    // It is looked for again and again; the log says it once. Whoever started the server reads it there
                    // anyway, from the status.
                    if told.as_ref() != Some(&error) {
                        tracing::info!(%error, "there is no engine for the sandboxes");
                        told = Some(error.clone());
                    }
                    inner.shared.set_footing(Footing::Missing(error));
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        if let Err(error) = recover(inner, &ground).await {
            tracing::warn!(%error, "not everything that ran before could be found again");
        }
        tokio::join!(
            tick(inner, &ground),
            look(inner, &ground),
            keep_spare(inner)
        );
    };
    tokio::join!(telling, working);
}

/// Pages hear how the preparing goes, not more often than they can draw.
async fn tell_footing(inner: &Inner) {
    let mut changes = inner.shared.footing_changes();
    while changes.changed().await.is_ok() {
        inner.announce_all();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Finds again what a server before this one left on the engine, running or not; removes what is nobody's. Only then
/// is the ground solid: nobody starts what is about to be removed.
async fn recover(inner: &Arc<Inner>, ground: &Arc<Ground>) -> Result<(), SandboxError> {
    let result = find_again(inner, ground).await;
    inner.shared.set_footing(Footing::Solid(Arc::clone(ground)));
    let running = result?;
    futures_util::stream::iter(running)
        .for_each_concurrent(AT_ONCE, |learner| async move {
            let started = async { inner.sandbox(learner).await?.start().await };
            if let Err(error) = started.await {
                tracing::warn!(%error, learner, "a sandbox that ran could not be taken up again");
            }
        })
        .await;
    Ok(())
}

/// Gives the learners of whom something runs.
async fn find_again(inner: &Arc<Inner>, ground: &Ground) -> Result<Vec<i64>, SandboxError> {
    let shared = &inner.shared;
    let owned = inner.store.all_scopes().await;
    let owned =
        owned.map_err(|error| SandboxError::server("read whose sandboxes there are", &error))?;
    let owned: HashMap<String, i64> = owned
        .into_iter()
        .map(|(learner, scope)| (scope, learner))
        .collect();
    for scope in owned.keys() {
        Folders::new(&shared.data, scope).sweep();
    }
    let found = workbench::list(&ground.docker, &shared.instance, None).await?;
    let mut nobodys: HashSet<String> = ground.gateway.scopes().into_iter().collect();
    nobodys.extend(found.iter().map(|found| found.scope.clone()));
    nobodys.extend(folders::spares(&shared.data));
    nobodys.retain(|scope| !owned.contains_key(scope));
    for scope in nobodys {
        if let Err(error) = remove_scope(ground, shared, &scope).await {
            tracing::warn!(%error, scope, "a sandbox of nobody could not be removed");
            continue;
        }
        // Only a spare's folder: without a database, what is nobody's on the engine may be a learner's on the disk.
        if folders::spares(&shared.data).contains(&scope) {
            let _ = Folders::new(&shared.data, &scope).remove();
        }
    }
    let running = found.iter().filter(|found| found.running);
    let learners: HashSet<i64> = running
        .filter_map(|found| owned.get(&found.scope).copied())
        .collect();
    Ok(learners.into_iter().collect())
}

async fn tick(inner: &Inner, ground: &Ground) {
    loop {
        tokio::time::sleep(TICK).await;
        for sandbox in inner.sandboxes() {
            if let Some(why) = sandbox.is_due() {
                if let Err(error) = sandbox.stop(why).await {
                    tracing::warn!(%error, scope = sandbox.scope, "an idle sandbox could not be stopped");
                }
            } else {
                sandbox.count(ground);
            }
        }
    }
}

/// A workbench can end by itself: its memory ran out, or the engine was restarted.
async fn look(inner: &Inner, ground: &Ground) {
    loop {
        tokio::time::sleep(LOOK).await;
        let before: Vec<_> = inner
            .sandboxes()
            .into_iter()
            .map(|sandbox| (sandbox.workbench(), sandbox))
            .collect();
        let Ok(found) = workbench::list(&ground.docker, &inner.shared.instance, None).await else {
            continue;
        };
        let running: HashSet<String> = found
            .into_iter()
            .filter(|found| found.running)
            .map(|found| found.id)
            .collect();
        for (workbench, sandbox) in before {
            if let Some(workbench) = workbench.filter(|workbench| !running.contains(workbench)) {
                sandbox.lost(&workbench);
            }
        }
        let spare = inner.spare().clone();
        if let Some(workbench) = spare.and_then(|spare| spare.workbench())
            && !running.contains(&workbench)
        {
            let spare = inner.spare().take();
            remove(spare).await;
            inner.spare_taken.notify_one();
        }
    }
}

/// Makes a sandbox that waits for its learner, whenever there is none.
async fn keep_spare(inner: &Arc<Inner>) {
    if !inner.shared.settings.spare {
        return;
    }
    let mut pause = Duration::from_secs(1);
    loop {
        let there = inner.spare().is_some();
        if !there {
            match make_spare(inner).await {
                Ok(()) => pause = Duration::from_secs(1),
                Err(error) => {
                    tracing::warn!(%error, "a spare sandbox could not be made");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(300));
                    continue;
                }
            }
        }
        inner.spare_taken.notified().await;
        // Whoever took the last one needs the machine now.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

async fn make_spare(inner: &Arc<Inner>) -> Result<(), SandboxError> {
    let spare = Sandbox::open(&inner.shared, &names::scope())?;
    let made = async {
        let marked = spare.folders.mark_spare();
        marked.map_err(|error| SandboxError::server("make a sandbox", &error))?;
        spare.start().await?;
        // Its shell is there, and has printed its prompt, before anybody comes.
        spare.terminal(1).await.map(drop)
    };
    match made.await {
        Ok(()) => {
            *inner.spare() = Some(spare);
            Ok(())
        }
        Err(error) => {
            remove(Some(spare)).await;
            Err(error)
        }
    }
}

async fn remove(spare: Option<Arc<Sandbox>>) {
    if let Some(spare) = spare
        && let Err(error) = spare.remove().await
    {
        tracing::warn!(%error, "a spare sandbox could not be removed");
    }
}
