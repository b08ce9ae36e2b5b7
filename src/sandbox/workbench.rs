//! The workbench: the container that a learner's terminals run in. The only container that the server makes itself; it
//! is made on the raw engine, carries our labels, and holds no way to that engine.

use std::collections::HashMap;
use std::fmt::Display;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use bollard::Docker;
use bollard::exec::{CreateExecOptions, StartExecOptions};
use bollard::models::{
    ContainerCreateBody, ContainerSummary, ContainerSummaryStateEnum, HostConfig, Mount, MountType,
    RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    StopContainerOptionsBuilder,
};

use super::error::SandboxError;
use super::folders::Folders;
use super::shell;
use super::workspace::Owner;

/// On everything that we make: which installation made it.
const INSTANCE: &str = "docktutor.instance";
/// Whose it is.
const SCOPE: &str = "docktutor.scope";
/// What it is; only what the server makes for itself has one.
const KIND: &str = "docktutor.kind";
const WORKBENCH: &str = "workbench";

const MEMORY: i64 = 512 << 20;
const PROCESSES: i64 = 256;

/// For calls that only ask, and for those that work.
const SHORT: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);

/// How a workbench shall be.
pub(super) struct Plan<'a> {
    pub(super) instance: &'a str,
    pub(super) scope: &'a str,
    pub(super) image: &'a str,
    pub(super) network: &'a str,
    pub(super) folders: &'a Folders,
    pub(super) owner: Owner,
}

/// A container on the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) scope: String,
    pub(super) running: bool,
    pub(super) is_workbench: bool,
    image: String,
    sources: Vec<String>,
}

impl Found {
    /// Whether it can be used as it is: the data folder may have moved, and the image may be newer.
    pub(super) fn fits(&self, plan: &Plan<'_>) -> bool {
        let has = |folder: &Path| {
            self.sources
                .iter()
                .any(|source| Path::new(source) == folder)
        };
        // A running one keeps its image until it is stopped, because the learner's shells are in it.
        (self.running || self.image == plan.image)
            && has(&plan.folders.work())
            && has(&plan.folders.run())
    }
}

/// All containers of this installation, or those of one scope.
pub(super) async fn list(
    docker: &Docker,
    instance: &str,
    scope: Option<&str>,
) -> Result<Vec<Found>, SandboxError> {
    let mut labels = vec![format!("{INSTANCE}={instance}")];
    labels.extend(scope.map(|scope| format!("{SCOPE}={scope}")));
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
    .await?;
    Ok(found.into_iter().filter_map(found_in).collect())
}

fn found_in(summary: ContainerSummary) -> Option<Found> {
    let labels = summary.labels.unwrap_or_default();
    Some(Found {
        id: summary.id?,
        scope: labels.get(SCOPE)?.clone(),
        running: summary.state == Some(ContainerSummaryStateEnum::RUNNING),
        is_workbench: labels.get(KIND).is_some_and(|kind| kind == WORKBENCH),
        image: summary.image_id.unwrap_or_default(),
        sources: summary
            .mounts
            .unwrap_or_default()
            .into_iter()
            .filter_map(|mount| mount.source)
            .collect(),
    })
}

/// Makes a workbench and starts it; gives its id.
pub(super) async fn create(docker: &Docker, plan: &Plan<'_>) -> Result<String, SandboxError> {
    let name = format!("docktutor-{}-{}", plan.instance, plan.scope);
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let create = docker.create_container(Some(options), body(plan));
    let id = within(LONG, "create your workbench", create).await?.id;
    if let Err(error) = start(docker, &id).await {
        let _ = remove(docker, &id).await;
        return Err(error);
    }
    Ok(id)
}

/// Starts a workbench that was stopped.
pub(super) async fn start(docker: &Docker, id: &str) -> Result<(), SandboxError> {
    within(
        LONG,
        "start your workbench",
        docker.start_container(id, None),
    )
    .await
}

/// Stops a workbench; its shells end.
pub(super) async fn stop(docker: &Docker, id: &str) -> Result<(), SandboxError> {
    let options = StopContainerOptionsBuilder::new().t(2).build();
    within(
        LONG,
        "stop the workbench",
        docker.stop_container(id, Some(options)),
    )
    .await
}

