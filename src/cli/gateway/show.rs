//! What `docktutor gateway` prints.

use std::fmt::Write as _;

use anyhow::Context as _;
use gateway::{DiskUsage, Share, Usage};
use serde_json::{Value, json};

use super::Format;
use super::standing::Standing;
use crate::cli::output::write_output;
use crate::data::human_bytes;

/// Prints the scopes that there are.
pub(super) fn list(all: &[Standing], format: Format) -> anyhow::Result<u8> {
    let mut rows = Vec::new();
    for scope in all {
        rows.push((scope, scope.open_in()?, scope.note()));
    }
    let text = match format {
        Format::Json => {
            let rows = rows.iter().map(|(scope, open, note)| {
                json!({
                    "scope": scope.name, "open": open.is_some(), "process": open,
                    "engine": note.as_ref().map(|note| &note.engine), "socket": note.as_ref().map(|note| &note.socket),
                    "workspace": note.as_ref().map(|note| &note.workspace),
                    "limits": note.as_ref().map(|note| &note.limits), "opened": note.as_ref().map(|note| note.opened),
                    "folder": scope.folder,
                })
            });
            document(&rows.collect())
        }
        Format::Text if rows.is_empty() => {
            "There are no scopes. `docktutor gateway --scope NAME` opens one.\n".to_owned()
        }
        Format::Text => {
            let mut text = format!("{:16} {:18} SOCKET\n", "SCOPE", "STATE");
            for (scope, open, note) in rows {
                let state = open.map_or("left behind".to_owned(), |process| {
                    format!("open in {process}")
                });
                let socket = note.map_or(scope.socket(), |note| note.socket);
                let _ = writeln!(text, "{:16} {state:18} {}", scope.name, socket.display());
            }
            text
        }
    };
    print(&text)
}

/// Prints what scopes use.
pub(super) fn usage(all: &[(String, Usage)], format: Format) -> anyhow::Result<u8> {
    let text = match format {
        Format::Json => {
            let rows = all
                .iter()
                .map(|(name, usage)| json!({ "scope": name, "usage": usage }));
            document(&rows.collect())
        }
        Format::Text => {
            let blocks: Vec<String> = all.iter().map(|(name, usage)| block(name, usage)).collect();
            if blocks.is_empty() {
                "There are no scopes. `docktutor gateway --scope NAME` opens one.\n".to_owned()
            } else {
                blocks.join("\n")
            }
        }
    };
    print(&text)
}

fn block(name: &str, usage: &Usage) -> String {
    let mut text = format!("{name}\n");
    let count = |share: &Share| format!("{} of {}", share.used, share.limit);
    let bytes = |share: &Share| {
        format!(
            "{} of {}",
            human_bytes(share.used),
            human_bytes(share.limit)
        )
    };
    let mut line = |what: &str, value: String| {
        let _ = writeln!(text, "  {what:12} {value}");
    };
    line(
        "containers",
        format!("{}, {} running", count(&usage.containers), usage.running),
    );
    line("networks", count(&usage.networks));
    line("volumes", count(&usage.volumes));
    line("images", count(&usage.images));
    if let Some(disk) = &usage.disk {
        line("disk", disk_line(disk));
    }
    line("registry", bytes(&usage.registry));
    line("builds", count(&usage.builds));
    if let Some(memory) = &usage.memory {
        line("memory", bytes(memory));
    }
    if let Some(pids) = &usage.pids {
        line("processes", count(pids));
    }
    text
}

/// What is used of the disk, and by what.
fn disk_line(disk: &DiskUsage) -> String {
    let parts = [
        ("containers", disk.layers),
        ("volumes", disk.volumes),
        ("logs", disk.logs),
        ("images", disk.images),
        ("workspace", disk.workspace),
    ];
    let parts: Vec<String> = parts
        .iter()
        .map(|(name, bytes)| match bytes {
            Some(bytes) => format!("{name} {}", human_bytes(*bytes)),
            None => format!("{name} not counted"),
        })
        .collect();
    let (used, limit) = (human_bytes(disk.used), human_bytes(disk.limit));
    format!("{used} of {limit} ({})", parts.join(", "))
}

/// Says that something was done with scopes.
pub(super) fn done(key: &str, word: &str, names: &[String], format: Format) -> anyhow::Result<u8> {
    print(&match format {
        Format::Json => document(&json!({ key: names })),
        Format::Text => names
            .iter()
            .map(|name| format!("{word} {name}.\n"))
            .collect(),
    })
}

fn document(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Prints to the standard output; a reader may have seen enough.
pub(super) fn print(text: &str) -> anyhow::Result<u8> {
    write_output(None, text).context("cannot write to the standard output")?;
    Ok(0)
}
