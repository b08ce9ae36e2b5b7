//! `docktutor doctor`: what is there, what is wrong, and what mends it.

use std::io::{ErrorKind, IsTerminal as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::FAULT;
use crate::data::{self, human_bytes, known_instance, space};
use crate::sandbox::engine::{self, Engine, Found, Problem};
use crate::sandbox::images::{HostTools, ImageStatus, Images, own_sizes};

/// Less free room than this is too little to work with.
const ROOM_LEAST: u64 = 200_000_000;
/// Less free room than this is too little to prepare images.
const ROOM_GOOD: u64 = 2_000_000_000;
/// Less free memory than this makes a sandbox slow.
const MEMORY_GOOD: u64 = 1_000_000_000;
/// Less free memory than this holds no sandbox.
const MEMORY_LEAST: u64 = 250_000_000;
/// The port that `serve` listens on when none is named.
const PORT: u16 = 8080;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
    /// Folder for progress, workspaces and images.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    /// It works, with something missing.
    Warn,
    /// Sandboxes do not work like this.
    Bad,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    name: &'static str,
    health: Health,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Row {
    fn ok(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            health: Health::Ok,
            value: value.into(),
            mend: None,
        }
    }

    fn warn(name: &'static str, value: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            health: Health::Warn,
            value: value.into(),
            mend: Some(mend.into()),
        }
    }

    fn bad(name: &'static str, value: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            health: Health::Bad,
            value: value.into(),
            mend: Some(mend.into()),
        }
    }
}

/// Looks at everything and prints the table. Nothing is started and nothing is changed.
pub async fn run(args: DoctorArgs) -> anyhow::Result<u8> {
    let data = data::folder(args.data);
    // Without an instance nothing of ours is anywhere, so any name finds nothing.
    let instance = known_instance(&data).unwrap_or_else(|| "none".to_owned());
    let found = engine::find(&data, &instance).await;
    let mut rows = match &found {
        Ok(Found::Engine(engine)) => engine_rows(engine, &data, &instance).await,
        Ok(Found::Nothing(_)) => rows_without_engine(&data),
        Err(problem) => vec![Row::bad("engine", &*problem.message, &*problem.next)],
    };
    rows.push(disk(&data));
    rows.push(memory(
        &std::fs::read_to_string("/proc/meminfo").unwrap_or_default(),
    ));
    rows.push(port(PORT));
    if args.json {
        print_json(&rows)?;
    } else {
        rows.iter().for_each(print_row);
    }
    let bad = rows.iter().any(|row| row.health == Health::Bad);
    Ok(if bad { FAULT } else { 0 })
}

async fn engine_rows(engine: &Engine, data: &Path, instance: &str) -> Vec<Row> {
    let place = match engine.endpoint.remote() {
        Some(remote) => remote.to_string(),
        None => engine.endpoint.socket().display().to_string(),
    };
    let place = format!("{} at {place} ({})", engine.name, engine.origin);
    let mut rows = vec![
        match engine.check_for_workbench() {
            Ok(()) => Row::ok("engine", place),
            Err(Problem { next, .. }) => {
                Row::warn("engine", place + ": no terminals in the page", next)
            }
        },
        Row::ok("version", engine.version.clone()),
        Row::ok("API", engine.api.clone()),
        storage(&engine.storage_driver),
        cgroups(engine),
        protection(engine),
    ];
    let images = Images::new(engine.clone(), data, instance);
    rows.push(compose(images.tools()));
    rows.push(match images.status().await {
        Ok(status) => image_row(&status),
        Err(Problem { message, next }) => Row::bad("images", message, next),
    });
    rows
}

fn rows_without_engine(data: &Path) -> Vec<Row> {
    let engine = match (engine::find_program("dockerd"), engine::is_root()) {
        (Some(dockerd), true) => Row::ok(
            "engine",
            format!(
                "none runs; `serve` starts a private one ({})",
                dockerd.display()
            ),
        ),
        (Some(dockerd), false) => Row::bad(
            "engine",
            format!("{} is installed, but does not run", dockerd.display()),
            "sudo systemctl start docker, or run Docktutor as root",
        ),
        (None, _) => {
            let install = engine::Distribution::of_this_machine().install_engine();
            Row::bad("engine", "none answers, and none is installed", install)
        }
    };
    vec![
        engine,
        compose(&HostTools::find(
            &data.join("images"),
            std::env::consts::ARCH,
        )),
    ]
}

fn storage(driver: &str) -> Row {
    match driver {
        "vfs" => Row::warn(
            "storage driver",
            driver,
            "vfs copies every layer; put the engine's data on a file system that overlay2 works on",
        ),
        driver => Row::ok("storage driver", driver),
    }
}

fn cgroups(engine: &Engine) -> Row {
    let name = "cgroup version";
    if engine.cgroup_version.is_empty() {
        return Row::warn(
            name,
            "the engine does not say",
            "limits on memory and CPU may not hold",
        );
    }
    Row::ok(
        name,
        format!("{} ({})", engine.cgroup_version, engine.cgroup_driver),
    )
}

/// What this engine can promise: only one that shares this machine's kernel can be shared by several learners.
fn protection(engine: &Engine) -> Row {
    if engine.is_local_root() && engine::is_root() {
        return Row::ok("protection", "full: several learners can share this engine");
    }
    Row::warn(
        "protection",
        "for a single learner: names, owners and requests are checked; limits and ports are the engine's own",
        "for several learners run Docktutor as root beside a Docker Engine on Linux",
    )
}

