//! Where an engine may listen, in the order in which the places are tried.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Problem, Remote};

/// How an engine was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Named by `DOCKER_HOST`.
    DockerHost,
    /// At `/var/run/docker.sock`.
    DefaultSocket,
    /// By the Docker command line's current context, of this name.
    Context(String),
    /// A rootless engine of this user.
    Rootless,
    /// Podman's socket that speaks Docker's interface.
    Podman,
    /// Started by Docktutor for itself.
    Private,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DockerHost => f.write_str("DOCKER_HOST"),
            Self::DefaultSocket => f.write_str("default socket"),
            Self::Context(name) => write!(f, "Docker context {name}"),
            Self::Rootless => f.write_str("rootless"),
            Self::Podman => f.write_str("Podman"),
            Self::Private => f.write_str("started by Docktutor"),
        }
    }
}

/// Where to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A unix socket on this machine.
    Socket(PathBuf),
    /// Another machine.
    Remote(Remote),
}

/// One place to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) place: Place,
    pub(super) origin: Origin,
}

impl Candidate {
    /// Whether somebody wishes for this engine and no other.
    pub(super) fn is_wish(&self) -> bool {
        self.origin == Origin::DockerHost || matches!(self.place, Place::Remote(_))
    }
}

/// What the list is made from; a value of its own, so that tests need not change the process's environment.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    pub(super) docker_host: Option<String>,
    pub(super) docker_context: Option<String>,
    /// The Docker command line's folder, usually `~/.docker`.
    pub(super) docker_config: Option<PathBuf>,
    pub(super) runtime_dir: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn from_process() -> Self {
        let text = |name| {
            std::env::var(name)
                .ok()
                .filter(|value: &String| !value.is_empty())
        };
        Self {
            docker_host: text("DOCKER_HOST"),
            docker_context: text("DOCKER_CONTEXT"),
            docker_config: text("DOCKER_CONFIG")
                .map(PathBuf::from)
                .or_else(|| text("HOME").map(|home| Path::new(&home).join(".docker"))),
            runtime_dir: text("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }
}

/// The places, in order. `DOCKER_HOST`, or a `DOCKER_CONTEXT` of another machine, is an explicit wish: the only place then,
/// and a problem if it cannot be used.
pub(super) fn list(surroundings: &Surroundings) -> Result<Vec<Candidate>, Problem> {
    if let Some(host) = &surroundings.docker_host {
        let place = unix_path(host)
            .map(Place::Socket)
            .or_else(|| Remote::of_host(host).map(Place::Remote));
        let Some(place) = place else {
            return Err(Problem::new(
                format!(
                    "DOCKER_HOST is {host}, and that is no address of an engine that Docktutor can use."
                ),
                "Unset DOCKER_HOST, or set it to unix:///path/to/docker.sock for an engine on this machine, or to \
                 tcp://HOST:PORT or ssh://USER@HOST for `docktutor gateway` and `docktutor check`.",
            ));
        };
        return Ok(vec![Candidate {
            place,
            origin: Origin::DockerHost,
        }]);
    }
    if let (Some(folder), Some(name)) = (&surroundings.docker_config, &surroundings.docker_context)
        && let Some(host) = context_host(folder, name)
        && Remote::of_host(&host).is_some()
    {
        return Ok(vec![Candidate {
            place: Place::Remote(Remote::Context(name.clone())),
            origin: Origin::Context(name.clone()),
        }]);
    }
    let mut places = vec![Candidate {
        place: Place::Socket("/var/run/docker.sock".into()),
        origin: Origin::DefaultSocket,
    }];
    let mut add = |socket: PathBuf, origin| {
        let place = Place::Socket(socket);
        if !places.iter().any(|known| known.place == place) {
            places.push(Candidate { place, origin });
        }
    };
    if let Some(folder) = &surroundings.docker_config
        && let Some(name) = current_context(folder, surroundings.docker_context.as_deref())
        && let Some(host) = context_host(folder, &name)
        && let Some(socket) = unix_path(&host)
    {
        add(socket, Origin::Context(name));
    }
    if let Some(runtime) = &surroundings.runtime_dir {
        add(runtime.join("docker.sock"), Origin::Rootless);
        add(runtime.join("podman/podman.sock"), Origin::Podman);
    }
    add("/run/podman/podman.sock".into(), Origin::Podman);
    Ok(places)
}

/// The socket of a `unix://` address.
fn unix_path(host: &str) -> Option<PathBuf> {
    host.strip_prefix("unix://")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// The name of the current context; `default` means that there is none.
fn current_context(folder: &Path, named: Option<&str>) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        current_context: Option<String>,
    }
    let name = match named {
        Some(name) => name.to_owned(),
        None => {
            serde_json::from_slice::<Config>(&std::fs::read(folder.join("config.json")).ok()?)
                .ok()?
                .current_context?
        }
    };
    (!name.is_empty() && name != "default").then_some(name)
}

/// The address of a context. The command line keeps each context in a folder that is named by the hash of its name.
fn context_host(folder: &Path, name: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Meta {
        name: String,
        endpoints: Endpoints,
    }
    #[derive(Deserialize)]
    struct Endpoints {
        docker: DockerEndpoint,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct DockerEndpoint {
        host: Option<String>,
    }
    let hash: String = Sha256::digest(name)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = folder.join("contexts/meta").join(hash).join("meta.json");
    let meta: Meta = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    (meta.name == name).then_some(meta.endpoints.docker.host)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_context(config: &str, host: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        // The hash of "desktop-linux", as the command line names the folder.
        let meta = folder
            .path()
            .join("contexts/meta/fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e");
        std::fs::create_dir_all(&meta).unwrap();
        let text = format!(
            r#"{{"Name":"desktop-linux","Metadata":{{"Description":"Docker Desktop"}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
        );
        std::fs::write(meta.join("meta.json"), text).unwrap();
        folder
    }

    fn sockets(surroundings: &Surroundings) -> Vec<String> {
        list(surroundings)
            .unwrap()
            .iter()
            .map(|candidate| match &candidate.place {
                Place::Socket(socket) => format!("{} {}", candidate.origin, socket.display()),
                Place::Remote(remote) => format!("{}: {remote}", candidate.origin),
            })
            .collect()
    }

    #[test]
    fn docker_host_is_the_only_place_when_it_is_set() {
        let surroundings = Surroundings {
            docker_host: Some("unix:///tmp/x.sock".into()),
            ..Surroundings::default()
        };
        assert_eq!(sockets(&surroundings), ["DOCKER_HOST /tmp/x.sock"]);
    }

    #[test]
    fn a_docker_host_that_is_no_address_is_refused_by_name() {
        let surroundings = |host: &str| Surroundings {
            docker_host: Some(host.into()),
            ..Surroundings::default()
        };
        for host in ["unix://relative", "npipe:////./pipe/docker", "there"] {
            let problem = list(&surroundings(host)).unwrap_err();
            assert!(problem.message.contains(host), "{problem}");
        }
        for host in ["tcp://10.0.0.1:2376", "ssh://me@there"] {
            assert_eq!(
                sockets(&surroundings(host)),
                [format!("DOCKER_HOST: {host}")]
            );
        }
    }

    #[test]
    fn the_current_context_comes_after_the_default_socket() {
        let folder = with_context(
            r#"{"currentContext":"desktop-linux","auths":{}}"#,
            "unix:///home/me/d.sock",
        );
        let surroundings = Surroundings {
            docker_config: Some(folder.path().into()),
            runtime_dir: Some("/run/user/7".into()),
            ..Surroundings::default()
        };
        assert_eq!(
            sockets(&surroundings),
            [
                "default socket /var/run/docker.sock",
                "Docker context desktop-linux /home/me/d.sock",
                "rootless /run/user/7/docker.sock",
                "Podman /run/user/7/podman/podman.sock",
                "Podman /run/podman/podman.sock",
            ]
        );
    }

    #[test]
    fn the_environment_chooses_another_context() {
        let folder = with_context(r#"{"currentContext":"default"}"#, "unix:///d.sock");
        let mut surroundings = Surroundings {
            docker_config: Some(folder.path().into()),
            ..Surroundings::default()
        };
        assert_eq!(
            sockets(&surroundings).len(),
            2,
            "the default context adds no place"
        );
        surroundings.docker_context = Some("desktop-linux".into());
        assert!(
            sockets(&surroundings).contains(&"Docker context desktop-linux /d.sock".to_owned())
        );
        surroundings.docker_context = Some("not-there".into());
        assert_eq!(sockets(&surroundings).len(), 2);
    }

    #[test]
    fn damaged_contexts_are_passed_over_and_remote_ones_unless_they_are_named() {
        let folder = with_context("{ not json", "unix:///d.sock");
        let surroundings = Surroundings {
            docker_config: Some(folder.path().into()),
            ..Surroundings::default()
        };
        assert_eq!(sockets(&surroundings).len(), 2);
        let folder = with_context(
            r#"{"currentContext":"desktop-linux"}"#,
            "tcp://10.0.0.1:2375",
        );
        let surroundings = Surroundings {
            docker_config: Some(folder.path().into()),
            ..Surroundings::default()
        };
        assert_eq!(sockets(&surroundings).len(), 2);
        let surroundings = Surroundings {
            docker_context: Some("desktop-linux".into()),
            ..surroundings
        };
        assert_eq!(
            sockets(&surroundings),
            ["Docker context desktop-linux: Docker context desktop-linux"]
        );
    }
}
