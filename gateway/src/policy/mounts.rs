//! Volumes and temporary file systems: every way to write them, brought to one form. No path of the host
//! passes, and none of the workspace as it is written: the engine hears of anchors only.

use crate::error::Fault;
use crate::ledger::Bind;
use crate::names;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

mod long;

pub(crate) use long::MountAsk;
use long::from_mount;

/// What is mounted where; `V` is how volumes are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mount {
    Volume {
        /// The learner's name of the volume; `None` makes an anonymous one.
        name: Option<String>,
        target: String,
        read_only: bool,
        no_copy: bool,
    },
    /// A path of the workspace.
    Bind {
        bind: Bind,
        target: String,
        read_only: bool,
    },
    Tmpfs {
        target: String,
        size: i64,
        mode: Option<u32>,
    },
}

impl Mount {
    pub(crate) fn target(&self) -> &str {
        match self {
            Self::Volume { target, .. }
            | Self::Bind { target, .. }
            | Self::Tmpfs { target, .. } => target,
        }
    }

    /// The engine's form; `real` gives the engine's name of a volume, `anchor` the path of an anchor.
    pub(crate) fn upstream(
        &self,
        real: impl Fn(&str) -> Option<String>,
        anchor: impl Fn(&str) -> PathBuf,
        labels: &Value,
    ) -> Result<Value, Fault> {
        Ok(match self {
            Self::Volume {
                name,
                target,
                read_only,
                no_copy,
            } => {
                let mut mount = json!({
                    "Type": "volume", "Target": target, "ReadOnly": read_only,
                    "VolumeOptions": { "NoCopy": no_copy, "Labels": labels },
                });
                if let Some(name) = name {
                    mount["Source"] = json!(real(name).ok_or_else(|| Fault::no_volume(name))?);
                }
                mount
            }
            // As a mount and not as a bind: where the anchor is missing, the start fails.
            Self::Bind {
                bind,
                target,
                read_only,
            } => json!({
                "Type": "bind", "Source": anchor(&bind.anchor), "Target": target, "ReadOnly": read_only,
                "BindOptions": { "Propagation": "rprivate" },
            }),
            Self::Tmpfs { target, size, mode } => {
                let mut options = json!({ "SizeBytes": size });
                if let Some(mode) = mode {
                    options["Mode"] = json!(mode);
                }
                json!({ "Type": "tmpfs", "Target": target, "TmpfsOptions": options })
            }
        })
    }
}

/// Everything that a container asks to have mounted.
pub(crate) struct Wishes<'a> {
    pub(crate) binds: &'a [String],
    pub(crate) mounts: &'a [MountAsk],
    pub(crate) tmpfs: &'a BTreeMap<String, String>,
    /// Anonymous volumes of the create call and of the image.
    pub(crate) volumes: BTreeSet<String>,
    /// The most that a temporary file system may hold.
    pub(crate) tmpfs_size: i64,
    /// The path by which clients name the workspace; nothing where no path of it can be bound.
    pub(crate) workspace: Option<&'a str>,
}

/// Brings all wishes to one list. Where an anonymous volume and another mount have the same target, the other wins.
pub(crate) fn collect(wishes: &Wishes<'_>) -> Result<Vec<Mount>, Fault> {
    let mut all = Vec::new();
    for bind in wishes.binds {
        all.push(from_bind(bind, wishes.workspace)?);
    }
    for mount in wishes.mounts {
        all.push(from_mount(mount, wishes.tmpfs_size, wishes.workspace)?);
    }
    for (target, options) in wishes.tmpfs {
        all.push(from_tmpfs(target, options, wishes.tmpfs_size)?);
    }
    let mut targets = BTreeSet::new();
    for mount in &all {
        if !targets.insert(clean(mount.target())) {
            return Err(Fault::bad(format!(
                "Duplicate mount point: {}",
                mount.target()
            )));
        }
    }
    for target in &wishes.volumes {
        check_target(target)?;
        if targets.insert(clean(target)) {
            all.push(Mount::Volume {
                name: None,
                target: target.clone(),
                read_only: false,
                no_copy: false,
            });
        }
    }
    Ok(all)
}

