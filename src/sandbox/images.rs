//! The images that the course and the workbench need: pulled where a registry answers, built from Debian's packages
//! where none does.
//!
//! What is ready is told by a tag that names its recipe: `docktutor/NAME:HASH`. A changed recipe gives another tag, so
//! nothing is ever rebuilt in place, and a preparation that was cut off goes on with the image it stopped at.

mod build;
mod bundle;
mod catalogue;
mod present;
mod progress;
mod pull;
mod recipe;
mod rootfs;
mod tools;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::engine::{Engine, Problem};
pub use bundle::{Bundled, Watch, imported};
pub use catalogue::{Entry, Purpose, embedded as catalogue, schema as catalogue_schema};
pub use present::own_sizes;
pub use progress::Progress;
use progress::Report;
pub use tools::HostTools;

/// Which installation made an object.
pub const INSTANCE_LABEL: &str = "docktutor.instance";
/// The hash of the recipe that an image was made by.
pub const RECIPE_LABEL: &str = "docktutor.recipe";
/// The catalogue's name of an image.
pub const IMAGE_LABEL: &str = "docktutor.image";
/// Set on an image that was built here in place of the real one.
pub const STAND_IN_LABEL: &str = "docktutor.stand-in";

/// The name under which a scope can use the workbench's image: a check sends its requests from it.
pub const PROBE: &str = "docktutor/probe:latest";

/// The workbench's name in the catalogue.
const WORKBENCH: &str = "workbench";

/// How much room a preparation needs: the images themselves and what lies about while they are built.
const ROOM: u64 = 2_500_000_000;

/// How long a short question to the engine may take.
const QUESTION: Duration = Duration::from_secs(30);

/// What a preparation gives.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The images that learners see.
    pub catalogue: gateway::Catalogue,
    /// The workbench's image id.
    pub workbench: String,
    /// Images that could not be made ready, by name. Exercises that need them say so.
    pub missing: Vec<(String, Problem)>,
}

/// An image of the catalogue and whether it is ready.
#[derive(Debug, Clone)]
pub struct ImageStatus {
    /// What it is.
    pub entry: Entry,
    /// The tag that it has, or will have.
    pub tag: String,
    /// The image, when it is ready.
    pub ready: Option<ReadyImage>,
}

/// An image that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyImage {
    /// Its id, `sha256:…`.
    pub id: String,
    /// Whether it was built here in place of the real one.
    pub stand_in: bool,
    /// Its size with everything that it stands on, in bytes.
    pub size: u64,
}

/// Where images may come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Source {
    /// From a registry where one answers, and by their recipes where none does.
    #[default]
    Any,
    /// From a registry; only what is ours alone is built.
    Registry,
    /// By their recipes; no registry is asked.
    Recipes,
}

/// The images of one installation on one engine.
#[derive(Debug)]
pub struct Images {
    engine: Engine,
    /// `DATA/images`: downloads and what is being built.
    folder: PathBuf,
    instance: String,
    catalogue: Vec<Entry>,
    /// The names of those that are made where they are not ready; all of them without a list.
    wanted: Option<Vec<String>>,
    source: Source,
    tools: HostTools,
    /// Set once a pull has found that no registry answers, so that each image need not find it again.
    no_registry: AtomicBool,
}

impl Images {
    /// The images of this instance on this engine.
    pub fn new(engine: Engine, data: &Path, instance: &str) -> Self {
        let folder = data.join("images");
        let tools = HostTools::find(&folder, &engine.architecture);
        Self {
            engine,
            folder,
            instance: instance.to_owned(),
            catalogue: catalogue(),
            wanted: None,
            source: Source::default(),
            tools,
            no_registry: AtomicBool::new(false),
        }
    }

    /// Makes only what these references, as learners write them, need, and the workbench. What else is ready is there as
    /// well.
    #[must_use]
    pub fn only_for(mut self, references: &[String]) -> Self {
        let named = |entry: &Entry| {
            entry.name == WORKBENCH
                || entry
                    .references()
                    .any(|known| references.iter().any(|reference| reference == known))
        };
        let mut wanted: Vec<String> = Vec::new();
        for entry in self.catalogue.iter().filter(|entry| named(entry)) {
            let mut next = Some(entry);
            while let Some(entry) = next {
                wanted.push(entry.name.clone());
                let base = entry.base.as_ref();
                next = self
                    .catalogue
                    .iter()
                    .find(|other| Some(&other.name) == base && !wanted.contains(&other.name));
            }
        }
        self.wanted = Some(wanted);
        self
    }

