//! When it is looked, and what follows where a scope is over its limit.

use super::look::{Look, SPARING, current};
use super::{NAMES, full};
use crate::audit::{Caller, Entry, Verdict, now_ms};
use crate::gateway::Shared;
use crate::scope::{Inner, lock};
use crate::upstream::Call;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often it is asked who is to be looked at.
const TICK: Duration = Duration::from_secs(1);
/// A scope in which something runs is looked at so often at least, unless a look takes long.
const ACTIVE: Duration = Duration::from_secs(10);
/// Any other scope: its workspace may grow.
const IDLE: Duration = Duration::from_secs(60);
/// Where so many bytes of the whole disk went since the last tick, somebody writes a lot: it is looked who.
const NOTICED: u64 = 16 << 20;
/// For so many times as long as a look took there is no other one even then.
const URGENT: u32 = 3;
/// How far a scope may be over its limit before those are stopped that go on writing: a tenth, and no more than this.
const TOLERANCE: u64 = 256 << 20;
/// How long the engine may take to stop a container.
const STOP: Duration = Duration::from_secs(10);

/// Looks at all scopes again and again; never returns.
pub(crate) async fn poll(shared: &Arc<Shared>) {
    let mut free = free_now(shared).await;
    loop {
        tokio::time::sleep(TICK).await;
        let now = free_now(shared).await;
        let fell = matches!((free, now), (Some(before), Some(now)) if now.saturating_add(NOTICED) < before);
        free = now;
        let due: Vec<_> = shared
            .all()
            .into_iter()
            .filter(|scope| is_due(scope, fell))
            .collect();
        for scope in due {
            // A look sets the time of the next one itself, unless the engine does not answer.
            *lock(&scope.disk.due) = Instant::now() + ACTIVE;
            // No scope waits for another one's look.
            tokio::spawn(async move { current(&scope).await });
        }
    }
}

async fn free_now(shared: &Arc<Shared>) -> Option<u64> {
    let shared = shared.clone();
    tokio::task::spawn_blocking(move || shared.disk.free())
        .await
        .ok()?
}

fn is_due(scope: &Inner, fell: bool) -> bool {
    // One that is being looked at needs no second look.
    if !scope.is_open() || scope.disk.looking.try_lock().is_err() {
        return false;
    }
    let rested = |look: Arc<Look>| look.began.elapsed() >= look.rest(URGENT);
    if fell && is_active(scope) && scope.disk.last().is_none_or(rested) {
        scope.disk.changed();
    }
    *lock(&scope.disk.due) <= Instant::now()
}

/// Whether something of the scope's can be writing.
fn is_active(scope: &Inner) -> bool {
    let building = scope.building.available_permits() < scope.limits().builds as usize;
    building || !scope.running().is_empty() || !lock(&scope.disk.steps).is_empty()
}

/// What follows from a look: when the next one is, and who is stopped.
pub(super) async fn judge(scope: &Arc<Inner>, before: Option<&Look>, now: &Look) {
    let limit = scope.limits().disk;
    let used = now.usage(limit).used;
    let grew = before.is_none_or(|before| before.usage(limit).used < used);
    let pause = match (is_active(scope), grew) {
        (true, true) => TICK,
        (true, false) => ACTIVE,
        (false, _) => IDLE,
    };
    *lock(&scope.disk.due) = Instant::now() + pause.max(now.rest(SPARING));
    if used < limit && now.whole() {
        lock(&scope.disk.stopped).clear();
    }
    let over = scope.is_open()
        && (used >= limit.saturating_add(TOLERANCE.min(limit / 10)) || !now.whole());
    scope.disk.cut.send_replace(over);
    let Some(before) = before.filter(|_| over) else {
        return;
    };
    let mut running: Vec<String> = scope.running().iter().cloned().collect();
    running.extend(lock(&scope.disk.steps).iter().cloned());
    for id in writers(scope, before, now, running) {
        stop(scope, &id).await;
    }
}

/// Those of the running containers that wrote between two looks: into themselves, to their logs, or where nobody else
/// but those that share it can have written.
fn writers(scope: &Inner, before: &Look, now: &Look, running: Vec<String>) -> Vec<String> {
    let volumes: Vec<&String> = (now.volumes.iter().flatten())
        .filter(|(real, bytes)| before.of_volume(real).unwrap_or(0) < **bytes)
        .map(|(real, _)| real)
        .collect();
    let workspace = before.workspace < now.workspace;
    let spots = lock(&scope.disk.spots);
    let wrote = |id: &String| {
        let size = |look: &Look| look.containers.get(id).copied().unwrap_or(0);
        let spot = spots.get(id);
        size(before) < size(now)
            || spot.is_some_and(|spot| {
                (workspace && spot.binds)
                    || spot.volumes.iter().any(|volume| volumes.contains(&volume))
            })
    };
    running.into_iter().filter(wrote).collect()
}

/// Stops a container at once. What it wrote stays until it is removed.
async fn stop(scope: &Arc<Inner>, id: &str) {
    let call = Call::post(format!("/containers/{id}/kill")).within(STOP);
    let name = scope
        .state()
        .container_by_id(id)
        .map(|container| container.name.clone());
    let status = match scope.shared.upstream.ask(call).await {
        Ok((status, _)) => status.as_u16(),
        Err(fault) => fault.status.as_u16(),
    };
    let name = name.unwrap_or_else(|| "a step of a build".to_owned());
    {
        let mut stopped = lock(&scope.disk.stopped);
        // One that had ended by itself was not stopped.
        if (200..300).contains(&status) && stopped.len() < NAMES {
            stopped.insert(id.to_owned(), name.clone());
        }
    }
    scope.disk.changed();
    scope.shared.audit.write(Entry {
        at_ms: now_ms(),
        scope: scope.name.clone(),
        by: Caller::Gateway,
        method: String::new(),
        path: String::new(),
        kind: "container kill".to_owned(),
        object: name,
        verdict: Verdict::Allowed,
        rule: "limit".to_owned(),
        reason: full(scope).message,
        status,
        ms: 0,
    });
}