/// Reads `name:/target[:options]` or `/target`.
fn from_bind(text: &str, workspace: Option<&str>) -> Result<Mount, Fault> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        // The engine reads `/target:ro` as a bind of /target to "ro", and refuses it.
        [source, target, options] => (Some(*source), *target, *options),
        _ => {
            return Err(Fault::bad(format!(
                "invalid volume specification: '{text}'"
            )));
        }
    };
    let kind = match source {
        Some(path) if path.starts_with('/') => "bind",
        _ => "volume",
    };
    check_target(target).map_err(|fault| {
        fault.after(&format!(
            "invalid volume specification: '{text}': invalid mount config for type \"{kind}\": "
        ))
    })?;
    let (mut read_only, mut no_copy) = (false, false);
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option {
            "ro" => read_only = true,
            "nocopy" => no_copy = true,
            "rw" | "z" | "Z" | "cached" | "delegated" | "consistent" => {}
            _ if option.ends_with("shared")
                || option.ends_with("slave")
                || option.ends_with("private") =>
            {
                return Err(Fault::refused(format!(
                    "the volume option {option:?} in '{text}'"
                )));
            }
            _ => return Err(Fault::bad(format!("invalid mode: {options}"))),
        }
    }
    if let Some(path) = source.filter(|source| source.starts_with('/')) {
        if no_copy {
            return Err(Fault::bad(format!(
                "invalid volume specification: '{text}': nocopy is for volumes"
            )));
        }
        return Ok(Mount::Bind {
            bind: bind_of(path, workspace, true)?,
            target: target.to_owned(),
            read_only,
        });
    }
    let name = source.map(volume_name).transpose()?;
    Ok(Mount::Volume {
        name,
        target: target.to_owned(),
        read_only,
        no_copy,
    })
}

fn volume_name(source: &str) -> Result<String, Fault> {
    names::check_volume(source)?;
    Ok(source.to_owned())
}

fn host_path(path: &str, workspace: Option<&str>) -> Fault {
    let Some(workspace) = workspace else {
        return Fault::refused(format!(
            "the path {path:?} cannot be mounted: folders cannot be bound into containers here. \
             Use a named volume (-v data:/path), or COPY the files into an image"
        ));
    };
    Fault::refused(format!(
        "the path {path:?} cannot be mounted: only folders and files in {workspace} can be. \
         Use one of those, a named volume (-v data:/path), or COPY the files into an image"
    ))
}

/// A path that lies in the workspace by its letters; whether it does on the disk is seen when it is opened.
fn bind_of(path: &str, workspace: Option<&str>, create: bool) -> Result<Bind, Fault> {
    let outside = || host_path(path, workspace);
    let root = workspace.ok_or_else(outside)?;
    if path.split('/').any(|part| part == "..") || path.contains(['\0', '\n']) {
        return Err(outside());
    }
    let whole = clean(path);
    let below = match whole.strip_prefix(root) {
        Some("") => "",
        Some(rest) => rest.strip_prefix('/').ok_or_else(outside)?,
        None => return Err(outside()),
    };
    Ok(Bind {
        anchor: names::random(20),
        path: below.to_owned(),
        asked: path.to_owned(),
        create,
    })
}

fn from_tmpfs(target: &str, options: &str, most: i64) -> Result<Mount, Fault> {
    check_target(target)?;
    let (mut size, mut mode) = (most, None);
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("size", text)) => {
                size = parse_size(text)
                    .filter(|size| *size > 0)
                    .unwrap_or(most)
                    .min(most)
            }
            Some(("mode", text)) => {
                mode = u32::from_str_radix(text, 8).ok().map(|mode| mode & 0o1777)
            }
            None if matches!(
                option,
                "rw" | "nosuid" | "nodev" | "noexec" | "exec" | "relatime" | "noatime"
            ) => {}
            _ => return Err(Fault::refused(format!("the tmpfs option {option:?}"))),
        }
    }
    Ok(Mount::Tmpfs {
        target: target.to_owned(),
        size,
        mode,
    })
}

fn parse_size(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: i64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(factor)
}

fn check_target(target: &str) -> Result<(), Fault> {
    if !target.starts_with('/') {
        return Err(Fault::bad(format!(
            "invalid mount path: '{target}' mount path must be absolute"
        )));
    }
    if clean(target) == "/" {
        return Err(Fault::bad(
            "invalid specification: destination can't be '/'",
        ));
    }
    if target.contains([':', '\0', '\n']) || target.split('/').any(|part| part == "..") {
        return Err(Fault::bad(format!("invalid mount path: '{target}'")));
    }
    Ok(())
}

/// A path without what does not change its meaning.
fn clean(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests;
