//! A bundle: the images that are ready, in one compressed file, for machines that reach no registry and no Debian
//! mirror. It is what `docker save` gives, packed with gzip, so that `docker load` can read it too.

mod verify;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bollard::query_parameters::{ImportImageOptions, TagImageOptionsBuilder};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;

use super::{Images, Problem, WORKBENCH, engine_problem};
use verify::Saved;

/// The list of names that came in a bundle, in the folder of images: their labels name the installation that made
/// them, and `uninstall` must find them all the same.
const IMPORTED: &str = "imported";

/// How far a bundle is, in bytes; `total` is 0 where it is not known.
pub type Watch<'a> = dyn Fn(&str, u64, u64) + Sync + 'a;

/// What was put into a bundle or taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// The catalogue's names of the images.
    pub images: Vec<String>,
    /// Size of the file in bytes.
    pub bytes: u64,
}

impl Images {
    /// Writes the images of the catalogue into a file, or those of `only_for`. They must be ready. The file is written aside and renamed, so one
    /// that is there is whole.
    pub async fn export(&self, path: &Path, watch: &Watch<'_>) -> Result<Bundled, Problem> {
        let mut status = self.status().await?;
        status.retain(|image| self.wants(&image.entry));
        let missing: Vec<&str> = status
            .iter()
            .filter(|image| image.ready.is_none())
            .map(|image| image.entry.name.as_str())
            .collect();
        if !missing.is_empty() {
            return Err(Problem::new(
                format!("These images are not ready: {}.", missing.join(", ")),
                "Make them ready first: docktutor images prepare.",
            ));
        }
        let total = super::own_sizes(&status).iter().sum();
        let tags: Vec<&str> = status.iter().map(|image| image.tag.as_str()).collect();
        let aside = aside(path);
        let written = self.save(&tags, &aside, total, watch).await;
        let bytes = match written {
            Ok(bytes) => bytes,
            Err(problem) => {
                let _ = std::fs::remove_file(&aside);
                return Err(problem);
            }
        };
        std::fs::rename(&aside, path).map_err(|error| file_problem(path, &error))?;
        Ok(Bundled {
            images: status.into_iter().map(|image| image.entry.name).collect(),
            bytes,
        })
    }

