//! The engine's own notes on image layers: how large each one is, and which one it lies on. The API tells sizes of whole
//! images only, and images share layers.

use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// More layers than an image may have.
const MOST: usize = 256;

/// The layers of an engine whose files this process can read.
#[derive(Debug)]
pub(crate) struct Layers {
    folder: PathBuf,
}

impl Layers {
    /// `info` is the engine's own `/info`. Nothing where the engine keeps its layers in another way.
    pub(crate) fn new(info: &Value) -> Option<Self> {
        let (root, driver) = (info["DockerRootDir"].as_str()?, info["Driver"].as_str()?);
        let folder = Path::new(root).join("image").join(driver).join("layerdb");
        folder.join("sha256").is_dir().then_some(Self { folder })
    }

    /// The topmost layer of the image that a container was made of. The layers stay while the container does, even if
    /// the image is removed.
    pub(crate) fn of_container(&self, id: &str) -> Option<String> {
        if !crate::names::is_full_id(id) {
            return None;
        }
        std::fs::read_to_string(self.folder.join("mounts").join(id).join("parent")).ok()
    }

    /// Bytes of all layers that are reached from these topmost ones, each counted once, without those that are `known`.
    pub(crate) fn bytes(
        &self,
        tops: impl IntoIterator<Item = String>,
        known: &HashSet<String>,
    ) -> u64 {
        let mut counted = HashSet::new();
        let mut sum = 0;
        for top in tops {
            let mut next = Some(top);
            for _ in 0..MOST {
                let Some(layer) = next.take().filter(|layer| !known.contains(layer)) else {
                    break;
                };
                let Some(folder) = self.layer(&layer) else {
                    break;
                };
                if !counted.insert(layer) {
                    break;
                }
                sum += read(&folder.join("size"))
                    .and_then(|size| size.parse().ok())
                    .unwrap_or(0);
                next = read(&folder.join("parent"));
            }
        }
        sum
    }

    fn layer(&self, layer: &str) -> Option<PathBuf> {
        let hex = layer.strip_prefix("sha256:")?;
        crate::names::is_full_id(hex).then(|| self.folder.join("sha256").join(hex))
    }
}

fn read(path: &Path) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
}

/// What the engine calls the layers of an inspected image, lowest first: a name stands for a layer and all below it.
pub(crate) fn names(image: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let layers = image["RootFS"]["Layers"].as_array().into_iter().flatten();
    for layer in layers.filter_map(Value::as_str) {
        names.push(match names.last() {
            None => layer.to_owned(),
            Some(below) => format!(
                "sha256:{}",
                crate::names::hash(&format!("{below} {layer}"), 64)
            ),
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A layer of this many bytes on another one; gives back its name.
    fn layer(root: &Path, letter: &str, size: u64, below: Option<&str>) -> String {
        let hex = letter.repeat(64);
        let folder = root.join("image/overlay2/layerdb/sha256").join(&hex);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("size"), size.to_string()).expect("a file");
        if let Some(below) = below {
            std::fs::write(folder.join("parent"), below).expect("a file");
        }
        format!("sha256:{hex}")
    }

    #[test]
    fn shared_layers_count_once_and_the_catalogues_not_at_all() {
        let root = tempfile::tempdir().expect("a folder");
        let info = json!({ "DockerRootDir": root.path(), "Driver": "overlay2" });
        assert!(Layers::new(&info).is_none(), "another kind of store");
        let base = layer(root.path(), "a", 1000, None);
        let shared = layer(root.path(), "b", 100, Some(&base));
        let one = layer(root.path(), "c", 10, Some(&shared));
        let two = layer(root.path(), "d", 1, Some(&shared));
        let layers = Layers::new(&info).expect("a store");
        let none = HashSet::new();
        assert_eq!(layers.bytes([one.clone()], &none), 1110);
        assert_eq!(
            layers.bytes([one.clone(), two.clone(), one.clone()], &none),
            1111
        );
        let known = HashSet::from([base.clone()]);
        assert_eq!(layers.bytes([one, two, base], &known), 111);
        assert_eq!(layers.bytes(["sha256:../../..".to_owned()], &none), 0);
        let container = "e".repeat(64);
        assert_eq!(layers.of_container(&container), None);
        let mount = root
            .path()
            .join("image/overlay2/layerdb/mounts")
            .join(&container);
        std::fs::create_dir_all(&mount).expect("a folder");
        std::fs::write(mount.join("parent"), &shared).expect("a file");
        let top = layers.of_container(&container).expect("a layer");
        assert_eq!(layers.bytes([top], &known), 100);
    }

    #[test]
    fn a_layers_name_stands_for_all_below_it() {
        let named = names(&json!({ "RootFS": { "Layers": ["sha256:1", "sha256:2"] } }));
        let above = crate::names::hash("sha256:1 sha256:2", 64);
        assert_eq!(named, ["sha256:1".to_owned(), format!("sha256:{above}")]);
        assert!(names(&json!({})).is_empty());
    }
}
