//! A Docker Engine of our own: started where none answers, found again after a crash of ours, stopped with us.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::bridge::{self, Addresses};
use super::launch::{Layout, last_meaningful_line};
use super::processes::{self, Process};
use super::traces::{bridges_of, clean_up, remove_file, unmount_below};
use super::{Engine, Origin, Problem, connect};

/// How long an engine may take from its start to its first answer.
const START: Duration = Duration::from_secs(60);

/// How long an engine may take to stop its containers and itself.
const STOP: Duration = Duration::from_secs(40);

/// A log that is longer than this is put aside at the next start.
const LOG_MAX: u64 = 4 << 20;

/// A private engine that runs, and our right to use it.
#[derive(Debug)]
pub struct PrivateEngine {
    layout: Layout,
    /// Locked, shared, for as long as this process uses the engine: the last user stops it.
    in_use: File,
}

impl PrivateEngine {
    /// Stops the engine, unless another process of ours uses it too. Containers stop with it and are kept.
    pub(super) async fn stop(&self, docker: &bollard::Docker) {
        let Some(_change) = lock_change(&self.layout).await else {
            return;
        };
        // A shared lock cannot be turned into an exclusive one at once, so it is given back first. Nobody can begin to
        // use the engine in between: that needs the change lock, which we hold.
        if self.in_use.unlock().is_err() || self.in_use.try_lock().is_err() {
            tracing::info!("the private engine is still used by another process and runs on");
            return;
        }
        let bridges = bridges_of(docker).await;
        end_engine(&self.layout).await;
        clean_up(&self.layout, bridges).await;
        tracing::info!("the private engine has stopped");
    }
}

/// The private engine of this instance, when it still runs: from a crash, or in another process of ours.
pub(super) async fn adopt(data: &Path, instance: &str) -> Result<Option<Engine>, Problem> {
    let layout = Layout::new(data, instance);
    if running(&layout).is_none() {
        return Ok(None);
    }
    let _change = lock_change(&layout).await;
    if running(&layout).is_none() {
        return Ok(None);
    }
    match wait_for(&layout, None).await {
        Ok(()) => attach(layout).await.map(Some),
        Err(problem) => {
            tracing::warn!(%problem, "the private engine that was left does not answer; it is ended");
            end_engine(&layout).await;
            clean_up(&layout, vec![layout.bridge.clone()]).await;
            Ok(None)
        }
    }
}

/// Starts the private engine of this instance and waits until it answers.
pub(super) async fn start(dockerd: &Path, data: &Path, instance: &str) -> Result<Engine, Problem> {
    let layout = Layout::new(data, instance);
    make_folders(&layout).map_err(|error| folder_problem(&layout.folder, &error))?;
    if let Some(message) = crate::data::too_full(&layout.folder, 512 << 20) {
        return Err(Problem::new(
            message,
            "Free some room, or choose another folder with --data.",
        ));
    }
    let _change = lock_change(&layout).await;
    if running(&layout).is_none() {
        // What an engine that died badly left would be in the way: its parts, its mounts, its pid file.
        processes::end_parts_of(&layout.exec_root()).await;
        unmount_below(&layout.runtime);
        remove_file(&layout.pid_file());
        // The pid files in there would make the engine wait for a containerd that is gone.
        let _ = std::fs::remove_dir_all(&layout.runtime);
        make_folders(&layout).map_err(|error| folder_problem(&layout.folder, &error))?;
        let addresses = addresses(&layout).await?;
        bridge::create(&layout.bridge, addresses).await?;
        tracing::info!(folder = %layout.folder.display(), bridge = layout.bridge, "starting a private engine");
        let mut launched = spawn(dockerd, &layout, addresses).map_err(|error| {
            Problem::new(
                format!("{} could not be started: {error}.", dockerd.display()),
                "Install Docker again.",
            )
        })?;
        if let Err(problem) = wait_for(&layout, Some(&mut launched)).await {
            end_engine(&layout).await;
            clean_up(&layout, vec![layout.bridge.clone()]).await;
            return Err(problem);
        }
        // Waited for in the background, so that it does not stay as a zombie when it ends.
        tokio::spawn(async move { launched.child.wait().await });
    } else {
        wait_for(&layout, None).await?;
    }
    attach(layout).await
}

async fn attach(layout: Layout) -> Result<Engine, Problem> {
    let in_use =
        open_lock(&layout.use_lock()).map_err(|error| folder_problem(&layout.folder, &error))?;
    in_use
        .lock_shared()
        .map_err(|error| folder_problem(&layout.folder, &error))?;
    let mut engine = match connect::connect(&layout.socket(), Origin::Private).await {
        Ok(engine) => engine,
        Err(connect::Failure::Absent) => {
            return Err(Problem::new(
                "The private engine ended at once.",
                log_hint(&layout),
            ));
        }
        Err(
            connect::Failure::Denied(problem)
            | connect::Failure::Silent(problem)
            | connect::Failure::Unfit(problem),
        ) => {
            return Err(problem);
        }
    };
    engine.private = Some(std::sync::Arc::new(PrivateEngine { layout, in_use }));
    Ok(engine)
}

/// The addresses that this instance's networks use, the same ones at each start as long as they are free: networks
/// that learners made keep the subnets that they were given.
async fn addresses(layout: &Layout) -> Result<Addresses, Problem> {
    // With the bridge still there its own route would count as taken.
    bridge::remove(&layout.bridge).await;
    let noted = std::fs::read(layout.note())
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Addresses>(&bytes).ok());
    let chosen = bridge::free_addresses(noted).await?;
    let text = serde_json::to_vec(&chosen).unwrap_or_default();
    std::fs::write(layout.note(), text).map_err(|error| folder_problem(&layout.folder, &error))?;
    Ok(chosen)
}

