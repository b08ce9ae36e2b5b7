//! A submission's own commands, run as the learner would type them: `commands.sh`, in a workbench whose `docker` speaks
//! to one scope. That is how a sandbox exercise is handed in without a browser.
//!
//! The folder `/work` is a [`Work`]: a copy of the submission that stays as long as the scope, since containers that the
//! commands have started may have mounted folders of it.

mod work;

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
use super::shell::RUN;
use super::workbench::{environment, remove, start, within};
use super::workspace::Owner;
pub use work::Work;

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

/// Runs a submission's commands in the copy of its folder, which is the scope's workspace too.
///
/// # Errors
/// A fault of the engine. Commands that fail are none.
pub async fn run(ground: Ground<'_>, work: &Work) -> Result<Ended, SandboxError> {
    let name = format!(
        "docktutor-script-{}-{}",
        ground.instance,
        ground.scope.name()
    );
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let create = ground
        .docker
        .create_container(Some(options), body(ground, work.path()));
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
        cmd: Some(vec!["timeout", "-k", "2", &seconds, "bash", FILE]),
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
    let Owner { uid, gid } = Owner::of_workbench();
    ContainerCreateBody {
        image: Some(ground.image.to_owned()),
        hostname: Some("docktutor".to_owned()),
        user: Some(format!("{uid}:{gid}")),
        working_dir: Some("/work".to_owned()),
        entrypoint: Some(Vec::new()),
        // It ends by itself where nobody is left to remove it.
        cmd: Some(vec![
            "sleep".to_owned(),
            (LIMIT + LONG).as_secs().to_string(),
        ]),
        env: Some(environment()),
        labels: Some(HashMap::from([
            (INSTANCE.to_owned(), ground.instance.to_owned()),
            (KIND.0.to_owned(), KIND.1.to_owned()),
        ])),
        host_config: Some(HostConfig {
            init: Some(true),
            network_mode: Some(ground.scope.network_id()),
            mounts: Some(vec![
                bind(ground.socket, &format!("{RUN}/docker.sock")),
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
