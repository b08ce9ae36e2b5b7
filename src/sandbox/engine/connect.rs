//! Connecting to a socket and asking who answers, with a deadline on each step.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bollard::models::{SystemInfo, SystemVersion};
use tokio::time::timeout;

use super::{Endpoint, Engine, Forwarder, OLDEST_API, Origin, Problem, Remote};

/// How long a socket may take to answer a first question. An engine that has just been started is slow.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a request may take by default, in seconds.
const REQUEST_SECONDS: u64 = 120;

/// Why a socket gave no engine.
#[derive(Debug)]
pub(super) enum Failure {
    /// There is no such socket.
    Absent,
    /// It is there, and we may not use it.
    Denied(Problem),
    /// Nobody answers, or not in time, or not like an engine.
    Silent(Problem),
    /// An engine answers, and it will not do.
    Unfit(Problem),
}

/// Whether somebody answers a ping on this socket; quick, for waiting in a loop.
pub(super) async fn answers(socket: &Path, patience: Duration) -> bool {
    let Some(docker) = open(socket) else {
        return false;
    };
    matches!(timeout(patience, docker.ping()).await, Ok(Ok(_)))
}

fn open(socket: &Path) -> Option<bollard::Docker> {
    bollard::Docker::connect_with_unix(
        socket.to_str()?,
        REQUEST_SECONDS,
        bollard::API_DEFAULT_VERSION,
    )
    .ok()
}

/// Connects, negotiates the interface version and collects what the engine says of itself.
pub(super) async fn connect(socket: &Path, origin: Origin) -> Result<Engine, Failure> {
    let shown = socket.display();
    let silent = |what: &str| {
        Failure::Silent(Problem::new(
            format!("The socket {shown} {what}."),
            "Start the engine behind it, or restart it if it hangs.",
        ))
    };
    // A bare connection first: its error says whether the socket lacks, forbids or is dead.
    match timeout(PATIENCE, tokio::net::UnixStream::connect(socket)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            return Err(match error.kind() {
                ErrorKind::NotFound => Failure::Absent,
                ErrorKind::PermissionDenied => Failure::Denied(denied(socket)),
                ErrorKind::ConnectionRefused => silent("is there, but no engine listens behind it"),
                _ => silent(&format!("cannot be used: {error}")),
            });
        }
        Err(_) => return Err(silent("takes no connections")),
    }
    let docker = open(socket).ok_or(Failure::Absent)?;
    let version = ask(docker.version()).await.map_err(|why| silent(&why))?;
    let api = version
        .api_version
        .as_deref()
        .and_then(parse_api)
        .ok_or_else(|| silent("does not answer like an engine"))?;
    if api < OLDEST_API {
        return Err(Failure::Unfit(too_old(&version, socket)));
    }
    let docker = ask(docker.negotiate_version())
        .await
        .map_err(|why| silent(&why))?;
    let info = ask(docker.info()).await.map_err(|why| silent(&why))?;
    if info.os_type.as_deref().is_some_and(|os| os != "linux") {
        return Err(Failure::Unfit(Problem::new(
            format!(
                "The engine at {shown} runs {} containers.",
                info.os_type.unwrap_or_default()
            ),
            "Switch it to Linux containers; Docker Desktop has this in its menu.",
        )));
    }
    Ok(describe(docker, socket, origin, &version, info))
}

/// Connects to an engine on another machine.
pub(super) async fn reach(remote: &Remote, origin: Origin) -> Result<Engine, Problem> {
    let forwarder = Forwarder::new(remote)?;
    let socket = forwarder.socket();
    match connect(&socket, origin).await {
        Ok(mut engine) => {
            engine.endpoint = Endpoint::Remote {
                remote: remote.clone(),
                forwarder: Arc::new(forwarder),
                socket,
            };
            Ok(engine)
        }
        Err(Failure::Unfit(problem)) => Err(problem),
        // What the docker command says is nearer to the cause than what we see of it.
        Err(Failure::Absent | Failure::Denied(_) | Failure::Silent(_)) => {
            let said = forwarder.complaint();
            let said = if said.is_empty() {
                "nothing answers"
            } else {
                &said
            };
            Err(Problem::new(
                format!("The engine at {remote} cannot be reached: {said}."),
                format!(
                    "Try `docker {} version`, and come back when that works.",
                    remote.option()
                ),
            ))
        }
    }
}

async fn ask<T>(
    question: impl Future<Output = Result<T, bollard::errors::Error>>,
) -> Result<T, String> {
    match timeout(PATIENCE, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(format!("gives an error: {error}")),
        Err(_) => Err(format!(
            "does not answer within {} seconds",
            PATIENCE.as_secs()
        )),
    }
}

