//! Mounts in their long form, as `--mount` and Compose write them: field by field, and no field that is not known.

use super::{Mount, bind_of, check_target, host_path, volume_name};
use crate::error::Fault;
use crate::policy::json as strict;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A mount as `--mount` and Compose's long form write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MountAsk {
    r#type: Option<String>,
    source: Option<String>,
    target: Option<String>,
    read_only: Option<bool>,
    consistency: Option<String>,
    bind_options: Option<BindOptions>,
    volume_options: Option<VolumeOptions>,
    tmpfs_options: Option<TmpfsOptions>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BindOptions {
    propagation: Option<String>,
    non_recursive: Option<bool>,
    create_mountpoint: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct VolumeOptions {
    no_copy: Option<bool>,
    labels: Option<BTreeMap<String, String>>,
    driver_config: Option<Value>,
    subpath: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TmpfsOptions {
    size_bytes: Option<i64>,
    mode: Option<u32>,
    options: Option<Value>,
}
pub(super) fn from_mount(
    ask: &MountAsk,
    tmpfs_size: i64,
    workspace: Option<&str>,
) -> Result<Mount, Fault> {
    let target = ask.target.clone().unwrap_or_default();
    let source = ask.source.as_deref().filter(|source| !source.is_empty());
    if let Some(consistency) = ask.consistency.as_deref()
        && !matches!(
            consistency,
            "" | "default" | "consistent" | "cached" | "delegated"
        )
    {
        return Err(Fault::bad(format!(
            "invalid mount consistency {consistency:?}"
        )));
    }
    match ask.r#type.as_deref().unwrap_or_default() {
        "bind" | "volume" | "tmpfs" => check_target(&target)?,
        other => return Err(Fault::refused(format!("a mount of type {other:?}"))),
    }
    let read_only = ask.read_only.unwrap_or(false);
    if ask.r#type.as_deref() == Some("bind") {
        return from_bind_mount(ask, source.unwrap_or_default(), target, workspace);
    }
    if ask.bind_options.is_some() {
        return Err(Fault::refused("Mounts[].BindOptions on another mount"));
    }
    if ask.r#type.as_deref() == Some("tmpfs") {
        let options = ask.tmpfs_options.as_ref();
        if source.is_some()
            || options.is_some_and(|o| o.options.as_ref().is_some_and(|v| !strict::is_empty(v)))
        {
            return Err(Fault::refused(
                "a tmpfs mount with a source or with raw options",
            ));
        }
        let size = options
            .and_then(|o| o.size_bytes)
            .filter(|size| *size > 0)
            .unwrap_or(tmpfs_size)
            .min(tmpfs_size);
        return Ok(Mount::Tmpfs {
            target,
            size,
            mode: options.and_then(|o| o.mode).map(|mode| mode & 0o1777),
        });
    }
    if ask.tmpfs_options.is_some() {
        return Err(Fault::bad("tmpfs options on a volume mount"));
    }
    let options = ask.volume_options.as_ref();
    if let Some(driver) = options.and_then(|options| options.driver_config.as_ref()) {
        check_driver(driver)?;
    }
    if options.is_some_and(|o| o.subpath.as_deref().is_some_and(|path| !path.is_empty())) {
        return Err(Fault::refused(
            "Mounts[].VolumeOptions.Subpath: this engine has no volume subpaths",
        ));
    }
    if options.is_some_and(|o| o.labels.as_ref().is_some_and(|labels| !labels.is_empty()))
        && source.is_some()
    {
        return Err(Fault::refused(
            "Mounts[].VolumeOptions.Labels: make the volume first (docker volume create --label)",
        ));
    }
    let name = source.map(volume_name).transpose()?;
    Ok(Mount::Volume {
        name,
        target,
        read_only,
        no_copy: options.and_then(|o| o.no_copy).unwrap_or(false),
    })
}

fn from_bind_mount(
    ask: &MountAsk,
    source: &str,
    target: String,
    workspace: Option<&str>,
) -> Result<Mount, Fault> {
    if ask.volume_options.is_some() || ask.tmpfs_options.is_some() {
        return Err(Fault::bad("options of a volume or tmpfs on a bind mount"));
    }
    let options = ask.bind_options.as_ref();
    let propagation = options.and_then(|options| options.propagation.as_deref());
    if !matches!(propagation, None | Some("" | "rprivate" | "private")) {
        return Err(Fault::refused(
            "Mounts[].BindOptions.Propagation: mounts of a container stay its own",
        ));
    }
    if options.is_some_and(|options| options.non_recursive == Some(true)) {
        return Err(Fault::refused("Mounts[].BindOptions.NonRecursive"));
    }
    if !source.starts_with('/') {
        return Err(host_path(source, workspace));
    }
    let create = options.is_some_and(|options| options.create_mountpoint == Some(true));
    Ok(Mount::Bind {
        bind: bind_of(source, workspace, create)?,
        target,
        read_only: ask.read_only.unwrap_or(false),
    })
}

/// A volume driver is a host mount in disguise: only the local one, and without options.
fn check_driver(driver: &Value) -> Result<(), Fault> {
    let Value::Object(fields) = driver else {
        return if driver.is_null() {
            Ok(())
        } else {
            Err(Fault::bad("DriverConfig is not an object"))
        };
    };
    for (key, value) in fields {
        let fine = match key.as_str() {
            "Name" => {
                value
                    .as_str()
                    .is_some_and(|name| matches!(name, "" | "local"))
                    || value.is_null()
            }
            "Options" => {
                strict::is_empty(value) && value.as_object().is_none_or(serde_json::Map::is_empty)
            }
            _ => false,
        };
        if !fine {
            return Err(Fault::refused(format!(
                "Mounts[].VolumeOptions.DriverConfig.{key}: only plain local volumes are offered"
            )));
        }
    }
    Ok(())
}