    /// Takes images from there only.
    #[must_use]
    pub fn from(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    fn wants(&self, entry: &Entry) -> bool {
        self.wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&entry.name))
    }

    /// The Docker command line and Compose plugin that the workbench gets from this machine.
    pub fn tools(&self) -> &HostTools {
        &self.tools
    }

    /// Each image and whether it is ready; one question to the engine.
    pub async fn status(&self) -> Result<Vec<ImageStatus>, Problem> {
        let present = self.present().await?;
        Ok(self
            .catalogue
            .iter()
            .map(|entry| {
                let tag = self.tag(entry);
                let ready = present.get(&tag).cloned().map(|mut image| {
                    // The label comes down to what is built on a stand-in; an image of our own stands in for none.
                    image.stand_in &= entry.pull.is_some();
                    image
                });
                ImageStatus {
                    ready,
                    entry: entry.clone(),
                    tag,
                }
            })
            .collect())
    }

    /// The images that are ready now; none is made.
    pub async fn offered(&self) -> Result<gateway::Catalogue, Problem> {
        Ok(offered(&self.status().await?).0)
    }

    /// What is ready, when all of it is; nothing when a preparation has work to do.
    pub async fn ready(&self) -> Result<Option<Prepared>, Problem> {
        let status = self.status().await?;
        Ok(status
            .iter()
            .all(|image| image.ready.is_some() || !self.wants(&image.entry))
            .then(|| prepared(&status, Vec::new()))
            .flatten())
    }

    /// Makes every image ready that is not. Without the workbench there is no sandbox, so its failure is an error;
    /// another image's failure is told in the result.
    pub async fn prepare(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Prepared, Problem> {
        if let Some(prepared) = self.ready().await? {
            return Ok(prepared);
        }
        std::fs::create_dir_all(&self.folder).map_err(|error| self.folder_problem(&error))?;
        self.check_room()?;
        let _lock = self.lock(progress).await?;
        let mut failed: HashMap<String, Problem> = HashMap::new();
        let whole = progress::Whole::new(self.catalogue.len());
        for wave in self.waves() {
            // Asked again for each wave: another process may have made some while we waited.
            let present = self.present().await?;
            let (there, missing): (Vec<_>, Vec<_>) = wave
                .into_iter()
                .partition(|entry| present.contains_key(&self.tag(entry)));
            there.iter().for_each(|entry| whole.finished(&entry.name));
            let missing = missing.into_iter().filter(|entry| self.wants(entry));
            let made = futures_util::future::join_all(missing.map(|entry| {
                let whole = &whole;
                async move {
                    let report = |stage, text: &str, done, total| {
                        progress(whole.note(&entry.name, stage, text, done, total));
                    };
                    let result = self.make(entry, &report).await;
                    whole.finished(&entry.name);
                    (entry, result)
                }
            }));
            for (entry, result) in made.await {
                let Err(problem) = result else { continue };
                if entry.name == WORKBENCH {
                    return Err(problem);
                }
                tracing::warn!(image = entry.name, %problem, "an image could not be prepared");
                failed.insert(entry.name.clone(), problem);
            }
        }
        self.forget_old_recipes().await;
        let status = self.status().await?;
        let missing = self
            .catalogue
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), failed.remove(&entry.name)?)))
            .collect();
        prepared(&status, missing).ok_or_else(|| {
            Problem::new(
                "The workbench's image vanished while it was prepared.",
                "Prepare again: docktutor images prepare.",
            )
        })
    }

    /// Makes one image: the real one with what we add to it, or a stand-in by its recipe.
    async fn make(&self, entry: &Entry, report: &Report<'_>) -> Result<(), Problem> {
        let reference = entry.pull_reference();
        if let Some(reference) = reference.filter(|_| self.source != Source::Recipes) {
            match self.pull(&reference, report).await {
                Ok(was_there) => {
                    let built = self.build_on_pulled(entry, &reference, report).await;
                    if !was_there {
                        // Only our own tag keeps it: the engine's owner did not ask for the other one.
                        self.untag(&reference).await;
                    }
                    match built {
                        Ok(()) => return Ok(()),
                        Err(problem) if self.source == Source::Registry => return Err(problem),
                        Err(problem) => {
                            tracing::warn!(image = entry.name, %problem, "the real image could not be extended");
                        }
                    }
                }
                Err(why) if self.source == Source::Registry => {
                    return Err(Problem::new(
                        format!("{reference} could not be pulled: {why}."),
                        "Try again where a registry can be reached; `docktutor images build` makes a stand-in.",
                    ));
                }
                Err(why) => {
                    tracing::info!(image = entry.name, why, "not pulled; building a stand-in")
                }
            }
        }
        let base = match entry.base.as_deref().and_then(|name| self.entry(name)) {
            Some(base) => {
                let tag = self.tag(base);
                if !self.present().await?.contains_key(&tag) {
                    return Err(Problem::new(
                        format!(
                            "The image {} stands on {}, which could not be prepared.",
                            entry.name, base.name
                        ),
                        "See what `docktutor images` says of that one.",
                    ));
                }
                tag
            }
            None => self.import_rootfs(report).await?,
        };
        let stand_in = entry.pull.is_some();
        self.build(entry, "Dockerfile", &base, stand_in, report)
            .await?;
        if entry.base.is_none() {
            self.untag(&base).await;
        }
        Ok(())
    }

    /// The images in an order in which each comes after what it stands on; those of one wave are made side by side.
    fn waves(&self) -> Vec<Vec<&Entry>> {
        let mut waves: Vec<Vec<&Entry>> = Vec::new();
        for entry in &self.catalogue {
            let base = entry.base.as_deref();
            let below = waves
                .iter()
                .position(|wave| wave.iter().any(|other| Some(other.name.as_str()) == base));
            let at = below.map_or(0, |below| below + 1);
            if at == waves.len() {
                waves.push(Vec::new());
            }
            waves[at].push(entry);
        }
        waves
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.catalogue.iter().find(|entry| entry.name == name)
    }

    fn tag(&self, entry: &Entry) -> String {
        format!("docktutor/{}:{}", entry.name, self.fingerprint(entry))
    }

    /// Names what goes into an image: its recipe, all that it stands on, and the tools that are copied into it.
    fn fingerprint(&self, entry: &Entry) -> String {
        let below = match entry.base.as_deref().and_then(|name| self.entry(name)) {
            Some(base) => self.fingerprint(base),
            None => rootfs::fingerprint(),
        };
        let tools = if entry.name == WORKBENCH {
            self.tools.fingerprint()
        } else {
            String::new()
        };
        recipe::fingerprint(
            &entry.recipe,
            &[
                &below,
                &tools,
                entry.pull_reference().as_deref().unwrap_or_default(),
            ],
        )
    }

    fn check_room(&self) -> Result<(), Problem> {
        let engine_side = self
            .engine
            .root_dir
            .exists()
            .then_some(self.engine.root_dir.as_path());
        for folder in std::iter::once(self.folder.as_path()).chain(engine_side) {
            if let Some(message) = crate::data::too_full(folder, ROOM) {
                return Err(Problem::new(
                    message,
                    "Free some room and start again; what is ready stays ready.",
                ));
            }
        }
        Ok(())
    }

    /// One preparation at a time for each data folder; the lock goes with the process that holds it.
    async fn lock(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<File, Problem> {
        let path = self.folder.join("prepare.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        let file = file.map_err(|error| self.folder_problem(&error))?;
        if file.try_lock().is_err() {
            progress(progress::waiting());
        }
        let waited = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
        waited
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| self.folder_problem(&error))
    }

    fn folder_problem(&self, error: &std::io::Error) -> Problem {
        Problem::new(
            format!(
                "The folder {} cannot be used: {error}.",
                self.folder.display()
            ),
            "Choose another data folder with --data, or mend its rights.",
        )
    }
}