fn describe(
    docker: bollard::Docker,
    socket: &Path,
    origin: Origin,
    version: &SystemVersion,
    info: SystemInfo,
) -> Engine {
    let spoken = docker.client_version();
    let security = info.security_options.unwrap_or_default();
    Engine {
        api: format!("{}.{}", spoken.major_version, spoken.minor_version),
        docker,
        endpoint: Endpoint::Unix(socket.to_owned()),
        origin,
        name: engine_name(version),
        version: version.version.clone().unwrap_or_default(),
        storage_driver: info.driver.unwrap_or_default(),
        cgroup_version: info
            .cgroup_version
            .map(|value| value.to_string())
            .unwrap_or_default(),
        cgroup_driver: info
            .cgroup_driver
            .map(|value| value.to_string())
            .unwrap_or_default(),
        architecture: info.architecture.unwrap_or_default(),
        operating_system: info.operating_system.unwrap_or_default(),
        root_dir: info.docker_root_dir.map(PathBuf::from).unwrap_or_default(),
        rootless: security.iter().any(|option| option.contains("rootless")),
        memory: info
            .mem_total
            .and_then(|bytes| u64::try_from(bytes).ok())
            .unwrap_or(0),
        private: None,
    }
}

/// The engine's own name for itself: Podman says so in its list of components.
fn engine_name(version: &SystemVersion) -> String {
    let components = version.components.iter().flatten();
    let podman = components
        .clone()
        .any(|component| component.name.contains("Podman"));
    if podman {
        return "Podman".to_owned();
    }
    match &version.platform {
        Some(platform) if platform.name.contains("Desktop") => "Docker Desktop".to_owned(),
        _ => "Docker Engine".to_owned(),
    }
}

fn too_old(version: &SystemVersion, socket: &Path) -> Problem {
    Problem::new(
        format!(
            "{} {} at {} is too old: it speaks interface version {}, and the sandboxes need {}.{}.",
            engine_name(version),
            version.version.as_deref().unwrap_or("(unknown version)"),
            socket.display(),
            version.api_version.as_deref().unwrap_or("?"),
            OLDEST_API.0,
            OLDEST_API.1,
        ),
        "Update it to Docker Engine 20.10 or newer. Lessons, the editor and the checks of the text work without it.",
    )
}

fn denied(socket: &Path) -> Problem {
    Problem::new(
        format!(
            "An engine is at {}, and you may not use it.",
            socket.display()
        ),
        "Add yourself to its group and log in again: sudo usermod -aG docker \"$USER\".",
    )
}

/// `1.41` as two numbers.
fn parse_api(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_versions_compare_as_numbers() {
        assert!(parse_api("1.9").unwrap() < OLDEST_API);
        assert!(parse_api("1.40").unwrap() < OLDEST_API);
        assert!(parse_api("1.41").unwrap() >= OLDEST_API);
        assert!(parse_api("1.141").unwrap() >= OLDEST_API);
        assert_eq!(parse_api("x"), None);
    }

    /// An engine that answers every request with the same text.
    async fn fake_engine(body: &'static str) -> (tempfile::TempDir, PathBuf) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    if stream.read(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        (folder, socket)
    }

    #[tokio::test]
    async fn an_old_engine_is_named() {
        let (_folder, socket) = fake_engine(r#"{"Version":"19.03.15","ApiVersion":"1.40"}"#).await;
        let Err(Failure::Unfit(problem)) = connect(&socket, Origin::DefaultSocket).await else {
            panic!("an engine of interface 1.40 was accepted");
        };
        assert!(
            problem.message.starts_with("Docker Engine 19.03.15 at "),
            "{problem}"
        );
        assert!(problem.message.contains("1.40"), "{problem}");
    }

    #[tokio::test]
    async fn what_is_no_engine_is_silent_and_not_a_crash() {
        let (_folder, socket) = fake_engine("<html>").await;
        assert!(matches!(
            connect(&socket, Origin::DefaultSocket).await,
            Err(Failure::Silent(_))
        ));
    }

    #[tokio::test]
    async fn a_missing_and_a_dead_socket_differ() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        assert!(matches!(
            connect(&socket, Origin::DefaultSocket).await,
            Err(Failure::Absent)
        ));
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        let Err(Failure::Silent(problem)) = connect(&socket, Origin::DefaultSocket).await else {
            panic!("a dead socket gave an engine");
        };
        assert!(problem.message.contains("no engine listens"), "{problem}");
    }
}
