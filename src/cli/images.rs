//! `docktutor images`: whether the course's images are ready, and making them ready.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::{Args, Subcommand};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::FAULT;
use crate::data::{self, human_bytes, instance_id};
use crate::sandbox::engine::{self, Found, Problem};
use crate::sandbox::images::{ImageStatus, Images, Progress, own_sizes};

/// Arguments of `images`.
#[derive(Debug, Args)]
pub struct ImagesArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// Folder for progress, workspaces and images.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
enum Action {
    /// Say which images are ready, and how large they are.
    Status,
    /// Pull or build what is missing.
    Prepare,
}

/// Shows or prepares the images.
pub async fn run(args: ImagesArgs) -> anyhow::Result<u8> {
    let data = data::folder(args.data);
    let instance = instance_id(&data)?;
    let result = match args.action.unwrap_or(Action::Status) {
        Action::Status => status(&data, &instance).await,
        Action::Prepare => prepare(&data, &instance).await,
    };
    Ok(result.unwrap_or_else(|problem| {
        eprintln!("docktutor: {problem}");
        FAULT
    }))
}

async fn status(data: &std::path::Path, instance: &str) -> Result<u8, Problem> {
    match engine::find(data, instance).await? {
        Found::Engine(engine) => {
            let images = Images::new(*engine, data, instance);
            print_table(&images.status().await?);
        }
        Found::Nothing(_) => {
            print_line(
                "No engine runs now. `docktutor images prepare` and `docktutor serve` start one where they can.",
            );
        }
    }
    Ok(0)
}

async fn prepare(data: &std::path::Path, instance: &str) -> Result<u8, Problem> {
    let engine = engine::find_or_start(data, instance).await?;
    let images = Images::new(engine.clone(), data, instance);
    let bars = Bars::new();
    let result = tokio::select! {
        result = async {
            let prepared = images.prepare(&|progress| bars.show(&progress)).await?;
            Ok((prepared, images.status().await?))
        } => result,
        _ = tokio::signal::ctrl_c() => Err(Problem::new("Stopped.", "What is ready stays ready; prepare again to go on.")),
    };
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
