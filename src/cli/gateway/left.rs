//! Scopes that there are: an open one is asked through its process, one that was left behind is taken up here.

use std::path::Path;

use anyhow::{Context as _, bail};
use gateway::{Config, Gateway, Usage};

use super::standing::{Held, Standing};
use super::tools;
use crate::data::instance_id;
use crate::sandbox::engine::{self, Engine};

/// The gateway of a scope that nobody has open.
struct TakenUp {
    gateway: Gateway,
    /// The private engine, if that is what the scope lives on; it was started for this.
    engine: Option<Engine>,
    _held: Held,
}

impl TakenUp {
    async fn close(self) {
        self.gateway.shutdown().await;
        if let Some(engine) = self.engine {
            engine.stop().await;
        }
    }
}

/// What a scope uses.
pub(super) async fn usage(data: &Path, scope: &Standing) -> anyhow::Result<Usage> {
    let Some(held) = scope.hold()? else {
        let answer = tools::ask(scope, "GET", "/_docktutor/usage").await?;
        return serde_json::from_slice(&answer).context("the scope's answer cannot be read");
    };
    let limits = scope.note().map(|note| note.limits()).unwrap_or_default();
    let up = take_up(data, scope, held).await?;
    let usage = match up.gateway.scope(&scope.name) {
        Some(found) => {
            found.look_at_disk().await;
            Some(found.usage_of(&limits))
        }
        None => None,
    };
    up.close().await;
    usage.with_context(|| format!("{:?} was never opened: remove it", scope.name))
}

/// Empties a scope.
pub(super) async fn reset(data: &Path, scope: &Standing) -> anyhow::Result<()> {
    let Some(held) = scope.hold()? else {
        tools::ask(scope, "POST", "/_docktutor/reset").await?;
        return Ok(());
    };
    let up = take_up(data, scope, held).await?;
    let reset = match up.gateway.scope(&scope.name) {
        Some(_) => up.gateway.reset_scope(&scope.name).await,
        None => Ok(()),
    };
    up.close().await;
    reset.with_context(|| format!("{:?} could not be emptied", scope.name))
}

/// Removes a scope that nobody has open, and its folder.
pub(super) async fn remove(
    data: &Path,
    scope: &Standing,
    without_engine: bool,
) -> anyhow::Result<()> {
    let Some(held) = scope.hold()? else {
        bail!("{:?} is open: end it first", scope.name);
    };
    // Opened, it has a ledger; without one there is nothing on any engine.
    if scope.ledger().exists() {
        match take_up(data, scope, held).await {
            Ok(up) => {
                let removed = match up.gateway.scope(&scope.name) {
                    Some(_) => up.gateway.remove_scope(&scope.name).await,
                    None => Ok(()),
                };
                up.close().await;
                removed.with_context(|| format!("{:?} could not be removed", scope.name))?;
            }
            Err(_) if without_engine => {}
            Err(error) => {
                return Err(error.context(
                    "say --without-engine to forget the scope and leave what it has on the engine",
                ));
            }
        }
        // A folder of a workspace that is still mounted there would be emptied with the scope's.
        Gateway::clear_mounts(&scope.ledger())
            .context("the scope's mounts could not be taken away; its folder stays")?;
    }
    std::fs::remove_dir_all(&scope.folder)
        .with_context(|| format!("cannot remove {}", scope.folder.display()))?;
    if let Some(parent) = scope.folder.parent() {
        // It stays while another scope is in it.
        let _ = std::fs::remove_dir(parent);
    }
    Ok(())
}

async fn take_up(data: &Path, scope: &Standing, held: Held) -> anyhow::Result<TakenUp> {
    let Some(note) = scope.note() else {
        bail!(
            "{} does not say on which engine {:?} is",
            scope.folder.join("scope.json").display(),
            scope.name
        );
    };
    let engine = match &note.remote {
        Some(remote) => Some(engine::reach(remote).await?),
        None if note.private => Some(engine::find_or_start(data, &instance_id(data)?).await?),
        None => None,
    };
    let upstream = engine
        .as_ref()
        .map_or(note.engine.as_path(), |engine| engine.endpoint.socket());
    let opened = Gateway::open(Config {
        upstream: upstream.to_owned(),
        local: note.local,
        runtime: None,
        folder: scope.ledger(),
        instance: scope.instance()?,
    });
    match opened.await {
        Ok(gateway) => Ok(TakenUp {
            gateway,
            engine,
            _held: held,
        }),
        Err(error) => {
            let shown = upstream.display().to_string();
            if let Some(engine) = engine {
                engine.stop().await;
            }
            Err(error).with_context(|| format!("{:?} is on the engine at {shown}", scope.name))
        }
    }
}
