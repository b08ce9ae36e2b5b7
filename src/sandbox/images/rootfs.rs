//! The root file system that stand-ins start from, made of Debian's packages by `mmdebstrap`.

use std::path::Path;
use std::process::Stdio;

use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio_util::io::ReaderStream;

use super::progress::{Report, Stage};
use super::{Images, engine_problem, recipe};
use crate::sandbox::engine::{Distribution, Problem, find_program, program_path};

const RELEASE: &str = "bookworm";

/// No manuals, no translations, no package lists: what a slim image leaves out too. The same options hold inside the
/// image for packages that are installed later.
const OPTIONS: [&str; 9] = [
    "--variant=minbase",
    "--format=tar",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/info/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--aptopt=Acquire::Languages \"none\"",
    "--aptopt=APT::Install-Recommends \"false\"",
    "--customize-hook=rm -rf \"$1\"/var/lib/apt/lists/* \"$1\"/var/cache/apt/*",
];

/// How many lines a run prints on the way, about: only for the progress bar.
const LINES: u64 = 12;

pub(super) fn fingerprint() -> String {
    let options = OPTIONS
        .iter()
        .chain(&[RELEASE])
        .map(|option| ("", option.as_bytes()));
    recipe::hash(options, &[])
}

/// Ends a child and all that it has started when the preparation is dropped. Asked and not killed: it takes its mounts
/// and its half-made tree away.
struct Ended(Option<Pid>);

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            let _ = kill_process_group(pid, Signal::TERM);
        }
    }
}

impl Images {
    /// Makes the root file system and hands it to the engine. Returns the tag that it has there.
    pub(super) async fn import_rootfs(&self, report: &Report<'_>) -> Result<String, Problem> {
        let file = self.folder.join(format!("rootfs-{}.tar", fingerprint()));
        if !file.exists() {
            self.make_rootfs(&file, report).await?;
        }
        report(
            Stage::Root,
            "handing the root file system to the engine",
            LINES,
            LINES + 1,
        );
        let tag = fingerprint();
        let input = tokio::fs::File::open(&file)
            .await
            .map_err(|error| self.folder_problem(&error))?;
        let body = bollard::body_try_stream(ReaderStream::with_capacity(input, 256 << 10));
        let options = CreateImageOptionsBuilder::default()
            .from_src("-")
            .repo("docktutor/rootfs")
            .tag(&tag)
            .build();
        let docker = self.patient_docker();
        let mut stream = docker.create_image(Some(options), Some(body), None);
        while let Some(event) = stream.next().await {
            event
                .map_err(|error| engine_problem("take the root file system", &error.to_string()))?;
        }
        // The engine has it now; made again if ever needed.
        let _ = std::fs::remove_file(&file);
        Ok(format!("docktutor/rootfs:{tag}"))
    }

    async fn make_rootfs(&self, file: &Path, report: &Report<'_>) -> Result<(), Problem> {
        let Some(program) = find_program("mmdebstrap") else {
            return Err(no_mmdebstrap());
        };
        // A run that was cut off leaves its half-made tree here, and nowhere else.
        let scratch = self.folder.join("tmp");
        let _ = std::fs::remove_dir_all(&scratch);
        std::fs::create_dir_all(&scratch).map_err(|error| self.folder_problem(&error))?;
        let part = file.with_extension("part");
        let mut command = Command::new(program);
        command
            .args(OPTIONS)
            .arg(RELEASE)
            .arg(&part)
            .env("TMPDIR", &scratch)
            .env("PATH", program_path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        let failed = |why: &str| {
            Problem::new(
                format!(
                    "A Debian root file system could not be made: {}.",
                    why.trim_end_matches('.')
                ),
                "Are the Debian package mirrors reachable from here? Or connect to a network where images can be pulled.",
            )
        };
        let mut child = command
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let mut ended = Ended(
            child
                .id()
                .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)),
        );
        let mut trouble = String::new();
        let mut seen = 0;
        if let Some(stderr) = child.stderr.take() {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(what) = line.strip_prefix("I: ") {
                    seen += 1;
                    report(
                        Stage::Root,
                        what.lines().next().unwrap_or_default(),
                        seen.min(LINES - 1),
                        LINES + 1,
                    );
                } else if line.starts_with("E: ") && trouble.is_empty() {
                    trouble = line.trim_start_matches("E: ").to_owned();
                }
            }
        }
        let status = child
            .wait()
            .await
            .map_err(|error| failed(&error.to_string()))?;
        ended.0 = None;
        if !status.success() {
            let why = if trouble.is_empty() {
                format!("mmdebstrap ended with {status}")
            } else {
                trouble
            };
            return Err(failed(&why));
        }
        std::fs::rename(&part, file).map_err(|error| self.folder_problem(&error))
    }

    /// The engine's connection with a deadline that fits a long upload: it answers only when all has come.
    pub(super) fn patient_docker(&self) -> bollard::Docker {
        self.engine
            .docker
            .clone()
            .with_timeout(std::time::Duration::from_secs(1800))
    }
}

fn no_mmdebstrap() -> Problem {
    Problem::new(
        "No registry answers, and images cannot be built from Debian's packages: mmdebstrap is missing.",
        match Distribution::of_this_machine() {
            Distribution::Debian => {
                "Install it: sudo apt install mmdebstrap. Or connect to the internet and start again."
            }
            Distribution::Fedora => {
                "Install it: sudo dnf install mmdebstrap. Or connect to the internet and start again."
            }
            _ => "Connect to a network where images can be pulled, and start again.",
        },
    )
}
