//! Builds the submission's image as `docker build` does with the classic builder, and says which line failed.

use std::collections::HashMap;

use bollard::body_full;
use bollard::models::ImageInspect;
use bollard::query_parameters::{
    BuildImageOptionsBuilder, BuilderVersion, RemoveImageOptionsBuilder,
};
use dockerfile::Dockerfile;
use futures_util::StreamExt;
use tokio::time::timeout_at;

use super::build_failure::explain;
use super::build_log::BuildLog;
use super::context::{Context, ContextProblem, pack};
use super::world::{Built, World};
use crate::assert::Verdict;
use crate::assert::build::Build;
use crate::assert::dockerfile::base_of_stage;
use crate::assert::size::human;
use crate::engine::{Engine, Fault};
use crate::submission::Submission;
use crate::{Event, Lang, Severity};

impl World<'_> {
    /// Builds an image and keeps it under its tag.
    pub(super) async fn build(
        &mut self,
        submission: &Submission,
        at: usize,
        build: &Build,
        events: &mut (dyn FnMut(Event) + Send),
    ) -> Verdict {
        let lang = self.lang;
        let path = build.dockerfile_path();
        let bytes = match submission.read(&path) {
            Ok(bytes) => bytes,
            Err(problem) => return problem.verdict(&path, lang),
        };
        let tree = dockerfile::parse(bytes);
        let context = match packed(submission, build).await {
            Ok(context) => context,
            Err(problem) => {
                return match problem.message(&build.context, lang) {
                    Ok(message) => Verdict::fail_because(message),
                    Err(message) => Verdict::error(message),
                };
            }
        };
        self.contexts.insert(at, context.hash);
        let tag = self.tag(build);
        let images = self.job.exercise.images.clone();
        let engine = match self.connection().await {
            Ok(connection) => connection.engine.clone(),
            Err(verdict) => return verdict,
        };

        let earlier = image_id(&engine, &tag).await;
        let mut log = BuildLog::new(&tree);
        let ended = stream(&engine, build, &tag, context.tar, &mut log, events).await;
        if let Err(trouble) = ended {
            let mut verdict = explain(trouble, &log, &tree, &images, lang);
            // What the rules say about the file may be the cause; the learner sees it beside the builder's words.
            verdict.findings = submission
                .findings(&path)
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .cloned()
                .collect();
            return verdict;
        }
        drop_earlier(&engine, earlier, &tag).await;
        self.built.insert(at, Built { tag: tag.clone() });
        demands(&engine, &tag, &tree, build, lang).await
    }

    fn tag(&self, build: &Build) -> String {
        build
            .tag
            .clone()
            .unwrap_or_else(|| default_tag(&self.job.exercise.id))
    }
}

/// The learner sees the image in `docker images`, so its name is short and says where it comes from.
fn default_tag(exercise: &str) -> String {
    let name = exercise.rsplit('/').next().unwrap_or(exercise);
    format!("check/{name}")
}

/// Why a build did not end well.
pub(super) enum Trouble {
    /// The builder said so, in these words.
    Failed(String),
    /// The time was over, and the engine is well.
    Slow { seconds: u64 },
    /// The engine.
    Fault(Fault),
}

async fn packed(submission: &Submission, build: &Build) -> Result<Context, ContextProblem> {
    let dir = submission.dir().map_err(ContextProblem::Io)?;
    let (context, dockerfile) = (build.context.clone(), build.dockerfile.clone());
    // Reading many files takes a while; the other tasks of this thread go on.
    tokio::task::spawn_blocking(move || pack(&dir, &context, &dockerfile))
        .await
        .unwrap_or_else(|error| Err(ContextProblem::Io(std::io::Error::other(error))))
}

