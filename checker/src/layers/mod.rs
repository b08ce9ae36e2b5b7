//! The layer view: which instruction made which layer, how large it is, and which of its bytes nobody sees any more.
//!
//! [`archive`] reads what `docker save` gives, [`waste`] finds what later layers hide, and [`history`] says which
//! instruction of a Dockerfile a step of an image's history is. No file content is kept.

pub mod archive;
pub mod history;
pub mod waste;

use dockerfile::{Dockerfile, Kind};
use serde::Serialize;

use crate::Lang;
use archive::Archive;

/// An image's steps and layers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// All steps of the history, the base image's too, the first one first.
    pub steps: Vec<Step>,
    /// Bytes of all files in all layers.
    pub bytes: u64,
    /// Bytes of files that a later layer has replaced or removed.
    pub wasted: u64,
    /// The part of the bytes that can be seen in a container, from 0 to 1.
    pub efficiency: f64,
    /// The files that waste most, the worst first; at most [`waste::MOST_FILES`].
    pub wasted_files: Vec<waste::WastedFile>,
}

/// One step of an image's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// What the builder wrote into the history.
    pub created_by: String,
    /// The instruction in short: the keyword and its arguments.
    pub instruction: String,
    /// The line of the Dockerfile that it comes from, where that is known.
    pub line: Option<usize>,
    /// The number of its layer, from 0; none where it only changed settings.
    pub layer: Option<usize>,
    /// Bytes of the files in its layer.
    pub bytes: u64,
    /// Files, folders and links in its layer.
    pub entries: usize,
    /// Bytes of its layer that later layers hide.
    pub wasted: u64,
}

/// Puts a view together. With a Dockerfile the steps know their lines.
pub fn view(archive: &Archive, tree: Option<&Dockerfile>) -> View {
    let waste = waste::find(&archive.layers);
    let lines = tree.map(|tree| history::lines(tree, &archive.history));
    let mut next = 0;
    let mut steps: Vec<Step> = Vec::new();
    for (at, step) in archive.history.iter().enumerate() {
        let layer = (!step.empty && next < archive.layers.len()).then_some(next);
        next += usize::from(layer.is_some());
        let content = layer.map(|layer| &archive.layers[layer]);
        steps.push(Step {
            created_by: step.created_by.clone(),
            instruction: history::instruction(&step.created_by),
            line: lines.as_ref().and_then(|lines| lines[at]),
            layer,
            bytes: content.map_or(0, |content| content.bytes()),
            entries: content.map_or(0, |content| content.entries.len()),
            wasted: layer.map_or(0, |layer| waste.by_layer[layer]),
        });
    }
    // An image that was imported has layers without a history.
    for (layer, content) in archive.layers.iter().enumerate().skip(next) {
        steps.push(Step {
            created_by: String::new(),
            instruction: String::new(),
            line: None,
            layer: Some(layer),
            bytes: content.bytes(),
            entries: content.entries.len(),
            wasted: waste.by_layer[layer],
        });
    }
    let bytes = archive.layers.iter().map(archive::Layer::bytes).sum();
    View {
        steps,
        bytes,
        wasted: waste.bytes,
        efficiency: match bytes {
            0 => 1.0,
            bytes => (bytes - waste.bytes) as f64 / bytes as f64,
        },
        wasted_files: waste.files,
    }
}

/// What an instruction leaves in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaves {
    /// A layer with files.
    Layer,
    /// A setting in the image's configuration.
    Setting,
    /// Nothing: it only matters to the build.
    Nothing,
}

/// What an instruction leaves in the image, as far as its keyword says.
pub fn leaves(kind: Kind) -> Leaves {
    match kind {
        Kind::Add | Kind::Copy | Kind::Run | Kind::Workdir => Leaves::Layer,
        Kind::From | Kind::Arg | Kind::Unknown => Leaves::Nothing,
        _ => Leaves::Setting,
    }
}

impl Leaves {
    /// One or two words for a table.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Leaves::Layer => lang.pick("레이어", "layer"),
            Leaves::Setting => lang.pick("설정", "setting"),
            Leaves::Nothing => "-",
        }
    }
}
