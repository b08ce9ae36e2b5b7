//! The archive of `docker load`, held back until all of it was read: only what was understood goes to the engine.
//!
//! Each layer must be there and have the hash that its image names. So nobody gets a layer that the engine has of
//! somebody else by naming its hash only, and nothing in a layer unpacks to more than was counted.

use super::context::clean;
use super::image_config::{self, Judged};
use super::json as strict;
use super::reference::Reference;
use super::saved::{add_bytes, hash};
use super::tarball::Watch;
use crate::error::Fault;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use tar::{Archive, Builder, EntryType, Header};

/// The largest description in an archive, in bytes.
const LARGEST_TEXT: u64 = 4 << 20;
/// The most files in an archive, and in a layer.
const MOST_FILES: u64 = 200_000;
/// The most images in an archive.
const MOST_IMAGES: usize = 20;

/// An image that may come in.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Its id: the hash of its configuration.
    pub(crate) id: String,
    /// The references that the archive gives it, brought to one spelling.
    pub(crate) references: Vec<String>,
    text: Vec<u8>,
    layers: Vec<Layer>,
}

impl Loaded {
    /// The configuration's text.
    pub(crate) fn config(&self) -> &[u8] {
        &self.text
    }

    /// How many layers it has.
    pub(crate) fn layers(&self) -> usize {
        self.layers.len()
    }

    /// A layer's hash, unpacked and without `sha256:`.
    pub(crate) fn diff_id(&self, number: usize) -> &str {
        self.layers.get(number).map_or("", |layer| &layer.hash)
    }

    /// Copies a layer, unpacked, out of the archive that this was read from.
    pub(crate) fn copy_layer<R: Read + Seek>(
        &self,
        tar: &mut R,
        number: usize,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let layer = self.layers.get(number).ok_or(io::ErrorKind::NotFound)?;
        let part = open(tar, layer.at)?;
        io::copy(&mut unpacked(part, layer.gzip).take(layer.size), out).map(drop)
    }
}

/// Where a layer lies in the archive.
#[derive(Debug, Clone)]
struct Layer {
    hash: String,
    at: Place,
    gzip: bool,
    /// Its size when it is unpacked.
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    offset: u64,
    length: u64,
}

/// Where each path's file lies; a link has the path that it leads to instead.
type Places = BTreeMap<Vec<u8>, Result<Place, Vec<u8>>>;

/// Reads an archive. `most` is the most bytes that its layers may have when they are unpacked.
pub(crate) fn read<R: Read + Seek>(tar: &mut R, most: u64) -> Result<Vec<Loaded>, Fault> {
    let places = index(tar)?;
    let text = |tar: &mut R, path: &str| -> Result<Vec<u8>, Fault> {
        let place = find(&places, path)?;
        if place.length > LARGEST_TEXT {
            return Err(Fault::refused(
                "an image archive with so large a description",
            ));
        }
        let mut bytes = Vec::new();
        open(tar, place)
            .and_then(|mut part| part.read_to_end(&mut bytes))
            .map_err(broken)?;
        Ok(bytes)
    };
    let manifest = text(tar, "manifest.json").map_err(|_| {
        Fault::bad(
            "open manifest.json: no such file or directory (this is no archive of docker save)",
        )
    })?;
    let Value::Array(manifest) = strict::parse(&manifest)? else {
        return Err(Fault::bad("manifest.json is not a list"));
    };
    if manifest.is_empty() || manifest.len() > MOST_IMAGES {
        return Err(Fault::refused(format!(
            "an archive of no images, or of more than {MOST_IMAGES}"
        )));
    }
    let mut known: BTreeMap<Place, Layer> = BTreeMap::new();
    let mut left = most;
    let mut images = Vec::new();
    for image in &manifest {
        let path = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| Fault::bad("manifest.json has no path where one is needed"))
        };
        let Judged {
            text,
            layers: hashes,
        } = image_config::judge(&text(tar, &path(&image["Config"])?)?)?;
        let paths = image["Layers"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if paths.len() != hashes.len() {
            return Err(Fault::bad(format!(
                "invalid manifest, layers length mismatch: expected {}, got {}",
                hashes.len(),
                paths.len()
            )));
        }
        let mut layers = Vec::new();
        for (layer, hash) in paths.iter().zip(hashes) {
            let name = path(layer)?;
            let place = find(&places, &name)?;
            let layer = match known.get(&place) {
                Some(layer) => layer.clone(),
                None => measure(tar, place, left)?,
            };
            if known.insert(place, layer.clone()).is_none() {
                left -= layer.size;
            }
            if layer.hash != hash {
                return Err(Fault::bad(format!(
                    "the layer {name} is not what its image says: its hash differs"
                )));
            }
            layers.push(layer);
        }
        images.push(Loaded {
            id: format!("sha256:{}", hash(&text)),
            references: references(&image["RepoTags"])?,
            text,
            layers,
        });
    }
    Ok(images)
}

