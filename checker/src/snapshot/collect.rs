//! Fills a snapshot from an engine: in parallel, each call with a deadline, and only what was asked for.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use bollard::models::ContainerSummary;
use bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptionsBuilder, ListImagesOptions, ListNetworksOptions,
    ListVolumesOptions, LogsOptionsBuilder, TopOptions,
};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Container, EngineSnapshot, Lookup, Wanted, files, from_engine};
use crate::engine::{Cleanup, Engine, Fault, LABEL, Start, Started};

mod exec;

/// So many calls are under way at once.
const AT_ONCE: usize = 8;

/// The most containers whose details are asked for; a scope has fewer.
const MOST_CONTAINERS: usize = 200;

/// So many lines of a log are read.
const LOG_LINES: &str = "2000";

/// The engine and what a collection needs to look into volumes and networks.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) cleanup: &'a Cleanup,
    /// An image with `sh` and `getent`.
    pub(crate) probe_image: &'a str,
}

/// Asks the engine for what is wanted.
///
/// # Errors
///
/// The first fault of the engine. A container that goes away meanwhile is none: it is left out.
pub(crate) async fn collect(source: Source<'_>, wanted: &Wanted) -> Result<EngineSnapshot, Fault> {
    let engine = source.engine;
    let (listed, images, volumes, networks) = tokio::try_join!(
        when(wanted.any_container(), list(engine)),
        when(wanted.images, async {
            let found = engine
                .call(engine.docker.list_images(None::<ListImagesOptions>))
                .await?;
            Ok(found
                .into_iter()
                .map(from_engine::image)
                .collect::<Vec<_>>())
        }),
        when(wanted.volumes, async {
            let found = engine
                .call(engine.docker.list_volumes(None::<ListVolumesOptions>))
                .await?;
            Ok(found.volumes.unwrap_or_default())
        }),
        when(wanted.networks, async {
            engine
                .call(engine.docker.list_networks(None::<ListNetworksOptions>))
                .await
        }),
    )?;
    let mut snapshot = EngineSnapshot {
        taken_at: now(),
        containers: listed.iter().map(from_engine::summary).collect(),
        images,
        ..EngineSnapshot::default()
    };
    snapshot.volumes = volumes
        .into_iter()
        .map(|v| from_engine::volume(v, &snapshot.containers))
        .collect();
    snapshot.networks = networks
        .into_iter()
        .map(|n| from_engine::network(n, &snapshot.containers))
        .collect();

    let ids = ids_of(&snapshot, wanted);
    snapshot.containers = stream::iter(std::mem::take(&mut snapshot.containers))
        .map(|listed| {
            let wanted = ids.contains(&listed.id);
            async move {
                if wanted {
                    inspect(engine, &listed).await
                } else {
                    Ok(Some(listed))
                }
            }
        })
        .buffered(AT_ONCE)
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await?;
    look_inside(source, wanted, &mut snapshot).await?;
    look_into_volumes(source, wanted, &mut snapshot).await?;
    snapshot.containers.sort_by(|a, b| a.name.cmp(&b.name));
    snapshot
        .images
        .sort_by(|a, b| (&a.tags, &a.id).cmp(&(&b.tags, &b.id)));
    snapshot.volumes.sort_by(|a, b| a.name.cmp(&b.name));
    snapshot.networks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(snapshot)
}

/// What is not wanted is not asked for.
async fn when<T: Default>(
    wanted: bool,
    asking: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    if wanted {
        asking.await
    } else {
        Ok(T::default())
    }
}

pub(super) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

/// All containers but those of checks, which are not the learner's.
async fn list(engine: &Engine) -> Result<Vec<ContainerSummary>, Fault> {
    let options = ListContainersOptionsBuilder::new().all(true).build();
    let mut found = engine
        .call(engine.docker.list_containers(Some(options)))
        .await?;
    found.retain(|container| {
        let labels = container.labels.as_ref();
        !labels.is_some_and(|labels| {
            labels.contains_key(LABEL.0) || labels.contains_key("docktutor.kind")
        })
    });
    Ok(found)
}

/// The containers whose details are wanted.
fn ids_of(snapshot: &EngineSnapshot, wanted: &Wanted) -> BTreeSet<String> {
    let all = snapshot.containers.iter().filter(|_| wanted.all_containers);
    let named = wanted
        .containers
        .iter()
        .flat_map(|name| snapshot.containers_named(name));
    all.chain(named)
        .take(MOST_CONTAINERS)
        .map(|c| c.id.clone())
        .collect()
}

