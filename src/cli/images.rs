//! `docktutor images`: whether the course's images are ready, making them ready, and carrying them to machines without
//! internet.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::FAULT;
use crate::data::{self, human_bytes, instance_id};
use crate::sandbox::engine::{self, Found, Problem};
use crate::sandbox::images::{ImageStatus, Images, Progress, Source, own_sizes};

/// Arguments of `images`.
#[derive(Debug, Args)]
pub struct ImagesArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// Folder for progress, workspaces and images.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say which images are ready, and how large they are.
    Status {
        /// How it is written.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Make ready what is missing: pull it where a registry answers, build it where none does.
    Prepare,
    /// Pull what is missing; only what is ours alone is built.
    Pull,
    /// Build what is missing from Debian's packages, and ask no registry.
    Build,
    /// Write all images into one file, for machines without internet.
    Export {
        /// The file, such as workshop.tar.gz.
        file: PathBuf,
    },
    /// Read the images out of such a file. Every digest is compared first.
    Import {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Shows, prepares or carries the images.
pub async fn run(args: ImagesArgs) -> anyhow::Result<u8> {
    let data = data::folder(args.data);
    let instance = instance_id(&data)?;
    let here = Here {
        data: &data,
        instance: &instance,
    };
    let result = match args.action {
        None => here.status(Format::Text).await,
        Some(Action::Status { format }) => here.status(format).await,
        Some(Action::Prepare) => here.prepare(Source::Any).await,
        Some(Action::Pull) => here.prepare(Source::Registry).await,
        Some(Action::Build) => here.prepare(Source::Recipes).await,
        Some(Action::Export { file }) => here.export(&file).await,
        Some(Action::Import { file }) => here.import(&file).await,
    };
    Ok(result.unwrap_or_else(|problem| {
        eprintln!("docktutor: {problem}");
        FAULT
    }))
}

/// The installation whose images are meant.
struct Here<'a> {
    data: &'a Path,
    instance: &'a str,
}

impl Here<'_> {
    async fn status(&self, format: Format) -> Result<u8, Problem> {
        let images = match engine::find(self.data, self.instance).await? {
            Found::Engine(engine) => {
                let images = Images::new(*engine, self.data, self.instance);
                Some(images.status().await?)
            }
            Found::Nothing(_) => None,
        };
        match (format, images) {
            (Format::Json, images) => print_json(images.as_deref()),
            (Format::Text, Some(images)) => print_table(&images),
            (Format::Text, None) => print_line(
                "No engine runs now. `docktutor images prepare` and `docktutor serve` start one where they can.",
            ),
        }
        Ok(0)
    }

    async fn prepare(&self, source: Source) -> Result<u8, Problem> {
        let engine = engine::find_or_start(self.data, self.instance).await?;
        let images = Images::new(engine.clone(), self.data, self.instance).from(source);
        let bars = Bars::new();
        let result = or_stopped("What is ready stays ready; do it again to go on.", async {
            let prepared = images.prepare(&|progress| bars.show(&progress)).await?;
            Ok((prepared, images.status().await?))
        })
        .await;
        bars.finish();
        engine.stop().await;
        let (prepared, status) = result?;
        print_table(&status);
        for (image, problem) in &prepared.missing {
            eprintln!("docktutor: {image}: {problem}");
        }
        Ok(if prepared.missing.is_empty() {
            0
        } else {
            FAULT
        })
    }

    async fn export(&self, file: &Path) -> Result<u8, Problem> {
        let engine = engine::find_or_start(self.data, self.instance).await?;
        let images = Images::new(engine.clone(), self.data, self.instance);
        let bar = bytes_bar();
        let watch = |what: &str, done, total| show_bytes(&bar, what, done, total);
        let result = or_stopped("Nothing was written.", images.export(file, &watch)).await;
        bar.finish_and_clear();
        engine.stop().await;
        let bundled = result?;
        print_line(&format!(
            "{} images are in {}, {}.",
            bundled.images.len(),
            file.display(),
            human_bytes(bundled.bytes)
        ));
        Ok(0)
    }

    async fn import(&self, file: &Path) -> Result<u8, Problem> {
        let engine = engine::find_or_start(self.data, self.instance).await?;
        let images = Images::new(engine.clone(), self.data, self.instance);
        let bar = bytes_bar();
        let watch = |what: &str, done, total| show_bytes(&bar, what, done, total);
        let work = async {
            images.import(file, &watch).await?;
            images.status().await
        };
        let result = or_stopped("What was loaded stays; do it again to go on.", work).await;
        bar.finish_and_clear();
        engine.stop().await;
        let status = result?;
        print_table(&status);
        let ready = status.iter().all(|image| image.ready.is_some());
        Ok(if ready { 0 } else { FAULT })
    }
}