/// Writes an archive for the engine: the images under tags of the gateway's, in the same order.
pub(crate) fn write<R: Read + Seek>(
    tar: &mut R,
    out: impl Write,
    images: &[Loaded],
    tags: &[String],
) -> io::Result<()> {
    let mut builder = Builder::new(out);
    let mut written: BTreeMap<Place, String> = BTreeMap::new();
    let mut manifest = Vec::new();
    for (image, tag) in images.iter().zip(tags) {
        let config = format!("{}.json", image.id.trim_start_matches("sha256:"));
        add_bytes(&mut builder, &config, &image.text)?;
        let mut names = Vec::new();
        for layer in &image.layers {
            let name = format!("layer{}.tar", written.len());
            if let Some(known) = written.get(&layer.at) {
                names.push(known.clone());
                continue;
            }
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_size(layer.size);
            let part = open(tar, layer.at)?;
            builder.append_data(
                &mut header,
                &name,
                unpacked(part, layer.gzip).take(layer.size),
            )?;
            names.push(name.clone());
            written.insert(layer.at, name);
        }
        manifest.push(json!({ "Config": config, "RepoTags": [tag], "Layers": names }));
    }
    add_bytes(
        &mut builder,
        "manifest.json",
        Value::Array(manifest).to_string().as_bytes(),
    )?;
    builder.into_inner()?.flush()
}

/// An archive that gives an image another configuration. Its layers are on the engine, so they need not be in it.
pub(crate) fn reconfigure(text: &[u8], layers: usize, tag: &str) -> (String, Vec<u8>) {
    let id = hash(text);
    let names: Vec<String> = (0..layers)
        .map(|number| format!("layer{number}.tar"))
        .collect();
    let config = format!("{id}.json");
    let manifest = json!([{ "Config": config, "RepoTags": [tag], "Layers": names }]);
    let mut builder = Builder::new(Vec::new());
    let tar = add_bytes(&mut builder, &config, text)
        .and_then(|()| {
            add_bytes(
                &mut builder,
                "manifest.json",
                manifest.to_string().as_bytes(),
            )
        })
        .and_then(|()| builder.into_inner());
    // Writing into memory does not fail.
    (format!("sha256:{id}"), tar.unwrap_or_default())
}