/// A container's details; `None` where it is gone by now.
async fn inspect(engine: &Engine, listed: &Container) -> Result<Option<Container>, Fault> {
    let asking = engine
        .docker
        .inspect_container(&listed.id, None::<InspectContainerOptions>);
    match engine.call(asking).await {
        Ok(found) => Ok(Some(from_engine::container(found))),
        Err(Fault::Refused { status: 404, .. }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Logs, processes, files, commands and names, of all containers at once.
async fn look_inside(
    source: Source<'_>,
    wanted: &Wanted,
    snapshot: &mut EngineSnapshot,
) -> Result<(), Fault> {
    if !wanted.is_silent() {
        return Ok(());
    }
    let is = |container: &Container, name: &str| {
        name.is_empty()
            || snapshot
                .containers_named(name)
                .iter()
                .any(|c| c.id == container.id)
    };
    let looks: Vec<Look<'_>> = snapshot
        .containers
        .iter()
        .map(|container| Look {
            container,
            logs: wanted.logs.iter().any(|name| is(container, name)),
            processes: wanted.processes.iter().any(|name| is(container, name)),
            files: wanted
                .files
                .iter()
                .filter(|(name, _)| is(container, name))
                .map(|(_, path)| path)
                .collect(),
            execs: wanted
                .execs
                .iter()
                .filter(|ask| is(container, &ask.container))
                .collect(),
            lookups: wanted
                .lookups
                .iter()
                .filter(|(from, _)| is(container, from))
                .map(|(_, name)| name)
                .collect(),
        })
        .collect();
    // Collected first: a closure that makes them one by one is not general enough for a future that is sent to a thread.
    let asked: Vec<_> = looks
        .into_iter()
        .map(|look| look_at(source, look))
        .collect();
    let seen: Vec<super::Seen> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    for (container, seen) in snapshot.containers.iter_mut().zip(seen) {
        container.seen = seen;
    }
    Ok(())
}

struct Look<'a> {
    container: &'a Container,
    logs: bool,
    processes: bool,
    files: Vec<&'a String>,
    execs: Vec<&'a super::ExecAsk>,
    lookups: Vec<&'a String>,
}

async fn look_at(source: Source<'_>, look: Look<'_>) -> Result<super::Seen, Fault> {
    let engine = source.engine;
    let id = &look.container.id;
    let running = look.container.is_running();
    let mut seen = super::Seen::default();
    if look.logs {
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .tail(LOG_LINES)
            .build();
        match engine.logs(id, options).await {
            Ok(output) => seen.logs = Some(output.text()),
            Err(fault) => gone(fault)?,
        }
    }
    if look.processes && running {
        match engine
            .call(engine.docker.top_processes(id, None::<TopOptions>))
            .await
        {
            Ok(top) => seen.processes = Some(command_lines(top)),
            Err(fault) => gone(fault)?,
        }
    }
    for path in look.files {
        let what = files::read(engine, id, path).await?;
        seen.files.push(super::FileSeen {
            path: path.clone(),
            what,
        });
    }
    for ask in look.execs {
        seen.execs
            .push(exec::run(engine, look.container, ask).await?);
    }
    for name in look.lookups {
        if running {
            seen.lookups.push(look_up(source, id, name).await?);
        }
    }
    Ok(seen)
}

/// A container may end or go between two calls; that is a state as well and no fault of the engine.
fn gone(fault: Fault) -> Result<(), Fault> {
    match fault {
        Fault::Refused {
            status: 404 | 409, ..
        } => Ok(()),
        Fault::Refused { status: 500, why } if why.contains("not running") => Ok(()),
        fault => Err(fault),
    }
}

fn command_lines(top: bollard::models::ContainerTopResponse) -> Vec<String> {
    let titles = top.titles.unwrap_or_default();
    let place = titles
        .iter()
        .position(|title| title == "CMD" || title == "COMMAND");
    let rows = top.processes.unwrap_or_default().into_iter();
    rows.filter_map(|row| match place {
        Some(at) => row.into_iter().nth(at),
        None => row.into_iter().next_back(),
    })
    .collect()
}

/// Prints each address in a line of its own. A short wait, because a name that nobody knows is asked for outside, too.
const LOOK_UP: &str = r#"
command -v getent >/dev/null 2>&1 || { echo nogetent; exit 0; }
getent ahosts "$1" | while read -r address rest; do echo "address $address"; done
echo done
"#;

/// Looks a name up inside a container's network, by a container that shares it.
async fn look_up(source: Source<'_>, id: &str, name: &str) -> Result<Lookup, Fault> {
    let engine = source.engine;
    let start = Start {
        what: "lookup",
        image: source.probe_image.to_owned(),
        entrypoint: Some(vec!["/bin/sh".to_owned()]),
        command: Some(["-c", LOOK_UP, "lookup", name].map(str::to_owned).to_vec()),
        env: vec!["RES_OPTIONS=timeout:2 attempts:1".to_owned()],
        network: Some(format!("container:{id}")),
    };
    let broken = |why: String| Fault::Nonsense { why };
    let probe = match engine.start(source.cleanup, &start).await? {
        Started::Yes(probe) => probe,
        Started::BadProgram(why) => return Err(broken(why)),
    };
    let printed = async {
        engine.wait(&probe).await?;
        engine.output(&probe, None).await
    }
    .await;
    source.cleanup.remove(&probe.name).await;
    let text = printed?.text();
    if !text.trim_end().ends_with("done") {
        return Err(broken(format!(
            "the probe printed: {}",
            crate::assert::one_line(&text)
        )));
    }
    let addresses: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("address "))
        .map(str::to_owned)
        .collect();
    Ok(Lookup {
        name: name.to_owned(),
        addresses: addresses.into_iter().collect(),
    })
}

/// Files in volumes are read from a container that mounts them and is never started.
async fn look_into_volumes(
    source: Source<'_>,
    wanted: &Wanted,
    snapshot: &mut EngineSnapshot,
) -> Result<(), Fault> {
    let names: BTreeSet<&String> = wanted.volume_files.iter().map(|(name, _)| name).collect();
    for name in names {
        let Some(found) = snapshot
            .volume_named(name)
            .map(|volume| volume.name.clone())
        else {
            continue;
        };
        let paths = wanted
            .volume_files
            .iter()
            .filter(|(of, _)| of == name)
            .map(|(_, path)| path.as_str());
        let seen = files::read_volume(source, &found, paths).await?;
        if let Some(volume) = snapshot
            .volumes
            .iter_mut()
            .find(|volume| volume.name == found)
        {
            volume.files.extend(seen);
        }
    }
    Ok(())
}
