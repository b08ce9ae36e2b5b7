//! Building an image by its recipe with the engine's own builder.

use std::collections::{HashMap, VecDeque};
use std::io::{Seek, SeekFrom};

use bollard::query_parameters::{
    BuildImageOptionsBuilder, BuilderVersion, RemoveImageOptionsBuilder,
};
use futures_util::StreamExt;
use tokio::time::timeout;
use tokio_util::io::ReaderStream;

use super::progress::{Report, Stage};
use super::{
    Entry, IMAGE_LABEL, INSTANCE_LABEL, Images, QUESTION, RECIPE_LABEL, STAND_IN_LABEL, WORKBENCH,
    engine_problem, recipe,
};
use crate::sandbox::engine::Problem;

/// Set on a stage that a build leaves behind.
const STAGE_LABEL: &str = "docktutor.stage";

/// How long a build may say nothing. Installing packages over a slow network is quiet for a while.
const STANDSTILL: std::time::Duration = std::time::Duration::from_secs(600);

/// How many lines of output a failure quotes from.
const KEPT_LINES: usize = 12;

/// The names under which a builder takes the proxy of the machine that builds; they do not stay in the image.
const PROXIES: [&str; 6] = [
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];

impl Images {
    /// Puts our labels on the real image, and what its recipe adds to it.
    pub(super) async fn build_on_pulled(
        &self,
        entry: &Entry,
        pulled: &str,
        report: &Report<'_>,
    ) -> Result<(), Problem> {
        self.build(entry, "pulled.Dockerfile", pulled, false, report)
            .await
    }

    /// Builds the image on this base and gives it its tag.
    pub(super) async fn build(
        &self,
        entry: &Entry,
        dockerfile: &str,
        base: &str,
        stand_in: bool,
        report: &Report<'_>,
    ) -> Result<(), Problem> {
        report(Stage::Build, "building", 0, 0);
        // Without a Dockerfile for the real image there is nothing to add to it.
        let text = recipe::file(&entry.recipe, dockerfile).map_or_else(
            || "ARG BASE\nFROM ${BASE}\n".to_owned(),
            |data| String::from_utf8_lossy(&data).into_owned(),
        );
        let stage = format!(
            "{STAGE_LABEL}={} {INSTANCE_LABEL}={}",
            entry.name, self.instance
        );
        // One instruction for all labels: each would be a line of its own in the image's history.
        let mark = if stand_in {
            format!(" {STAND_IN_LABEL}=true")
        } else {
            String::new()
        };
        let text = format!(
            "{}LABEL {INSTANCE_LABEL}={} {RECIPE_LABEL}={} {IMAGE_LABEL}={}{mark}\n",
            recipe::label_stages(&text, &stage),
            self.instance,
            self.fingerprint(entry),
            entry.name,
        );
        let context = self
            .context(entry, text.as_bytes())
            .map_err(|error| self.folder_problem(&error))?;
        let body = bollard::body_try_stream(ReaderStream::with_capacity(
            tokio::fs::File::from_std(context),
            256 << 10,
        ));
        let mut arguments: HashMap<String, String> = PROXIES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
            .collect();
        arguments.insert("BASE".to_owned(), base.to_owned());
        let options = BuildImageOptionsBuilder::default()
            .dockerfile("Dockerfile")
            .t(&self.tag(entry))
            .version(BuilderVersion::BuilderV1)
            .rm(true)
            .forcerm(true)
            .buildargs(&arguments)
            .build();
        let docker = self.patient_docker();
        let mut stream = docker.build_image(options, None, Some(body));
        let mut output = Output::default();
        let result = loop {
            match timeout(STANDSTILL, stream.next()).await {
                Ok(None) => break Ok(()),
                Ok(Some(Ok(info))) => {
                    if let Some(trouble) = info.error_detail.and_then(|detail| detail.message) {
                        break Err(trouble);
                    }
                    if output.take(&info.stream.unwrap_or_default()) {
                        report(Stage::Build, &output.shown, output.step, output.steps);
                    }
                }
                Ok(Some(Err(error))) => break Err(error.to_string()),
                Err(_) => break Err("it says nothing any more".to_owned()),
            }
        };
        drop(stream);
        if text.contains(STAGE_LABEL) {
            self.remove_stages(&entry.name).await;
        }
        result.map_err(|trouble| build_problem(&entry.name, &trouble, &output))
    }