/// What lies where: files by their path. Links lead to files of the same archive, and to nothing else.
fn index<R: Read + Seek>(tar: &mut R) -> Result<Places, Fault> {
    tar.seek(SeekFrom::Start(0)).map_err(broken)?;
    let mut places = BTreeMap::new();
    let mut archive = Archive::new(tar);
    for (count, entry) in archive.entries_with_seek().map_err(broken)?.enumerate() {
        let entry = entry.map_err(broken)?;
        if count as u64 > MOST_FILES {
            return Err(Fault::refused("an image archive of so many files"));
        }
        let kind = entry.header().entry_type();
        let Some(path) = clean(&entry.path_bytes()) else {
            if kind == EntryType::Directory
                && !entry.path_bytes().windows(2).any(|two| two == b"..")
            {
                continue; // The root itself.
            }
            return Err(Fault::refused(
                "an image archive with a path that leads out of it",
            ));
        };
        let place = match kind {
            EntryType::Directory => continue,
            EntryType::Regular | EntryType::Continuous => Ok(Place {
                offset: entry.raw_file_position(),
                length: entry.size(),
            }),
            EntryType::Symlink => {
                let target = entry
                    .link_name_bytes()
                    .map(|name| name.into_owned())
                    .unwrap_or_default();
                Err(beside(&path, &target).ok_or_else(|| {
                    Fault::refused("an image archive with a link that leads out of it")
                })?)
            }
            _ => {
                return Err(Fault::refused(
                    "an image archive with something that is no file, folder or link",
                ));
            }
        };
        if places.insert(path, place).is_some() {
            return Err(Fault::refused(
                "an image archive with two files of one name",
            ));
        }
    }
    Ok(places)
}

/// The path that a link means.
fn beside(link: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = link.split(|byte| *byte == b'/').collect();
    parts.pop();
    if target.starts_with(b"/") {
        return None;
    }
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

fn find(places: &Places, path: &str) -> Result<Place, Fault> {
    let missing = || Fault::bad(format!("open {path}: no such file or directory"));
    let clean = clean(path.as_bytes()).ok_or_else(missing)?;
    match places.get(&clean) {
        Some(Ok(place)) => Ok(*place),
        Some(Err(target)) => match places.get(target) {
            Some(Ok(place)) => Ok(*place),
            _ => Err(missing()),
        },
        None => Err(missing()),
    }
}

fn open<R: Read + Seek>(tar: &mut R, place: Place) -> io::Result<io::Take<&mut R>> {
    tar.seek(SeekFrom::Start(place.offset))?;
    Ok(tar.take(place.length))
}

fn unpacked<'a>(part: impl Read + 'a, gzip: bool) -> Box<dyn Read + 'a> {
    if gzip {
        Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::new(part)))
    } else {
        Box::new(part)
    }
}

/// Reads a layer through: its hash, its size, and that it is a tar without surprises.
fn measure<R: Read + Seek>(tar: &mut R, at: Place, most: u64) -> Result<Layer, Fault> {
    let mut magic = [0u8; 2];
    let length = open(tar, at)
        .and_then(|mut part| part.read(&mut magic))
        .map_err(broken)?;
    let gzip = length == 2 && magic == [0x1f, 0x8b];
    let part = open(tar, at).map_err(broken)?;
    let mut reader = unpacked(part, gzip).take(most.saturating_add(1));
    let (mut hasher, mut watch, mut size) = (Sha256::new(), Watch::new(MOST_FILES), 0u64);
    let mut buffer = vec![0u8; 128 << 10];
    loop {
        let length = reader.read(&mut buffer).map_err(broken)?;
        if length == 0 {
            break;
        }
        size += length as u64;
        if size > most {
            return Err(Fault::refused(
                "an image archive whose layers unpack to more than an archive may have",
            )
            .by("limit"));
        }
        hasher.update(&buffer[..length]);
        watch
            .push(&buffer[..length])
            .map_err(|why| Fault::refused(format!("a layer of this archive: {why}")))?;
    }
    let hash = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Layer {
        hash,
        at,
        gzip,
        size,
    })
}

fn references(tags: &Value) -> Result<Vec<String>, Fault> {
    let tags = tags.as_array().map(Vec::as_slice).unwrap_or_default();
    tags.iter()
        .map(|tag| match tag.as_str().and_then(Reference::parse) {
            Some(reference @ Reference::Named { .. }) => Ok(reference.familiar()),
            _ => Err(Fault::bad("invalid reference format in manifest.json")),
        })
        .collect()
}

fn broken(error: io::Error) -> Fault {
    Fault::bad(format!("the archive cannot be read: {error}"))
}

#[cfg(test)]
mod tests;
