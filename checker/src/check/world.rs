//! What one check run has at hand: the engine, what was built, what is running.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::context::hash_piece;
use super::serve::Web;
use super::{Job, hex};
use crate::Lang;
use crate::assert::Verdict;
use crate::assert::image::ImageConfig;
use crate::engine::{Cleanup, Engine, Fault, sweep};
use crate::snapshot::EngineSnapshot;

/// The state of one check run.
pub(super) struct World<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) lang: Lang,
    deadline: Instant,
    connection: Option<Result<Arc<Connection>, Fault>>,
    /// Built images, by the place of their check.
    pub(super) built: BTreeMap<usize, Built>,
    /// Hash of each context that was sent, by the place of its check.
    pub(super) contexts: BTreeMap<usize, [u8; 32]>,
    /// Ids of the images that the exercise needs.
    images: BTreeMap<String, String>,
    /// Servers that are running.
    pub(super) webs: Vec<Web>,
    /// The containers when the first check looked at the state.
    pub(super) before: Option<EngineSnapshot>,
    /// Containers that are never started, by their images.
    pub(super) stills: BTreeMap<String, String>,
}

/// The engine, and what must be removed from it.
pub(super) struct Connection {
    pub(super) engine: Engine,
    pub(super) cleanup: Cleanup,
}

/// An image that a build check has made.
#[derive(Clone, Debug)]
pub(super) struct Built {
    pub(super) tag: String,
}

impl<'a> World<'a> {
    pub(super) fn new(job: &'a Job<'a>, deadline: Instant) -> World<'a> {
        World {
            job,
            lang: job.lang,
            deadline,
            connection: None,
            built: BTreeMap::new(),
            contexts: BTreeMap::new(),
            images: BTreeMap::new(),
            webs: Vec::new(),
            before: None,
            stills: BTreeMap::new(),
        }
    }

    /// The engine; connected to at its first use. An engine that failed once is not asked again.
    pub(super) async fn connection(&mut self) -> Result<Arc<Connection>, Verdict> {
        let connection = match self.connection.take() {
            Some(known) => known,
            None => self.connect().await.map(Arc::new),
        };
        let answer = connection.clone();
        self.connection = Some(connection);
        answer.map_err(|fault| Verdict::error(fault.message(self.lang)))
    }

    async fn connect(&mut self) -> Result<Connection, Fault> {
        let endpoint = self.job.engine.as_ref().ok_or(Fault::NoEngine)?;
        let engine = Engine::connect(endpoint, self.deadline).await?;
        sweep(&engine).await;
        for image in &self.job.exercise.images {
            let id = match engine.call(engine.docker.inspect_image(image)).await {
                Ok(found) => found.id.unwrap_or_default(),
                Err(Fault::Refused { .. }) => String::new(),
                Err(fault) => return Err(fault),
            };
            self.images.insert(image.clone(), id);
        }
        let cleanup = Cleanup::new(engine.docker.clone());
        Ok(Connection { engine, cleanup })
    }

    /// The image that an assertion is about: the one that it names, or the one of the build check before it.
    pub(super) fn image_of(&self, at: usize, named: Option<&String>) -> Result<String, Verdict> {
        if let Some(named) = named {
            return Ok(named.clone());
        }
        let before = self.built.range(..at).next_back();
        match before.or_else(|| self.built.iter().next()) {
            Some((_, built)) => Ok(built.tag.clone()),
            None => Err(Verdict::skipped(self.lang.pick(
                "이미지가 빌드되지 않아서 아직 검사하지 않았어요. 빌드부터 고쳐 보세요.",
                "Not run yet, because there is no built image. Mend the build first.",
            ))),
        }
    }

    /// Judges an image's configuration.
    pub(super) async fn image(&mut self, at: usize, wanted: &ImageConfig) -> Verdict {
        let lang = self.lang;
        let image = match self.image_of(at, wanted.image.as_ref()) {
            Ok(image) => image,
            Err(verdict) => return verdict,
        };
        let connection = match self.connection().await {
            Ok(connection) => connection,
            Err(verdict) => return verdict,
        };
        let engine = &connection.engine;
        match engine.call(engine.docker.inspect_image(&image)).await {
            Ok(inspected) => self.inside(&connection, wanted, &inspected).await,
            Err(Fault::Refused { status: 404, .. }) => {
                let message = match lang {
                    Lang::Ko => format!(
                        "`{image}` 이미지가 없어요. 이미지는 이름과 태그로 찾아요. `docker images`로 이름을 확인해 보세요."
                    ),
                    Lang::En => format!(
                        "There is no image `{image}`. An image is found by its name and tag. What does `docker images` show?"
                    ),
                };
                Verdict::fail_because(message).expected(image)
            }
            Err(fault) => Verdict::error(fault.message(lang)),
        }
    }

    /// Removes everything that the check has started.
    pub(super) async fn finish(&mut self) {
        self.webs.clear();
        if let Some(Ok(connection)) = &self.connection {
            connection.cleanup.finish().await;
        }
    }

    pub(super) fn context_hashes(&self) -> impl Iterator<Item = &[u8]> {
        self.contexts.values().map(|hash| &hash[..])
    }

    /// SHA-256 of the ids of the images that the exercise needs; empty where no engine was asked.
    pub(super) fn images_hash(&self) -> String {
        if self.images.is_empty() {
            return String::new();
        }
        let mut hash = Sha256::new();
        for (image, id) in &self.images {
            hash_piece(&mut hash, image.as_bytes());
            hash_piece(&mut hash, id.as_bytes());
        }
        hex(&hash.finalize())
    }
}
