//! Reads the stream of `docker save`: the names and sizes of all files in all layers, and the history. Both the layout of
//! older engines (`ID/layer.tar`) and the OCI layout of newer ones (`blobs/sha256/…`) are read, from front to back, and
//! no file's content is kept.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read};

use serde::Deserialize;

/// The most entries in all layers together.
const MOST_ENTRIES: usize = 1_000_000;

/// The most bytes of paths in all layers together.
const MOST_NAMES: usize = 128 * 1024 * 1024;

/// The largest JSON document that is read.
const MOST_JSON: u64 = 8 * 1024 * 1024;

/// An image as it was saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// The lowest one first.
    pub layers: Vec<Layer>,
    /// The oldest step first.
    pub history: Vec<HistoryStep>,
}

/// A layer's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// In the order of the layer's archive; whiteouts too.
    pub entries: Vec<Entry>,
}

/// One file, folder, link or whiteout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without slashes at the start and the end.
    pub path: String,
    /// Bytes of content; 0 for all but regular files.
    pub bytes: u64,
    /// Whether it is a folder.
    pub folder: bool,
}

/// One step of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct HistoryStep {
    /// What the builder wrote.
    #[serde(default)]
    pub created_by: String,
    /// Whether it made no layer.
    #[serde(default, rename = "empty_layer")]
    pub empty: bool,
}

impl Layer {
    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    config: String,
    #[serde(default)]
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    history: Vec<HistoryStep>,
}

/// What is collected on the way; the manifest, which says the order, can come last.
#[derive(Default)]
struct Parts {
    layers: HashMap<String, Layer>,
    documents: HashMap<String, Vec<u8>>,
    links: HashMap<String, String>,
    entries: usize,
    names: usize,
}

/// Reads the stream to its end. The errors: it is no such archive, it is too large, or it cannot be read.
pub fn read(stream: impl Read) -> io::Result<Archive> {
    let mut parts = Parts::default();
    let mut outer = tar::Archive::new(stream);
    for entry in outer.entries()? {
        let mut entry = entry?;
        let name = cleaned(&entry.path()?.to_string_lossy());
        match entry.header().entry_type() {
            tar::EntryType::Regular => parts.take(name, &mut entry)?,
            tar::EntryType::Symlink | tar::EntryType::Link => {
                if let Some(target) = entry.link_name()? {
                    let target = target.to_string_lossy().into_owned();
                    parts.links.insert(name, target);
                }
            }
            _ => {}
        }
    }
    parts.image()
}

impl Parts {
    /// Looks at the first bytes to see what it is: JSON, a layer, or a compressed layer.
    fn take(&mut self, name: String, entry: &mut dyn Read) -> io::Result<()> {
        let mut reader = BufReader::new(entry);
        let start = reader.fill_buf()?;
        match start {
            [b'{' | b'[', ..] => {
                let mut document = Vec::new();
                reader.take(MOST_JSON).read_to_end(&mut document)?;
                self.documents.insert(name, document);
            }
            [0x1f, 0x8b, ..] => {
                let layer = self.layer(flate2::read::MultiGzDecoder::new(reader))?;
                self.layers.insert(name, layer);
            }
            // An empty layer is two blocks of zeros.
            start if start.get(257..262) == Some(b"ustar") || start.first() == Some(&0) => {
                let layer = self.layer(reader)?;
                self.layers.insert(name, layer);
            }
            // `VERSION` and the like, and compressions that we do not know.
            _ => {}
        }
        Ok(())
    }

    fn layer(&mut self, stream: impl Read) -> io::Result<Layer> {
        let mut layer = Layer::default();
        for entry in tar::Archive::new(stream).entries()? {
            let entry = entry?;
            let kind = entry.header().entry_type();
            let path = cleaned(&entry.path()?.to_string_lossy());
            if path.is_empty() {
                continue;
            }
            self.entries += 1;
            self.names += path.len();
            if self.entries > MOST_ENTRIES || self.names > MOST_NAMES {
                return Err(invalid("the image has too many files"));
            }
            layer.entries.push(Entry {
                path,
                bytes: if kind.is_file() { entry.size() } else { 0 },
                folder: kind.is_dir(),
            });
        }
        Ok(layer)
    }