    async fn save(
        &self,
        tags: &[&str],
        path: &Path,
        total: u64,
        watch: &Watch<'_>,
    ) -> Result<u64, Problem> {
        let file = File::create(path).map_err(|error| file_problem(path, &error))?;
        let (sender, mut pieces) = mpsc::channel::<Bytes>(16);
        let writer = tokio::task::spawn_blocking(move || -> io::Result<u64> {
            // Level 1 takes a third of the time of the usual one, and the file is a tenth larger.
            let mut packed = GzEncoder::new(file, Compression::fast());
            while let Some(piece) = pieces.blocking_recv() {
                packed.write_all(&piece)?;
            }
            let file = packed.finish()?;
            file.sync_all()?;
            Ok(file.metadata()?.len())
        });
        let mut stream = std::pin::pin!(self.engine.docker.export_images(tags));
        let mut done = 0;
        while let Some(piece) = stream.next().await {
            let piece =
                piece.map_err(|error| engine_problem("save its images", &error.to_string()))?;
            done += piece.len() as u64;
            watch("saving", done, total.max(done));
            if sender.send(piece).await.is_err() {
                break; // The writer has ended, and says why.
            }
        }
        drop(sender);
        writer
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| file_problem(path, &error))
    }

    /// Reads a bundle into the engine. The file is read through first: nothing reaches the engine unless every digest in
    /// it is right and every image is one that this version of the course uses.
    pub async fn import(&self, path: &Path, watch: &Watch<'_>) -> Result<Bundled, Problem> {
        let bytes = std::fs::metadata(path)
            .map_err(|error| file_problem(path, &error))?
            .len();
        let saved = self.verified(path, bytes, watch).await?;
        let names = self.names_of(&saved, path)?;
        std::fs::create_dir_all(&self.folder).map_err(|error| self.folder_problem(&error))?;
        self.check_room()?;
        let _lock = self.lock(&|_| {}).await?;
        // Written before the images come, so that a crash between leaves none that nobody removes.
        self.remember_imported(&saved)?;
        self.load(path, bytes, watch).await?;
        self.tag_workbench(&saved).await?;
        Ok(Bundled {
            images: names,
            bytes,
        })
    }

    async fn verified(
        &self,
        path: &Path,
        total: u64,
        watch: &Watch<'_>,
    ) -> Result<Vec<Saved>, Problem> {
        let read = Arc::new(AtomicU64::new(0));
        let file = Counted {
            file: File::open(path).map_err(|error| file_problem(path, &error))?,
            read: Arc::clone(&read),
        };
        let mut reading =
            tokio::task::spawn_blocking(move || verify::read(MultiGzDecoder::new(file)));
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(200));
        let result = loop {
            tokio::select! {
                result = &mut reading => break result,
                _ = ticks.tick() => watch("checking digests", read.load(Ordering::Relaxed), total),
            }
        };
        result
            .map_err(|error| error.to_string())
            .flatten()
            .map_err(|why| {
                Problem::new(
                    format!("{} is not a whole bundle: {why}.", path.display()),
                    "Copy the file again, or write it again with `docktutor images export`.",
                )
            })
    }

    /// The catalogue's names of what was saved.
    fn names_of(&self, saved: &[Saved], path: &Path) -> Result<Vec<String>, Problem> {
        let mut names = Vec::new();
        for image in saved {
            if image.architecture != go_architecture(&self.engine.architecture) {
                return Err(Problem::new(
                    format!(
                        "{} is for {}, and this engine runs {}.",
                        path.display(),
                        image.architecture,
                        go_architecture(&self.engine.architecture)
                    ),
                    "Write the bundle on a machine of the same kind.",
                ));
            }
            for tag in &image.tags {
                let known = self.catalogue.iter().find(|entry| {
                    *tag == self.tag(entry) || (entry.name == WORKBENCH && is_of(tag, WORKBENCH))
                });
                let Some(entry) = known else {
                    return Err(Problem::new(
                        format!(
                            "{} holds {tag}, which this version of Docktutor does not use.",
                            path.display()
                        ),
                        "Use the same version of Docktutor here and where the bundle is written.",
                    ));
                };
                names.push(entry.name.clone());
            }
        }
        Ok(names)
    }

    async fn load(&self, path: &Path, total: u64, watch: &Watch<'_>) -> Result<(), Problem> {
        let file = tokio::fs::File::open(path)
            .await
            .map_err(|error| file_problem(path, &error))?;
        let read = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&read);
        let pieces =
            tokio_util::io::ReaderStream::with_capacity(file, 256 << 10).inspect_ok(move |piece| {
                counter.fetch_add(piece.len() as u64, Ordering::Relaxed);
            });
        let mut events = std::pin::pin!(self.engine.docker.import_image_stream(
            ImportImageOptions::default(),
            pieces,
            None
        ));
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(200));
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(engine_problem("load the images", &error.to_string())),
                    None => return Ok(()),
                },
                _ = ticks.tick() => watch("loading", read.load(Ordering::Relaxed), total),
            }
        }
    }

    /// The workbench's name tells which tools it carries. Here it carries those of the machine that wrote the bundle.
    async fn tag_workbench(&self, saved: &[Saved]) -> Result<(), Problem> {
        let Some(entry) = self.entry(WORKBENCH) else {
            return Ok(());
        };
        let tag = self.tag(entry);
        let came = saved
            .iter()
            .flat_map(|image| &image.tags)
            .find(|tag| is_of(tag, WORKBENCH));
        let Some(came) = came.filter(|came| **came != tag) else {
            return Ok(());
        };
        if self.present().await?.contains_key(&tag) {
            return Ok(());
        }
        let (repo, tag) = tag.rsplit_once(':').unwrap_or((&tag, "latest"));
        let options = TagImageOptionsBuilder::default()
            .repo(repo)
            .tag(tag)
            .build();
        self.engine
            .docker
            .tag_image(came, Some(options))
            .await
            .map_err(|error| engine_problem("name an image", &error.to_string()))
    }

    fn remember_imported(&self, saved: &[Saved]) -> Result<(), Problem> {
        let path = self.folder.join(IMPORTED);
        let mut names = imported(&self.folder);
        names.extend(saved.iter().flat_map(|image| image.tags.clone()));
        names.extend(self.entry(WORKBENCH).map(|entry| self.tag(entry)));
        names.sort();
        names.dedup();
        let aside = aside(&path);
        std::fs::write(&aside, names.join("\n") + "\n")
            .and_then(|()| std::fs::rename(&aside, &path))
            .map_err(|error| file_problem(&path, &error))
    }
}

/// Names of the images that came to this installation in a bundle; `folder` is `DATA/images`.
pub fn imported(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(IMPORTED)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// An image's name for what the engine names as the kernel does.
fn go_architecture(kernel: &str) -> &str {
    match kernel {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armv7l" => "arm",
        other => other,
    }
}

fn is_of(tag: &str, name: &str) -> bool {
    tag.strip_prefix("docktutor/")
        .and_then(|rest| rest.split_once(':'))
        .is_some_and(|(repo, _)| repo == name)
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn file_problem(path: &Path, error: &io::Error) -> Problem {
    let next = if error.kind() == io::ErrorKind::StorageFull {
        "Free some room, or choose another place."
    } else {
        "Look at the path and its rights, and try again."
    };
    Problem::new(format!("{}: {error}.", path.display()), next)
}

/// A file that tells how much of it was read.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
