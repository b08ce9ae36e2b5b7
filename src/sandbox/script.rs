//! A submission's own commands, run as the learner would type them: `commands.sh`, in a container of the workbench's
//! image whose `docker` speaks to one scope. That is how a sandbox exercise is handed in without a browser.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::{CreateContainerOptionsBuilder, ListContainersOptionsBuilder};
use futures_util::StreamExt as _;
use gateway::Scope;

use super::error::SandboxError;
use super::workbench::{remove, start, within};

/// The file with the commands, in the submission's folder.
pub const FILE: &str = "commands.sh";

/// So long the commands may take.
const LIMIT: Duration = Duration::from_secs(120);

/// So much of their output is read; what prints more is ended.
const MOST_OUTPUT: usize = 256 * 1024;

const MEMORY: i64 = 512 << 20;
const PROCESSES: i64 = 256;
const SHORT: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);

const KIND: (&str, &str) = ("docktutor.kind", "script");
const INSTANCE: &str = "docktutor.instance";

/// Where commands are run.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The raw engine.
    pub docker: &'a Docker,
    /// The installation's id, or a check's.
    pub instance: &'a str,
    /// Id of the workbench's image.
    pub image: &'a str,
    /// The scope that the commands speak to.
    pub scope: &'a Scope,
    /// The scope's socket.
    pub socket: &'a Path,
}

/// How the commands ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The shell's exit code; `None` where it was ended.
    pub code: Option<i64>,
    /// What they printed, on both streams.
    pub output: String,
}

/// Runs a submission's commands, with a copy of its folder as `/work`.
///
/// # Errors
/// A fault of the engine or the disk. Commands that fail are none.
pub async fn run(ground: Ground<'_>, submission: &Path) -> Result<Ended, SandboxError> {
    let copy = tempfile::Builder::new()
        .prefix("docktutor-script-")
        .tempdir()
        .map_err(|error| SandboxError::server("copy the submission", &error))?;
    let (from, to) = (submission.to_owned(), copy.path().to_owned());
    tokio::task::spawn_blocking(move || copy_folder(&from, &to, &mut Bounds::default()))
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)))
        .map_err(|error| SandboxError::server("copy the submission", &error))?;
    let name = format!(
        "docktutor-script-{}-{}",
        ground.instance,
        ground.scope.name()
    );
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let create = ground
        .docker
        .create_container(Some(options), body(ground, copy.path()));
    let id = within(LONG, "prepare the commands", create).await?.id;
    let ended = run_in(ground, &id).await;
    ground.scope.set_workbench(None);
    let removed = remove(ground.docker, &id).await;
    let ended = ended?;
    removed.map(|()| ended)
}