    fn image(mut self) -> io::Result<Archive> {
        let manifest = self.documents.get("manifest.json");
        let manifest = manifest.ok_or_else(|| invalid("there is no manifest.json in it"))?;
        let manifests: Vec<Manifest> = serde_json::from_slice(manifest)?;
        let manifest = manifests
            .into_iter()
            .next()
            .ok_or_else(|| invalid("its manifest.json names no image"))?;
        let config = self.documents.get(&manifest.config);
        let config = config.ok_or_else(|| invalid("the image's configuration is not in it"))?;
        let config: Config = serde_json::from_slice(config)?;
        let mut layers = Vec::new();
        for name in &manifest.layers {
            let real = self.resolve(name);
            let layer = self.layers.get(&real);
            let layer = layer.ok_or_else(|| {
                invalid("a layer is missing, or is compressed in a way that is not known")
            })?;
            layers.push(layer.clone());
        }
        self.layers.clear();
        Ok(Archive {
            layers,
            history: config.history,
        })
    }

    /// Older engines write a layer that occurs twice as a link to its first occurrence.
    fn resolve(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for _ in 0..8 {
            let Some(target) = self.links.get(&name) else {
                break;
            };
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            name = cleaned(&format!("{folder}/{target}"));
        }
        name
    }
}

fn cleaned(path: &str) -> String {
    let path = dockerfile::ignore::clean(&format!("/{path}"));
    path.trim_start_matches('/').to_owned()
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    const CONFIG: &[u8] = br#"{"history":[{"created_by":"ADD file:1 in / "},{"created_by":"CMD","empty_layer":true},{"created_by":"RUN x"}]}"#;

    #[test]
    fn both_layouts_are_read() {
        let (one, two) = (
            tar_of(&[("a", b"12345")]),
            tar_of(&[("b", b"1"), (".wh.a", b"")]),
        );
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&two).unwrap();
        let gz = gz.finish().unwrap();
        let old =
            br#"[{"Config":"c.json","RepoTags":null,"Layers":["1/layer.tar","2/layer.tar"]}]"#;
        let old = tar_of(&[
            ("1/layer.tar", &one),
            ("2/layer.tar", &two),
            ("1/VERSION", b"1.0"),
            ("c.json", CONFIG),
            ("manifest.json", old),
        ]);
        let new = br#"[{"Config":"blobs/sha256/c","Layers":["blobs/sha256/1","blobs/sha256/2"]}]"#;
        let new = tar_of(&[
            ("blobs/sha256/c", CONFIG),
            ("blobs/sha256/1", &one),
            ("blobs/sha256/2", &gz),
            ("manifest.json", new),
            ("oci-layout", b"{}"),
        ]);
        let read_old = read(&old[..]).unwrap();
        assert_eq!(read_old, read(&new[..]).unwrap());
        assert_eq!(read_old.layers[0].bytes(), 5);
        let view = super::super::view(&read_old, None);
        assert_eq!((view.bytes, view.wasted), (6, 5));
        assert_eq!(view.steps[2].layer, Some(1));
        assert_eq!(view.steps[1].layer, None);
    }

    #[test]
    fn a_linked_layer_is_found() {
        let one = tar_of(&[("a", b"12345")]);
        let mut builder = tar::Builder::new(Vec::new());
        let mut put = |path: &str, content: &[u8]| {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            builder.append_data(&mut header, path, content).unwrap();
        };
        put("1/layer.tar", &one);
        put("c.json", CONFIG);
        put(
            "manifest.json",
            br#"[{"Config":"c.json","Layers":["1/layer.tar","2/layer.tar"]}]"#,
        );
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder
            .append_link(&mut header, "2/layer.tar", "../1/layer.tar")
            .unwrap();
        let archive = read(&builder.into_inner().unwrap()[..]).unwrap();
        assert_eq!(archive.layers[0], archive.layers[1]);
    }

    #[test]
    fn what_is_no_image_is_an_error() {
        for bytes in [&b""[..], b"nonsense", &tar_of(&[("manifest.json", b"[]")])] {
            assert!(read(bytes).is_err());
        }
    }
}