fn make_folders(layout: &Layout) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(&layout.folder)?;
    std::fs::create_dir_all(&layout.runtime)?;
    // The engine's own socket is for us alone; learners come in by the gateway's.
    std::fs::set_permissions(&layout.runtime, PermissionsExt::from_mode(0o700))?;
    // An empty configuration of its own keeps the engine from reading the system's.
    std::fs::write(layout.config(), "{}\n")
}

/// An engine that has just been started.
struct Launched {
    child: tokio::process::Child,
    /// Where its own part of the log begins.
    log_from: u64,
}

fn spawn(dockerd: &Path, layout: &Layout, addresses: Addresses) -> std::io::Result<Launched> {
    if std::fs::metadata(layout.log()).is_ok_and(|log| log.len() > LOG_MAX) {
        std::fs::rename(layout.log(), layout.log().with_extension("old"))?;
    }
    let log = File::options()
        .create(true)
        .append(true)
        .open(layout.log())?;
    let log_from = log.metadata()?.len();
    let child = tokio::process::Command::new(dockerd)
        .args(layout.arguments(addresses))
        // It looks for iptables and its own parts there, which a plain `su` leaves out.
        .env("PATH", super::program_path())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl+C at the terminal goes to a whole process group; the engine is stopped by us, in order.
        .process_group(0)
        .spawn()?;
    Ok(Launched { child, log_from })
}

/// Waits until the engine answers. With its process at hand, its early end is noticed at once.
async fn wait_for(layout: &Layout, mut launched: Option<&mut Launched>) -> Result<(), Problem> {
    let log_from = launched.as_ref().map_or(0, |launched| launched.log_from);
    let deadline = Instant::now() + START;
    loop {
        if connect::answers(&layout.socket(), Duration::from_secs(2)).await {
            return Ok(());
        }
        let ended = match &mut launched {
            Some(launched) => launched.child.try_wait().ok().flatten().is_some(),
            None => running(layout).is_none(),
        };
        if ended || Instant::now() >= deadline {
            let what = if ended {
                "ended while it started"
            } else {
                "did not answer within a minute"
            };
            let why = log_since(layout, log_from)
                .as_deref()
                .and_then(last_meaningful_line);
            let why = why
                .map(|line| format!(" It says: {}.", line.trim_end_matches('.')))
                .unwrap_or_default();
            return Err(Problem::new(
                format!("The private engine {what}.{why}"),
                log_hint(layout),
            ));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

fn log_hint(layout: &Layout) -> String {
    format!(
        "Its log is {}. Or start Docker yourself, and Docktutor uses that.",
        layout.log().display()
    )
}

/// What the log has got since it was this long.
fn log_since(layout: &Layout, start: u64) -> Option<String> {
    let mut log = File::open(layout.log()).ok()?;
    log.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    log.take(LOG_MAX).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The engine's process: by its pid file, or, where that is missing or stale, by its command line.
pub(super) fn running(layout: &Layout) -> Option<Process> {
    if !layout.config().exists() {
        return None;
    }
    let noted = std::fs::read_to_string(layout.pid_file()).ok();
    let noted = noted
        .and_then(|text| text.trim().parse().ok())
        .and_then(Process::read);
    let ours = |process: &Process| process.is_engine_of(&layout.config());
    noted
        .filter(ours)
        .or_else(|| processes::all().into_iter().find(ours))
}

pub(super) async fn end_engine(layout: &Layout) {
    if let Some(process) = running(layout) {
        process.end(STOP).await;
    }
    processes::end_parts_of(&layout.exec_root()).await;
}

async fn lock_change(layout: &Layout) -> Option<File> {
    let file = open_lock(&layout.change_lock()).ok()?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file))
        .await
        .ok()?
        .ok()
}

fn open_lock(path: &Path) -> std::io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

fn folder_problem(folder: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        format!(
            "The private engine's folder {} cannot be used: {error}.",
            folder.display()
        ),
        "Choose another data folder with --data, or mend its rights.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_pid_file_is_not_taken_for_an_engine() {
        let data = tempfile::tempdir().unwrap();
        let layout = Layout::new(data.path(), "abc");
        make_folders(&layout).unwrap();
        std::fs::write(layout.pid_file(), std::process::id().to_string()).unwrap();
        assert_eq!(running(&layout), None);
        std::fs::write(layout.pid_file(), "not a number").unwrap();
        assert_eq!(running(&layout), None);
        assert!(adopt(data.path(), "abc").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_engine_that_fails_is_quoted_and_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let layout = Layout::new(data.path(), "abc");
        make_folders(&layout).unwrap();
        std::fs::write(
            layout.log(),
            "time=\"0\" level=fatal msg=\"of an earlier run\"\n",
        )
        .unwrap();
        let fake = data.path().join("dockerd");
        std::fs::write(
            &fake,
            "#!/bin/sh\necho 'failed to start daemon: no such thing'\nexit 1\n",
        )
        .unwrap();
        std::fs::set_permissions(&fake, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let addresses: Addresses = serde_json::from_str(r#"{"range":"10.201.0.0/16"}"#).unwrap();
        let mut launched = spawn(&fake, &layout, addresses).unwrap();
        let problem = wait_for(&layout, Some(&mut launched)).await.unwrap_err();
        assert!(
            problem.message.contains("ended while it started"),
            "{problem}"
        );
        assert!(
            problem.message.contains("no such thing") && !problem.message.contains("earlier"),
            "{problem}"
        );
    }
}