async fn run_in(ground: Ground<'_>, id: &str) -> Result<Ended, SandboxError> {
    start(ground.docker, id).await?;
    // Published ports are bound where the commands run, as in a learner's terminal.
    ground.scope.set_workbench(Some(id.to_owned()));
    let seconds = LIMIT.as_secs().to_string();
    let command = CreateExecOptions {
        cmd: Some(vec!["timeout", "-k", "2", &seconds, "sh", FILE]),
        working_dir: Some("/work"),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let exec = within(
        SHORT,
        "run the commands",
        ground.docker.create_exec(id, command),
    )
    .await?
    .id;
    let mut output = Vec::new();
    let mut whole = true;
    let reading = async {
        if let StartExecResults::Attached {
            output: mut stream, ..
        } = ground.docker.start_exec(&exec, None).await?
        {
            while let Some(piece) = stream.next().await {
                match piece? {
                    LogOutput::StdIn { .. } => {}
                    LogOutput::StdOut { message }
                    | LogOutput::StdErr { message }
                    | LogOutput::Console { message } => {
                        output.extend_from_slice(&message);
                    }
                }
                if output.len() > MOST_OUTPUT {
                    output.truncate(MOST_OUTPUT);
                    whole = false;
                    break;
                }
            }
        }
        Ok::<_, bollard::errors::Error>(())
    };
    within(LIMIT + SHORT, "run the commands", reading).await?;
    let found = within(SHORT, "run the commands", ground.docker.inspect_exec(&exec)).await?;
    // 124 and 137 are what `timeout` says of a command that it ended.
    let code = found
        .exit_code
        .filter(|code| whole && !matches!(code, 124 | 137));
    Ok(Ended {
        code,
        output: String::from_utf8_lossy(&output).into_owned(),
    })
}

/// A call of a scope's history, as the checker takes it.
#[must_use]
pub fn call(call: gateway::EngineCall) -> checker::check::EngineCall {
    checker::check::EngineCall {
        at_ms: call.at_ms,
        kind: call.kind,
        object: call.object,
        status: call.status,
    }
}

/// Removes what a killed command has left.
pub async fn sweep(docker: &Docker, instance: &str) {
    let labels = vec![
        format!("{}={}", KIND.0, KIND.1),
        format!("{INSTANCE}={instance}"),
    ];
    let filters = HashMap::from([("label".to_owned(), labels)]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let found = within(
        SHORT,
        "list containers",
        docker.list_containers(Some(options)),
    )
    .await;
    for id in found
        .into_iter()
        .flatten()
        .filter_map(|container| container.id)
    {
        if let Err(error) = remove(docker, &id).await {
            tracing::warn!(%error, id, "a container that was left over could not be removed");
        }
    }
}

fn body(ground: Ground<'_>, work: &Path) -> ContainerCreateBody {
    let bind = |source: &Path, target: &str| Mount {
        typ: Some(MountType::BIND),
        source: Some(source.to_string_lossy().into_owned()),
        target: Some(target.to_owned()),
        ..Mount::default()
    };
    // Whoever owns the socket and the copy; without any capability, also where that is root.
    let user = format!(
        "{}:{}",
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw()
    );
    ContainerCreateBody {
        image: Some(ground.image.to_owned()),
        hostname: Some("docktutor".to_owned()),
        user: Some(user),
        working_dir: Some("/work".to_owned()),
        entrypoint: Some(Vec::new()),
        // It ends by itself where nobody is left to remove it.
        cmd: Some(vec![
            "sleep".to_owned(),
            (LIMIT + LONG).as_secs().to_string(),
        ]),
        env: Some(
            [
                "DOCKER_HOST=unix:///run/docktutor/docker.sock",
                "DOCKER_BUILDKIT=0",
                "COMPOSE_DOCKER_CLI_BUILD=0",
                "HOME=/tmp",
                "LANG=C.UTF-8",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        labels: Some(HashMap::from([
            (INSTANCE.to_owned(), ground.instance.to_owned()),
            (KIND.0.to_owned(), KIND.1.to_owned()),
        ])),
        host_config: Some(HostConfig {
            init: Some(true),
            network_mode: Some(ground.scope.network_id()),
            mounts: Some(vec![
                bind(ground.socket, "/run/docktutor/docker.sock"),
                bind(work, "/work"),
            ]),
            memory: Some(MEMORY),
            pids_limit: Some(PROCESSES),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// What may still be copied.
struct Bounds {
    files: usize,
    bytes: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            files: 5000,
            bytes: 64 << 20,
        }
    }
}

/// Copies folders and regular files. Links are left out: one could lead to a file that is not the submission's.
fn copy_folder(from: &Path, to: &Path, left: &mut Bounds) -> std::io::Result<()> {
    let too_large = || std::io::Error::other("it holds more than 5,000 files or 64 MiB");
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        left.files = left.files.checked_sub(1).ok_or_else(too_large)?;
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            std::fs::create_dir(&target)?;
            copy_folder(&entry.path(), &target, left)?;
        } else if kind.is_file() {
            left.bytes = left
                .bytes
                .checked_sub(entry.metadata()?.len())
                .ok_or_else(too_large)?;
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_files_and_folders_and_no_links() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(from.path().join("app")).unwrap();
        std::fs::write(from.path().join("app/main.py"), "print()").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", from.path().join("link")).unwrap();
        copy_folder(from.path(), to.path(), &mut Bounds::default()).unwrap();
        assert_eq!(
            std::fs::read(to.path().join("app/main.py")).unwrap(),
            b"print()"
        );
        assert!(!to.path().join("link").exists());
        let mut little = Bounds {
            files: 10,
            bytes: 3,
        };
        let other = tempfile::tempdir().unwrap();
        assert!(copy_folder(from.path(), other.path(), &mut little).is_err());
    }
}
