//! Bind mounts of the workspace: anchored before a container is made or started, taken away when it is gone.

use crate::error::Fault;
use crate::ground::anchors::{self, Failure};
use crate::ledger::Bind;
use crate::scope::Inner;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The anchor's name among those of all scopes.
fn name(scope: &Inner, bind: &Bind) -> String {
    format!("{}-{}", scope.name, bind.anchor)
}

/// What the engine is told to bind.
pub(crate) fn source(scope: &Inner, anchor: &str) -> PathBuf {
    scope
        .shared
        .anchors
        .path(&format!("{}-{anchor}", scope.name))
}

/// Puts anchors on what the paths mean now; those that are right already stay.
pub(crate) async fn place(scope: &Inner, binds: &[Bind]) -> Result<(), Fault> {
    if binds.is_empty() {
        return Ok(());
    }
    let workspace = scope
        .workspace()
        .ok_or_else(|| Fault::refused("this sandbox has no workspace any more"))?;
    let (shared, binds) = (scope.shared.clone(), binds.to_vec());
    let names: Vec<String> = binds.iter().map(|bind| name(scope, bind)).collect();
    let work = move || {
        for (bind, name) in binds.iter().zip(names) {
            shared
                .anchors
                .place(&workspace.folder, &bind.path, bind.create, &name)
                .map_err(|failure| explain(&bind.asked, &workspace.seen_as, failure))?;
        }
        Ok(())
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Fault::internal(error.to_string()))?
}

/// The same for a container that is in the books.
pub(crate) async fn place_again(scope: &Inner, real: &str) -> Result<(), Fault> {
    let binds = scope
        .state()
        .containers
        .get(real)
        .map(|container| container.binds.clone());
    place(scope, &binds.unwrap_or_default()).await
}

fn explain(asked: &str, workspace: &str, failure: Failure) -> Fault {
    match failure {
        Failure::Missing => Fault::bad(format!(
            "invalid mount config for type \"bind\": bind source path does not exist: {asked}"
        )),
        Failure::Outside => Fault::refused(format!(
            "the path {asked:?} leads out of {workspace}, or through something that is no folder; \
             only what lies in {workspace} can be mounted"
        )),
        Failure::Odd => Fault::refused(format!(
            "the path {asked:?} is neither a file nor a folder; nothing else can be mounted"
        )),
        Failure::Io(error) => {
            tracing::warn!(%error, "a bind anchor could not be made");
            Fault::internal(format!("the path {asked:?} could not be mounted: {error}"))
        }
    }
}

/// Takes away the anchors that no container in any scope's books has.
pub(crate) async fn sweep(shared: &std::sync::Arc<crate::gateway::Shared>) {
    let shared = shared.clone();
    let work = move || {
        // The books are read for each entry anew: a container may come in while this runs, before its anchor does.
        let wanted = |entry: &str| {
            shared.all().iter().any(|scope| {
                let Some(anchor) = entry
                    .strip_prefix(scope.name.as_str())
                    .and_then(|rest| rest.strip_prefix('-'))
                else {
                    return false;
                };
                let state = scope.state();
                state
                    .containers
                    .values()
                    .any(|container| container.binds.iter().any(|bind| bind.anchor == anchor))
            })
        };
        shared.anchors.keep_only(wanted)
    };
    report(tokio::task::spawn_blocking(work).await);
}

/// Takes away the anchors of a scope whose containers have stopped; they come again before the next start.
pub(crate) async fn let_go(scope: &Inner) {
    let own: BTreeSet<String> = {
        let state = scope.state();
        let binds = state.containers.values().flat_map(|c| c.binds.iter());
        binds.map(|bind| name(scope, bind)).collect()
    };
    if own.is_empty() {
        return;
    }
    let shared = scope.shared.clone();
    let work = move || shared.anchors.keep_only(|entry| !own.contains(entry));
    report(tokio::task::spawn_blocking(work).await);
}

fn report(result: Result<std::io::Result<()>, tokio::task::JoinError>) {
    match result {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "bind anchors could not be taken away"),
        Err(error) => tracing::warn!(%error, "bind anchors could not be taken away"),
    }
}

/// Takes all anchors beside a ledger away.
pub(crate) fn clear(ledger: &std::path::Path) -> std::io::Result<()> {
    anchors::clear(ledger)
}