    /// The build context, in a file that is gone when it is closed.
    fn context(&self, entry: &Entry, dockerfile: &[u8]) -> std::io::Result<std::fs::File> {
        let file = tempfile::tempfile_in(&self.folder)?;
        let mut archive = tar::Builder::new(std::io::BufWriter::new(file));
        recipe::write_context(&entry.recipe, dockerfile, &mut archive)?;
        if entry.name == WORKBENCH {
            self.tools.write_context(&mut archive)?;
        }
        let mut file = archive
            .into_inner()?
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// Removes the stages of this image that its last stage copied from.
    async fn remove_stages(&self, name: &str) {
        let stage = format!("{STAGE_LABEL}={name}");
        let ours = format!("{INSTANCE_LABEL}={}", self.instance);
        let filters = HashMap::from([
            ("label", vec![stage.as_str(), ours.as_str()]),
            ("dangling", vec!["true"]),
        ]);
        for image in self.list(&filters).await.unwrap_or_default() {
            let options = RemoveImageOptionsBuilder::default().build();
            let removed = timeout(
                QUESTION,
                self.engine
                    .docker
                    .remove_image(&image.id, Some(options), None),
            )
            .await;
            if let Ok(Err(error)) = removed {
                tracing::debug!(image = image.id, %error, "a stage stays");
            }
        }
    }
}

/// What a builder has printed so far.
#[derive(Debug, Default)]
struct Output {
    step: u64,
    steps: u64,
    /// The instruction, or the latest line of what it prints.
    shown: String,
    lines: VecDeque<String>,
}

impl Output {
    /// Takes a piece of output; says whether there is something new to show.
    fn take(&mut self, text: &str) -> bool {
        let mut new = false;
        for line in text.lines().map(plain).filter(|line| !is_noise(line)) {
            if let Some((step, steps, instruction)) = step_of(&line) {
                (self.step, self.steps) = (step, steps);
                // A long RUN is told by its beginning.
                self.shown = instruction
                    .split_whitespace()
                    .take(6)
                    .collect::<Vec<_>>()
                    .join(" ");
            } else {
                self.shown.clone_from(&line);
                self.lines.push_back(line);
                if self.lines.len() > KEPT_LINES {
                    self.lines.pop_front();
                }
            }
            new = true;
        }
        new
    }
}

/// Lines that say nothing to the person who waits.
fn is_noise(line: &str) -> bool {
    const NOISE: [&str; 7] = [
        "--->",
        "Removing intermediate container",
        "Successfully ",
        "(Reading database",
        "Selecting previously unselected",
        "Preparing to unpack",
        "debconf:",
    ];
    line.is_empty() || NOISE.iter().any(|start| line.starts_with(start))
}

/// `Step 3/7 : RUN x` in its parts. The step that runs is not done yet.
fn step_of(line: &str) -> Option<(u64, u64, &str)> {
    let (numbers, instruction) = line.strip_prefix("Step ")?.split_once(" : ")?;
    let (step, steps) = numbers.split_once('/')?;
    Some((
        step.parse::<u64>().ok()?.saturating_sub(1),
        steps.parse().ok()?,
        instruction,
    ))
}

/// A line without the escape sequences that colour it.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                // A sequence ends with its first letter.
                letters.by_ref().find(char::is_ascii_alphabetic);
            }
            letter if letter.is_control() => {}
            letter => text.push(letter),
        }
    }
    text.trim().to_owned()
}

fn build_problem(name: &str, trouble: &str, output: &Output) -> Problem {
    let network = output.lines.iter().find(|line| {
        line.contains("Temporary failure resolving")
            || line.contains("Could not connect to")
            || line.contains("Failed to fetch")
    });
    if let Some(line) = network {
        return Problem::new(
            format!(
                "The image {name} could not be built, because its packages cannot be reached: {line}."
            ),
            "Are the Debian package mirrors reachable from containers? A firewall or a VPN may stand between.",
        );
    }
    let last = output
        .lines
        .back()
        .map(|line| format!(" (it last printed: {line})"))
        .unwrap_or_default();
    engine_problem(
        &format!("build the image {name}"),
        &format!("{}{last}", trouble.trim()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_output_are_told_apart() {
        let mut output = Output::default();
        assert!(
            output
                .take("Step 3/7 : RUN set -e;     apt-get update -qq; apt-get install -y a b c\n")
        );
        assert_eq!((output.step, output.steps), (2, 7));
        assert_eq!(output.shown, "RUN set -e; apt-get update -qq;");
        assert!(!output.take(" ---> 1a2b3c\n"));
        assert!(output.take("\u{1b}[91mWARNING: x\n\u{1b}[0m"));
        assert_eq!(output.shown, "WARNING: x");
    }

    #[test]
    fn a_failure_says_what_stands_in_the_way() {
        let mut output = Output::default();
        output.take("Err:1 http://mirror.example bookworm\n  Temporary failure resolving 'mirror.example'\nE: broken\n");
        let problem = build_problem(
            "python",
            "The command returned a non-zero code: 100",
            &output,
        );
        assert!(
            problem.message.contains("Temporary failure resolving"),
            "{problem}"
        );
        let problem = build_problem(
            "python",
            "write /x: no space left on device",
            &Output::default(),
        );
        assert_eq!(problem.message, "The engine's disk is full.");
    }
}
