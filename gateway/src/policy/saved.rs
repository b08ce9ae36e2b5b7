//! The archive of `docker save`: read from the engine entry by entry, and written anew with the learner's names.
//!
//! Layers pass through as they are. Configurations lose the gateway's labels, and then have another name, which is
//! their hash. What newer engines add for other tools (`index.json`, manifests among the blobs) is left out: it names
//! contents by hashes that do not hold any more, and `manifest.json` says the same.

use super::image_config;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use tar::{Archive, Builder, Entry, EntryType, Header};

/// The largest configuration or list of images that is read, in bytes.
const LARGEST_TEXT: u64 = 8 << 20;

/// Rewrites an archive. `names` has the references of each image by its id (`sha256:…`).
pub(crate) fn rewrite(
    tar: impl Read,
    out: impl Write,
    names: &BTreeMap<String, Vec<String>>,
) -> io::Result<()> {
    let mut builder = Builder::new(out);
    let mut renamed = BTreeMap::new();
    let mut manifest = None;
    for entry in Archive::new(tar).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path.trim_end_matches('/').to_owned();
        match entry.header().entry_type() {
            EntryType::Directory | EntryType::Symlink => append(&mut builder, &mut entry, &path)?,
            EntryType::Regular | EntryType::Continuous => match path.as_str() {
                "manifest.json" => manifest = Some(text(&mut entry)?),
                "repositories" | "index.json" | "oci-layout" => {}
                _ => file(&mut builder, &mut entry, &path, names, &mut renamed)?,
            },
            _ => return Err(io::Error::other(format!("an odd entry: {path}"))),
        }
    }
    let manifest = manifest.ok_or_else(|| io::Error::other("the archive has no manifest.json"))?;
    let manifest = rebuild(&manifest, names, &renamed)?;
    add(&mut builder, "manifest.json", &manifest)?;
    let repositories = repositories(&manifest);
    if repositories.as_object().is_some_and(|map| !map.is_empty()) {
        add(&mut builder, "repositories", &repositories)?;
    }
    builder.into_inner()?.flush()
}

/// One file that is no list: a configuration, a layer, or a manifest of the newer layout.
fn file<R: Read, W: Write>(
    builder: &mut Builder<W>,
    entry: &mut Entry<'_, R>,
    path: &str,
    names: &BTreeMap<String, Vec<String>>,
    renamed: &mut BTreeMap<String, String>,
) -> io::Result<()> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let hex = name.strip_suffix(".json").unwrap_or(name);
    let is_config = names.contains_key(&format!("sha256:{hex}"));
    if is_config {
        let bytes = text(entry)?;
        let mut value: Value = serde_json::from_slice(&bytes)?;
        if !image_config::strip(&mut value) {
            return add_bytes(builder, path, &bytes);
        }
        let bytes = serde_json::to_vec(&value)?;
        let fresh = path.replace(hex, &hash(&bytes));
        renamed.insert(path.to_owned(), fresh.clone());
        return add_bytes(builder, &fresh, &bytes);
    }
    if name == "json" {
        // The layer's description for engines before 1.10.
        let mut value: Value = serde_json::from_slice(&text(entry)?)?;
        image_config::strip(&mut value);
        return add(builder, path, &value);
    }
    if folder == "blobs/sha256" {
        let mut start = [0u8; 1];
        let length = entry.read(&mut start)?;
        if start.get(..length) == Some(b"{") {
            return Ok(());
        }
        let mut header = header_of(entry)?;
        return builder.append_data(&mut header, path, (&start[..length]).chain(entry));
    }
    append(builder, entry, path)
}

/// `manifest.json` with the learner's names.
fn rebuild(
    manifest: &[u8],
    names: &BTreeMap<String, Vec<String>>,
    renamed: &BTreeMap<String, String>,
) -> io::Result<Value> {
    let images: Vec<Value> = serde_json::from_slice(manifest)?;
    let images = images.into_iter().map(|image| {
        let config = image["Config"].as_str().unwrap_or_default();
        let hex = config.rsplit('/').next().unwrap_or_default();
        let hex = hex.strip_suffix(".json").unwrap_or(hex);
        let tags = names
            .get(&format!("sha256:{hex}"))
            .ok_or_else(|| io::Error::other("the archive has an image that was not asked for"))?;
        let tags = if tags.is_empty() {
            Value::Null
        } else {
            json!(tags)
        };
        let config = renamed.get(config).map_or(config, String::as_str);
        Ok(json!({ "Config": config, "RepoTags": tags, "Layers": image["Layers"] }))
    });
    images.collect::<io::Result<Vec<_>>>().map(Value::Array)
}

/// The list for engines before 1.10: which layer is the last of which tag.
fn repositories(manifest: &Value) -> Value {
    let mut all = Map::new();
    for image in manifest.as_array().into_iter().flatten() {
        let last = image["Layers"].as_array().and_then(|layers| layers.last());
        let Some(last) = last.and_then(Value::as_str) else {
            continue;
        };
        let last = last.strip_suffix("/layer.tar").unwrap_or(last);
        let last = last.rsplit('/').next().unwrap_or(last);
        let tags = image["RepoTags"].as_array().into_iter().flatten();
        for (repository, tag) in tags
            .filter_map(Value::as_str)
            .filter_map(|tag| tag.rsplit_once(':'))
        {
            all.entry(repository).or_insert_with(|| json!({}))[tag] = json!(last);
        }
    }
    Value::Object(all)
}

pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn header_of<R: Read>(entry: &Entry<'_, R>) -> io::Result<Header> {
    let old = entry.header();
    let mut header = Header::new_gnu();
    header.set_entry_type(old.entry_type());
    header.set_mode(old.mode()? & 0o777);
    header.set_mtime(old.mtime().unwrap_or(0));
    header.set_size(entry.size());
    Ok(header)
}

fn append<R: Read, W: Write>(
    builder: &mut Builder<W>,
    entry: &mut Entry<'_, R>,
    path: &str,
) -> io::Result<()> {
    let mut header = header_of(entry)?;
    if header.entry_type() == EntryType::Symlink {
        let target = entry
            .link_name()?
            .ok_or_else(|| io::Error::other("a link without a target"))?
            .into_owned();
        return builder.append_link(&mut header, path, target);
    }
    let path = match header.entry_type() {
        EntryType::Directory => format!("{path}/"),
        _ => path.to_owned(),
    };
    builder.append_data(&mut header, path, entry)
}

fn add<W: Write>(builder: &mut Builder<W>, path: &str, value: &Value) -> io::Result<()> {
    add_bytes(builder, path, format!("{value}\n").as_bytes())
}

pub(crate) fn add_bytes<W: Write>(
    builder: &mut Builder<W>,
    path: &str,
    bytes: &[u8],
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(bytes.len() as u64);
    builder.append_data(&mut header, path, bytes)
}

fn text<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Vec<u8>> {
    if entry.size() > LARGEST_TEXT {
        return Err(io::Error::other(
            "a description in the archive is too large",
        ));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(files: &[(&str, String)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (name, content) in files {
            add_bytes(&mut builder, name, content.as_bytes()).expect("a file");
        }
        builder.into_inner().expect("a tar")
    }

    fn files(tar: &[u8]) -> BTreeMap<String, String> {
        let mut archive = Archive::new(tar);
        let entries = archive.entries().expect("entries");
        entries
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                (
                    String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
                    text,
                )
            })
            .collect()
    }

    fn rewritten(layout: &str) -> BTreeMap<String, String> {
        let id = "ab".repeat(32);
        let config = json!({ "config": { "Labels": { "docktutor.scope": "s" } }, "rootfs": {} });
        let (config_path, layer) = match layout {
            "old" => (format!("{id}.json"), "cd/layer.tar"),
            _ => (format!("blobs/sha256/{id}"), "blobs/sha256/cd"),
        };
        let manifest =
            json!([{ "Config": config_path, "RepoTags": ["docktutor-x/s:k"], "Layers": [layer] }]);
        let tar = saved(&[
            (&config_path, config.to_string()),
            (layer, "layer's bytes".to_owned()),
            (
                "blobs/sha256/ef",
                "{\"manifest\": \"docktutor-x/s:k\"}".to_owned(),
            ),
            ("cd/json", config.to_string()),
            ("index.json", "{\"docktutor\": 1}".to_owned()),
            ("manifest.json", manifest.to_string()),
            ("repositories", "{\"docktutor-x/s\":{}}".to_owned()),
        ]);
        let names = BTreeMap::from([(
            format!("sha256:{id}"),
            vec!["app:1".to_owned(), "me/app:2".to_owned()],
        )]);
        let mut out = Vec::new();
        rewrite(tar.as_slice(), &mut out, &names).expect("rewritten");
        assert!(!String::from_utf8_lossy(&out).contains("docktutor"));
        files(&out)
    }

    #[test]
    fn a_saved_image_has_the_learners_names_in_both_layouts() {
        for (layout, layer) in [("old", "cd/layer.tar"), ("new", "blobs/sha256/cd")] {
            let files = rewritten(layout);
            let manifest: Value = serde_json::from_str(&files["manifest.json"]).expect("JSON");
            assert_eq!(manifest[0]["RepoTags"], json!(["app:1", "me/app:2"]));
            assert_eq!(manifest[0]["Layers"], json!([layer]));
            let config = manifest[0]["Config"].as_str().expect("a path");
            let hex = config
                .rsplit('/')
                .next()
                .expect("a name")
                .trim_end_matches(".json");
            assert_eq!(hash(files[config].as_bytes()), hex, "its name is its hash");
            assert_eq!(files[layer], "layer's bytes");
            let repositories: Value = serde_json::from_str(&files["repositories"]).expect("JSON");
            assert_eq!(
                repositories,
                json!({ "app": { "1": "cd" }, "me/app": { "2": "cd" } })
            );
        }
    }

    #[test]
    fn an_image_that_nobody_asked_for_ends_the_answer() {
        let tar = saved(&[(
            "manifest.json",
            json!([{ "Config": "ff.json" }]).to_string(),
        )]);
        assert!(rewrite(tar.as_slice(), Vec::new(), &BTreeMap::new()).is_err());
    }
}
