//! `docktutor uninstall`: removes every trace of this installation, and nothing else.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{FAULT, USAGE};
use crate::data::{self, known_instance};
use crate::sandbox::engine::{self, Belongings, Engine, Found};
use crate::sandbox::images;

/// Everything that we put into a data folder. Anything else in it is not ours, and keeps it alive.
const OURS: [&str; 10] = [
    "docktutor.sqlite",
    "docktutor.sqlite-shm",
    "docktutor.sqlite-wal",
    "token",
    "lock",
    "scopes",
    "gateway",
    "images",
    "check",
    "gateways",
];

/// Arguments of `uninstall`.
#[derive(Debug, Args)]
pub struct UninstallArgs {
    /// Folder for progress, workspaces and images.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Remove the folder although the engine that holds containers of it does not answer; those stay on it.
    #[arg(long)]
    without_engine: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

/// Removes containers, images, networks, volumes, the private engine, mounts, control groups, the firewall table and
/// the data folder of one installation.
pub async fn run(args: UninstallArgs) -> anyhow::Result<u8> {
    let data = data::folder(args.data);
    let Some(instance) = known_instance(&data) else {
        print_line(&format!("There is no Docktutor in {}.", data.display()));
        return Ok(0);
    };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"))?;
    if lock.try_lock().is_err() {
        bail!(
            "A Docktutor server uses {}. Stop it first, then uninstall.",
            data.display()
        );
    }
    let engine = match engine::find(&data, &instance).await {
        Ok(Found::Engine(engine)) => Some(*engine),
        Ok(Found::Nothing(_)) => None,
        Err(problem) => {
            eprintln!("docktutor: {problem}");
            None
        }
    };
    // Without its engine the containers on it would stay for ever: nothing would know whose they are.
    if engine.is_none()
        && (data.join("gateway").exists() || super::gateway::any(&data))
        && !data.join("engine").exists()
        && !args.without_engine
    {
        bail!(
            "The engine that this installation used does not answer. Start it and uninstall again, or say \
             --without-engine to leave what is on it."
        );
    }
    let belongings = match &engine {
        Some(engine) if !engine.is_private() => {
            let mut all = Belongings::of(engine, &instance).await?;
            let imported = images::imported(&data.join("images"));
            all.add_imported(engine, &imported).await?;
            for check in super::place::instances(&instance) {
                all.extend(Belongings::of(engine, &check).await?);
            }
            Some((engine, all))
        }
        _ => None,
    };
    say_what_goes(&data, belongings.as_ref());
    if !args.yes && !agreed()? {
        print_line("Nothing was removed.");
        return Ok(USAGE);
    }

    for name in super::gateway::remove_all(&data, args.without_engine).await? {
        print_line(&format!("Removed the scope {name}."));
    }
    let mut stayed = Vec::new();
    if let Some((engine, belongings)) = &belongings {
        stayed = belongings.remove(engine).await;
        let but = if stayed.is_empty() {
            String::new()
        } else {
            format!(", but for {}", stayed.len())
        };
        print_line(&format!(
            "Removed {belongings} from {} {}{but}.",
            engine.name, engine.version
        ));
    }
    // Gives back our own hold on a private engine, which is stopped next.
    drop(engine);
    for removed in engine::sweep_private(&data, &instance).await {
        print_line(&format!("Removed {removed}."));
    }
    for table in engine::remove_firewall_tables(&instance).await {
        print_line(&format!("Removed the firewall table {table}."));
    }
    // A folder of a workspace that is still mounted there would be emptied with the data folder.
    gateway::Gateway::clear_mounts(&data.join("gateway")).context(
        "the mounts below the data folder could not be taken away; nothing in it was removed",
    )?;
    remove_data(&data)
        .with_context(|| format!("{} could not be removed completely", data.display()))?;
    for what in &stayed {
        eprintln!("docktutor: could not remove {what}");
    }
    Ok(if stayed.is_empty() { 0 } else { FAULT })
}

fn say_what_goes(data: &Path, belongings: Option<&(&Engine, Belongings)>) {
    print_line("This removes:");
    if let Some((engine, belongings)) = belongings {
        print_line(&format!(
            "- on {} {}: {belongings}",
            engine.name, engine.version
        ));
    }
    if data.join("engine").exists() {
        print_line("- the private engine, with every container, image and volume on it");
    }
    print_line(&format!(
        "- {}, with all progress and all files that learners wrote",
        data.display()
    ));
}

/// Asks the person at the terminal. Without one, only `--yes` is a yes.
#[expect(
    clippy::print_stdout,
    reason = "a question to the person at the terminal"
)]
fn agreed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        eprintln!("docktutor: nobody can be asked here; say --yes to remove it.");
        return Ok(false);
    }
    print!("Remove all of it? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Removes what is ours, the instance's id last: cut off in between, a second run finds what is left.
fn remove_data(data: &Path) -> std::io::Result<()> {
    for name in OURS.iter().chain(&["engine", "instance"]) {
        let path = data.join(name);
        let removed = match std::fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(&path),
            Ok(_) => std::fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match std::fs::remove_dir(data) {
        Ok(()) => print_line(&format!("Removed {}.", data.display())),
        Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
            print_line(&format!(
                "Removed our files from {}; what else is there was left alone.",
                data.display()
            ));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_line(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ours_keeps_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir_all(data.join("scopes/a/work")).unwrap();
        std::fs::write(data.join("instance"), "abcdefghjk\n").unwrap();
        std::fs::write(data.join("thesis.txt"), "mine").unwrap();
        remove_data(&data).unwrap();
        let left: Vec<_> = std::fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["thesis.txt"]);
        std::fs::remove_file(data.join("thesis.txt")).unwrap();
        remove_data(&data).unwrap();
        assert!(!data.exists());
    }
}