/// The work, or that it was stopped by Ctrl+C.
async fn or_stopped<T>(
    next: &'static str,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    tokio::select! {
        result = work => result,
        _ = tokio::signal::ctrl_c() => Err(Problem::new("Stopped.", next)),
    }
}

fn bytes_bar() -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{msg:16} {bar:24} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(1);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn show_bytes(bar: &ProgressBar, what: &str, done: u64, total: u64) {
    if bar.message() != what {
        bar.set_message(what.to_owned());
        bar.reset_eta();
    }
    bar.set_length(total.max(1));
    bar.set_position(done);
}

/// One bar for each image; where nobody looks, a line for each new stage.
struct Bars {
    all: MultiProgress,
    each: Mutex<HashMap<String, ProgressBar>>,
    said: Mutex<String>,
    seen: bool,
}

impl Bars {
    fn new() -> Self {
        Self {
            all: MultiProgress::new(),
            each: Mutex::default(),
            said: Mutex::default(),
            seen: std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, progress: &Progress) {
        if !self.seen {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            if *said != progress.message {
                eprintln!("{}", progress.message);
                said.clone_from(&progress.message);
            }
            return;
        }
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = each.entry(progress.image.clone()).or_insert_with(|| {
            let style = ProgressStyle::with_template("{prefix:10} {bar:24} {wide_msg}");
            let bar = self.all.add(ProgressBar::new(1));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(progress.image.clone());
            bar
        });
        bar.set_length(progress.total.max(1));
        bar.set_position(progress.done);
        bar.set_message(progress.text.clone());
    }

    fn finish(&self) {
        for bar in self
            .each
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            bar.finish_and_clear();
        }
    }
}

/// `engine`: whether one answered; `images`: `name`, `reference`, `tag`, `id` and `size` in bytes (of the image with all
/// that it stands on; null where it is not ready), `stand_in`.
fn print_json(images: Option<&[ImageStatus]>) {
    let rows: Vec<serde_json::Value> = images
        .unwrap_or_default()
        .iter()
        .map(|image| {
            let ready = image.ready.as_ref();
            serde_json::json!({
                "name": image.entry.name,
                "reference": image.entry.reference,
                "tag": image.tag,
                "id": ready.map(|ready| &ready.id),
                "size": ready.map(|ready| ready.size),
                "stand_in": ready.is_some_and(|ready| ready.stand_in),
            })
        })
        .collect();
    let all = serde_json::json!({ "engine": images.is_some(), "images": rows });
    print_line(&format!("{all:#}"));
}

fn print_table(images: &[ImageStatus]) {
    let mut total = 0;
    for (image, own) in images.iter().zip(own_sizes(images)) {
        let name = image
            .entry
            .reference
            .as_deref()
            .unwrap_or(&image.entry.name);
        let state = match &image.ready {
            None => "missing".to_owned(),
            Some(ready) => {
                total += own;
                let kind = if ready.stand_in { "stand-in" } else { "ready" };
                format!("{kind:9} {:>7}", human_bytes(own))
            }
        };
        print_line(&format!("{name:22} {state:18} {}", image.entry.purpose.en));
    }
    print_line(&format!(
        "Together {}; what several stand on is counted once.",
        human_bytes(total)
    ));
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_line(line: &str) {
    println!("{line}");
}
