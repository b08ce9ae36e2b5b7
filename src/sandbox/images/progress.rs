//! How far a preparation is, for bars and pages.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How far one image is, and how far all of them are.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The image's name in the catalogue; empty when it is about none.
    pub image: String,
    /// What happens now: a line that changes often.
    pub text: String,
    /// How many steps or bytes of this image are done.
    pub done: u64,
    /// Of how many; 0 where that is not known.
    pub total: u64,
    /// What happens now: a sentence that changes only with the stage.
    pub message: String,
    /// How much of the whole preparation is done, from 0 to 1.
    pub fraction: Option<f32>,
}

/// What is done with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It comes from a registry.
    Pull,
    /// The root file system that it stands on is made.
    Root,
    /// Its recipe runs.
    Build,
}

impl Stage {
    fn words(self) -> &'static str {
        match self {
            Self::Pull => "pulling",
            Self::Root => "making a Debian root file system",
            Self::Build => "building",
        }
    }
}

/// Takes the stage, a line for people, and how many steps or bytes of how many are done.
pub(super) type Report<'a> = dyn Fn(Stage, &str, u64, u64) + Sync + 'a;

/// The sum over all images.
#[derive(Debug)]
pub(super) struct Whole {
    images: usize,
    /// For each image that has begun: what is done with it, and how much of it is done.
    parts: Mutex<BTreeMap<String, (Stage, f32)>>,
}

impl Whole {
    pub(super) fn new(images: usize) -> Self {
        Self {
            images,
            parts: Mutex::default(),
        }
    }

    /// This image is over, ready or not.
    pub(super) fn finished(&self, image: &str) {
        self.set(image, Stage::Build, 1.0);
    }

    /// This image has come so far.
    #[expect(clippy::cast_precision_loss, reason = "a bar has some hundred steps")]
    pub(super) fn note(
        &self,
        image: &str,
        stage: Stage,
        text: &str,
        done: u64,
        total: u64,
    ) -> Progress {
        let part = if total == 0 {
            0.0
        } else {
            done as f32 / total as f32
        };
        let part = match stage {
            // What comes before the build is most of the time for the image that has it.
            Stage::Pull | Stage::Root => part * 0.8,
            Stage::Build => part,
        };
        let (sum, message) = self.set(image, stage, part.min(0.99));
        Progress {
            image: image.to_owned(),
            text: text.to_owned(),
            done,
            total,
            message,
            fraction: Some(sum / self.images as f32),
        }
    }

    /// Notes how far an image is, and gives the sum of all and a sentence about all. An image never goes back.
    fn set(&self, image: &str, stage: Stage, part: f32) -> (f32, String) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = parts.entry(image.to_owned()).or_insert((stage, 0.0));
        *known = (stage, known.1.max(part));
        let ready = parts.values().filter(|(_, part)| *part >= 1.0).count();
        let under_way: Vec<String> = parts
            .iter()
            .filter(|(_, (_, part))| *part < 1.0)
            .map(|(name, (stage, _))| format!("{name} ({})", stage.words()))
            .collect();
        let message = format!(
            "Images: {ready} of {} ready. Now: {}.",
            self.images,
            under_way.join(", ")
        );
        (parts.values().map(|(_, part)| part).sum(), message)
    }
}

/// Another process prepares, and this one waits for it.
pub(super) fn waiting() -> Progress {
    let message = "Another Docktutor prepares the images; waiting for it.".to_owned();
    Progress {
        image: String::new(),
        text: message.clone(),
        done: 0,
        total: 0,
        message,
        fraction: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_never_goes_back_and_ends_at_one() {
        let whole = Whole::new(2);
        let shown = [
            whole.note("a", Stage::Pull, "x", 0, 0),
            whole.note("a", Stage::Pull, "x", 90, 100),
            // The build of the same image begins at its first step.
            whole.note("a", Stage::Build, "x", 0, 7),
            whole.note("a", Stage::Build, "x", 7, 7),
        ];
        let fractions: Vec<f32> = shown
            .iter()
            .filter_map(|progress| progress.fraction)
            .collect();
        assert!(
            fractions.is_sorted() && fractions.len() == 4,
            "{fractions:?}"
        );
        assert!(fractions[3] < 0.5);
        whole.finished("a");
        let last = whole.note("b", Stage::Build, "x", 1, 2);
        assert_eq!(last.fraction, Some(0.75));
        assert_eq!(last.message, "Images: 1 of 2 ready. Now: b (building).");
    }
}