/// What learners see, and the workbench's image.
fn offered(status: &[ImageStatus]) -> (gateway::Catalogue, Option<String>) {
    let mut catalogue = gateway::Catalogue::default();
    let mut workbench = None;
    for image in status {
        let Some(ready) = &image.ready else { continue };
        if image.entry.name == WORKBENCH {
            workbench = Some(ready.id.clone());
        }
        for reference in image.entry.references() {
            let known = gateway::CatalogueImage {
                id: ready.id.clone(),
                stand_in: ready.stand_in,
                listed: true,
            };
            catalogue.0.insert(reference.to_owned(), known);
        }
    }
    (catalogue, workbench)
}

/// The result, when the workbench is there.
fn prepared(status: &[ImageStatus], missing: Vec<(String, Problem)>) -> Option<Prepared> {
    let (mut catalogue, workbench) = offered(status);
    let workbench = workbench?;
    let probe = gateway::CatalogueImage {
        id: workbench.clone(),
        stand_in: false,
        listed: false,
    };
    catalogue.0.insert(PROBE.to_owned(), probe);
    Some(Prepared {
        catalogue,
        workbench,
        missing,
    })
}

/// The engine could not do something; a full disk is said as what it is.
fn engine_problem(what: &str, error: &str) -> Problem {
    if error.contains("no space left on device") {
        return Problem::new(
            "The engine's disk is full.",
            "Free some room and start again; what is ready stays ready.",
        );
    }
    Problem::new(
        format!(
            "The engine could not {what}: {}.",
            error.trim_end_matches('.')
        ),
        "Look at it with: docktutor doctor.",
    )
}