/// Removes a workbench.
pub(super) async fn remove(docker: &Docker, id: &str) -> Result<(), SandboxError> {
    let options = RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    let removed = tokio::time::timeout(LONG, docker.remove_container(id, Some(options))).await;
    match removed {
        Ok(Ok(())) => Ok(()),
        // Gone, or somebody is at it: what is wanted.
        Ok(Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404 | 409,
            ..
        })) => Ok(()),
        Ok(Err(error)) => Err(SandboxError::engine("remove the workbench", &error)),
        Err(_) => Err(SandboxError::deadline("remove the workbench")),
    }
}

/// Starts the shell of terminal `number` in a running workbench.
pub(super) async fn start_shell(docker: &Docker, id: &str, number: u8) -> Result<(), SandboxError> {
    let what = "start a shell";
    let command = CreateExecOptions {
        cmd: Some(vec![
            "sh".to_owned(),
            "-c".to_owned(),
            shell::start_command(number),
        ]),
        ..CreateExecOptions::default()
    };
    let exec = within(SHORT, what, docker.create_exec(id, command)).await?;
    let options = StartExecOptions {
        detach: true,
        ..StartExecOptions::default()
    };
    within(LONG, what, docker.start_exec(&exec.id, Some(options))).await?;
    Ok(())
}

fn body(plan: &Plan<'_>) -> ContainerCreateBody {
    let Owner { uid, gid } = plan.owner;
    let bind = |source: &Path, target: &str| Mount {
        typ: Some(MountType::BIND),
        source: Some(source.to_string_lossy().into_owned()),
        target: Some(target.to_owned()),
        ..Mount::default()
    };
    // The first terminal's shell starts with the container, which saves an engine call on the way to the first prompt.
    let main = format!(
        "rm -f {}/{}/*.sock; {}; exec sleep infinity",
        shell::RUN,
        shell::SOCKETS,
        shell::start_command(1)
    );
    ContainerCreateBody {
        image: Some(plan.image.to_owned()),
        hostname: Some("docktutor".to_owned()),
        user: Some(format!("{uid}:{gid}")),
        working_dir: Some("/work".to_owned()),
        entrypoint: Some(Vec::new()),
        cmd: Some(vec!["sh".to_owned(), "-c".to_owned(), main]),
        env: Some(environment()),
        labels: Some(HashMap::from([
            (INSTANCE.to_owned(), plan.instance.to_owned()),
            (SCOPE.to_owned(), plan.scope.to_owned()),
            (KIND.to_owned(), WORKBENCH.to_owned()),
        ])),
        host_config: Some(HostConfig {
            // `sleep` reaps nobody, and as the first process it would not hear the signal to stop.
            init: Some(true),
            network_mode: Some(plan.network.to_owned()),
            mounts: Some(vec![
                bind(&plan.folders.run(), shell::RUN),
                bind(&plan.folders.work(), "/work"),
            ]),
            memory: Some(MEMORY),
            pids_limit: Some(PROCESSES),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::NO),
                maximum_retry_count: None,
            }),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// What a learner's shells are told, and commands that are handed in.
pub(super) fn environment() -> Vec<String> {
    let zone = std::env::var("TZ").unwrap_or_else(|_| "UTC".to_owned());
    vec![
        format!("DOCKER_HOST=unix://{}/docker.sock", shell::RUN),
        // Both the command line and Compose build by a call that the gateway can read.
        "DOCKER_BUILDKIT=0".to_owned(),
        "COMPOSE_DOCKER_CLI_BUILD=0".to_owned(),
        "TERM=xterm-256color".to_owned(),
        "LANG=C.UTF-8".to_owned(),
        format!("TZ={zone}"),
    ]
}

/// An engine call with a deadline; both ways of failing become a sentence.
pub(super) async fn within<T, E: Display>(
    limit: Duration,
    what: &str,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, SandboxError> {
    match tokio::time::timeout(limit, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(SandboxError::engine(what, &error)),
        Err(_) => Err(SandboxError::deadline(what)),
    }
}