fn compose(tools: &HostTools) -> Row {
    match &tools.compose {
        Some(plugin) => Row::ok("Compose", plugin.display().to_string()),
        None => Row::warn(
            "Compose",
            "no plugin to put into the workbench",
            "install docker-compose-plugin or docker-compose-v2, or run make setup; then docktutor images prepare",
        ),
    }
}

fn image_row(images: &[ImageStatus]) -> Row {
    let ready: Vec<_> = images
        .iter()
        .filter_map(|image| image.ready.as_ref())
        .collect();
    let stand_ins = ready.iter().filter(|image| image.stand_in).count();
    let size: u64 = own_sizes(images).iter().sum();
    let value = format!(
        "{} of {} ready, {stand_ins} of them stand-ins, {}",
        ready.len(),
        images.len(),
        human_bytes(size)
    );
    if ready.len() == images.len() {
        Row::ok("images", value)
    } else {
        Row::warn(
            "images",
            value,
            "docktutor images prepare; `serve` does it too",
        )
    }
}

fn disk(data: &Path) -> Row {
    let Ok(space) = space(data) else {
        return Row::bad(
            "disk",
            format!("{} cannot be read", data.display()),
            "choose another folder with --data",
        );
    };
    let value = format!(
        "{} free of {} for {}",
        human_bytes(space.free),
        human_bytes(space.total),
        data.display()
    );
    match space.free {
        ..ROOM_LEAST => Row::bad(
            "disk",
            value,
            "free some room, or choose another folder with --data",
        ),
        ROOM_LEAST..ROOM_GOOD => Row::warn("disk", value, "preparing the images needs about 2 GB"),
        _ => Row::ok("disk", value),
    }
}

/// From the text of `/proc/meminfo`.
fn memory(meminfo: &str) -> Row {
    let field = |name: &str| {
        let line = meminfo
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    };
    let (Some(free), Some(total)) = (field("MemAvailable"), field("MemTotal")) else {
        return Row::ok("memory", "this system does not say");
    };
    let value = format!("{} free of {}", human_bytes(free), human_bytes(total));
    match free {
        ..MEMORY_LEAST => Row::bad(
            "memory",
            value,
            "close other programs; a sandbox needs about 250 MB",
        ),
        MEMORY_LEAST..MEMORY_GOOD => Row::warn(
            "memory",
            value,
            "enough for one learner with small containers",
        ),
        _ => Row::ok("memory", value),
    }
}

fn port(port: u16) -> Row {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Row::ok("ports", format!("{port} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Row::warn(
            "ports",
            format!("{port} is in use, perhaps by Docktutor itself"),
            "choose another one: docktutor serve --listen 127.0.0.1:8081",
        ),
        Err(error) => Row::bad(
            "ports",
            format!("{port} cannot be used: {error}"),
            "choose another one: docktutor serve --listen 127.0.0.1:8081",
        ),
    }
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_json(rows: &[Row]) -> anyhow::Result<()> {
    let ok = rows.iter().all(|row| row.health != Health::Bad);
    println!(
        "{}",
        serde_json::to_string_pretty(&serde_json::json!({ "ok": ok, "rows": rows }))?
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_row(row: &Row) {
    let (mark, colour) = match row.health {
        Health::Ok => ("ok", "32"),
        Health::Warn => ("warn", "33"),
        Health::Bad => ("BAD", "31"),
    };
    let mark = if std::io::stdout().is_terminal() {
        format!("\u{1b}[{colour}m{mark:4}\u{1b}[0m")
    } else {
        format!("{mark:4}")
    };
    println!("{mark}  {:15} {}", row.name, row.value);
    if let Some(mend) = &row.mend {
        println!("{:22}→ {mend}", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_judged_by_what_is_available() {
        let text =
            |free: u64| format!("MemTotal:  8000000 kB\nMemFree: 1 kB\nMemAvailable: {free} kB\n");
        assert_eq!(
            memory(&text(4_000_000)),
            Row::ok("memory", "4.1 GB free of 8.2 GB")
        );
        assert_eq!(memory(&text(500_000)).health, Health::Warn);
        assert_eq!(memory(&text(100_000)).health, Health::Bad);
        assert_eq!(memory("").health, Health::Ok);
    }

    #[test]
    fn a_port_in_use_is_a_warning_with_a_mend() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let row = port(held.local_addr().unwrap().port());
        assert_eq!(row.health, Health::Warn);
        assert!(row.mend.unwrap().contains("--listen"));
    }

    #[test]
    fn each_row_that_is_not_well_has_a_mend() {
        let compose = compose(&HostTools::default());
        assert_eq!(
            (compose.health, compose.mend.is_some()),
            (Health::Warn, true)
        );
        let driver = storage("vfs");
        assert_eq!((driver.health, driver.mend.is_some()), (Health::Warn, true));
        assert_eq!(storage("overlay2").mend, None);
    }

    #[test]
    fn json_has_no_empty_mends() {
        let text = serde_json::to_string(&Row::ok("API", "1.41")).unwrap();
        assert_eq!(text, r#"{"name":"API","health":"ok","value":"1.41"}"#);
    }
}