async fn stream(
    engine: &Engine,
    build: &Build,
    tag: &str,
    tar: Vec<u8>,
    log: &mut BuildLog<'_>,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<(), Trouble> {
    let began = tokio::time::Instant::now();
    let arguments: HashMap<&str, &str> = build
        .args
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let options = BuildImageOptionsBuilder::new()
        .target(build.target.as_deref().unwrap_or_default())
        .buildargs(&arguments)
        .dockerfile(&build.dockerfile)
        .t(tag)
        .rm(true)
        .forcerm(true)
        .version(BuilderVersion::BuilderV1)
        .build();
    let stream = engine
        .docker
        .build_image(options, None, Some(body_full(tar.into())));
    futures_util::pin_mut!(stream);
    let mut succeeded = false;
    loop {
        let Ok(next) = timeout_at(engine.deadline, stream.next()).await else {
            // A step that never ends is the submission's fault if the engine still answers.
            return Err(match engine.is_alive().await {
                Ok(()) if log.step().is_some() => Trouble::Slow {
                    seconds: began.elapsed().as_secs().max(1),
                },
                Ok(()) => Trouble::Fault(Fault::Silent {
                    seconds: began.elapsed().as_secs().max(1),
                }),
                Err(fault) => Trouble::Fault(fault),
            });
        };
        match next {
            None => break,
            Some(Ok(info)) => {
                if let Some(piece) = info.stream {
                    log.push(&piece).into_iter().for_each(&mut *events);
                }
                succeeded |= info.aux.is_some_and(|aux| aux.id.is_some());
            }
            Some(Err(error)) => {
                log.finish().into_iter().for_each(&mut *events);
                return Err(trouble_of(&error));
            }
        }
    }
    log.finish().into_iter().for_each(&mut *events);
    // A stream that ends without the image's id was cut off, or is none.
    if succeeded {
        Ok(())
    } else {
        Err(Trouble::Fault(Fault::Gone {
            why: "the build's output ended early".to_owned(),
        }))
    }
}

fn trouble_of(error: &bollard::errors::Error) -> Trouble {
    if let bollard::errors::Error::DockerStreamError { error } = error {
        return Trouble::Failed(error.clone());
    }
    match Fault::of(error) {
        // What the builder says before it begins: the Dockerfile cannot be read, or the gateway does not allow it.
        Fault::Refused { status, why } if (400..500).contains(&status) => Trouble::Failed(why),
        Fault::Refused { status: 500, why } if why.contains("ockerfile") => Trouble::Failed(why),
        fault => Trouble::Fault(fault),
    }
}

/// Judges what is demanded of the built image: its size, and how many layers the Dockerfile has added to its base.
async fn demands(
    engine: &Engine,
    tag: &str,
    tree: &Dockerfile,
    build: &Build,
    lang: Lang,
) -> Verdict {
    if build.max_layers.is_none() && build.max_size.is_none() {
        return Verdict::pass();
    }
    let layers = |image: ImageInspect| image.root_fs.and_then(|fs| fs.layers).unwrap_or_default();
    let target = build.target.as_deref();
    let base = match base_of_stage(tree, target) {
        Some(base) if base != "scratch" && build.max_layers.is_some() => {
            inspect(engine, &base).await.map(layers)
        }
        _ => Ok(Vec::new()),
    };
    let (image, base) = match (inspect(engine, tag).await, base) {
        (Ok(image), Ok(base)) => (image, base),
        (Err(fault), _) | (_, Err(fault)) => return Verdict::error(fault.message(lang)),
    };
    let size = u64::try_from(image.size.unwrap_or_default()).unwrap_or_default();
    if let Some(most) = build.max_size.filter(|most| size > most.0) {
        return Verdict::fail()
            .expected(match lang {
                Lang::Ko => format!("이미지 크기 {} 이하", human(most.0)),
                Lang::En => format!("an image of at most {}", human(most.0)),
            })
            .actual(human(size));
    }
    let all = layers(image);
    let added = all.len() - all.iter().zip(&base).take_while(|(a, b)| a == b).count();
    match build.max_layers {
        Some(most) if added > most => Verdict::fail()
            .expected(match lang {
                Lang::Ko => format!("추가한 레이어 {most}개 이하"),
                Lang::En => format!("at most {most} added layers"),
            })
            .actual(match lang {
                Lang::Ko => format!("{added}개"),
                Lang::En => added.to_string(),
            }),
        _ => Verdict::pass(),
    }
}

async fn inspect(engine: &Engine, image: &str) -> Result<ImageInspect, Fault> {
    engine.call(engine.docker.inspect_image(image)).await
}

async fn image_id(engine: &Engine, tag: &str) -> Option<String> {
    engine.call(engine.docker.inspect_image(tag)).await.ok()?.id
}

/// A new build takes the tag away from the image before. Where nobody else has named or uses that image, it goes.
async fn drop_earlier(engine: &Engine, earlier: Option<String>, tag: &str) {
    let Some(earlier) = earlier else { return };
    if image_id(engine, tag).await.as_ref() == Some(&earlier) {
        return;
    }
    let Ok(inspected) = engine.call(engine.docker.inspect_image(&earlier)).await else {
        return;
    };
    if inspected.repo_tags.is_none_or(|tags| tags.is_empty()) {
        let options = RemoveImageOptionsBuilder::new().build();
        // The engine keeps an image that a container uses; that is no trouble of ours.
        let removed = engine.docker.remove_image(&earlier, Some(options), None);
        let _ = engine.call(removed).await;
    }
}
