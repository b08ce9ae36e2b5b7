//! Bytes that are in an image and that no container of it can see: a later layer has replaced or removed their files.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use serde::Serialize;

use super::archive::Layer;

/// The most wasted files that are named.
pub const MOST_FILES: usize = 20;

/// A file whose bytes are hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WastedFile {
    /// Its path, without a slash at the start.
    pub path: String,
    /// The hidden bytes of all its copies.
    pub bytes: u64,
    /// How many copies are hidden.
    pub copies: usize,
    /// The layer that has hidden it last.
    pub hidden_by: usize,
}

/// What is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waste {
    /// All hidden bytes.
    pub bytes: u64,
    /// The hidden bytes of each layer.
    pub by_layer: Vec<u64>,
    /// The files that waste most.
    pub files: Vec<WastedFile>,
}

/// What can be seen while the layers are put on each other.
struct Stack {
    /// Layer and size of each visible entry.
    visible: BTreeMap<String, (usize, u64)>,
    waste: Waste,
    files: HashMap<String, (u64, usize, usize)>,
}

/// Puts the layers on each other and finds what is hidden in the end.
pub fn find(layers: &[Layer]) -> Waste {
    let mut stack = Stack {
        visible: BTreeMap::new(),
        waste: Waste {
            by_layer: vec![0; layers.len()],
            ..Waste::default()
        },
        files: HashMap::new(),
    };
    for (at, layer) in layers.iter().enumerate() {
        // A whiteout speaks of the layers below only, wherever it stands in its layer.
        for entry in &layer.entries {
            let (folder, name) = split(&entry.path);
            if name == ".wh..wh..opq" {
                stack.hide_below(folder, at);
            } else if let Some(name) = name.strip_prefix(".wh.") {
                let path = join(folder, name);
                stack.hide(&path, at);
                stack.hide_below(&path, at);
            }
        }
        for entry in &layer.entries {
            if split(&entry.path).1.starts_with(".wh.") {
                continue;
            }
            stack.hide(&entry.path, at);
            if !entry.folder {
                stack.hide_below(&entry.path, at);
            }
            let new = (at, entry.bytes);
            stack.visible.insert(entry.path.clone(), new);
        }
    }
    let mut files: Vec<WastedFile> = stack
        .files
        .into_iter()
        .map(|(path, (bytes, copies, hidden_by))| WastedFile {
            path,
            bytes,
            copies,
            hidden_by,
        })
        .collect();
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    files.truncate(MOST_FILES);
    Waste {
        files,
        ..stack.waste
    }
}

impl Stack {
    fn hide(&mut self, path: &str, by: usize) {
        let Some((layer, bytes)) = self.visible.remove(path) else {
            return;
        };
        // The same path twice in one layer is a mistake of the archive and no waste of the image.
        if bytes == 0 || layer == by {
            return;
        }
        self.waste.bytes += bytes;
        self.waste.by_layer[layer] += bytes;
        let file = self.files.entry(path.to_owned()).or_default();
        *file = (file.0 + bytes, file.1 + 1, by);
    }

    fn hide_below(&mut self, folder: &str, by: usize) {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let from = (Bound::Included(prefix.clone()), Bound::Unbounded);
        let below: Vec<String> = self
            .visible
            .range::<String, _>(from)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(_, (layer, _))| *layer != by)
            .map(|(path, _)| path.clone())
            .collect();
        for path in below {
            self.hide(&path, by);
        }
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::archive::Entry;
    use super::*;

    fn layer(entries: &[(&str, u64)]) -> Layer {
        let entries = entries.iter().map(|(path, bytes)| Entry {
            path: path.trim_end_matches('/').to_owned(),
            bytes: *bytes,
            folder: path.ends_with('/'),
        });
        Layer {
            entries: entries.collect(),
        }
    }

    #[test]
    fn replaced_and_removed_files_are_waste() {
        let waste = find(&[
            layer(&[("a/", 0), ("a/big", 100), ("a/small", 1), ("b", 10)]),
            layer(&[("a/big", 100), ("c", 5)]),
            layer(&[(".wh.b", 0), ("a/.wh.big", 0)]),
        ]);
        assert_eq!(waste.bytes, 210);
        assert_eq!(waste.by_layer, [110, 100, 0]);
        let first = WastedFile {
            path: "a/big".to_owned(),
            bytes: 200,
            copies: 2,
            hidden_by: 2,
        };
        assert_eq!(waste.files[0], first);
        assert_eq!(waste.files[1].path, "b");
    }

    #[test]
    fn whole_folders_are_hidden() {
        let lower = layer(&[("d/", 0), ("d/x", 1), ("d/y/z", 2), ("d.txt", 4), ("e", 8)]);
        let removed = find(&[lower.clone(), layer(&[(".wh.d", 0)])]);
        assert_eq!(removed.bytes, 3);
        let opaque = layer(&[("d/", 0), ("d/new", 7), ("d/.wh..wh..opq", 0)]);
        assert_eq!(find(&[lower.clone(), opaque]).bytes, 3);
        // A file where a folder was.
        assert_eq!(find(&[lower.clone(), layer(&[("d", 1)])]).bytes, 3);
        // A folder that is only named again hides nothing.
        assert_eq!(find(&[lower, layer(&[("d/", 0)])]).bytes, 0);
    }

    proptest! {
        #[test]
        fn waste_is_never_more_than_the_total(
            layers in prop::collection::vec(
                prop::collection::vec(("([ab]/){0,2}(\\.wh\\.)?[abc]/?|\\.wh\\.\\.wh\\.\\.opq", 0u64..100), 0..8),
                0..6,
            ),
        ) {
            let layers: Vec<Layer> = layers
                .iter()
                .map(|entries| {
                    let entries: Vec<(&str, u64)> = entries.iter().map(|(p, b)| (p.as_str(), *b)).collect();
                    layer(&entries)
                })
                .collect();
            let waste = find(&layers);
            let total: u64 = layers.iter().map(Layer::bytes).sum();
            prop_assert!(waste.bytes <= total);
            prop_assert_eq!(waste.bytes, waste.by_layer.iter().sum::<u64>());
            for (layer, wasted) in layers.iter().zip(&waste.by_layer) {
                prop_assert!(*wasted <= layer.bytes());
            }
        }
    }
}
