//! A container that a check starts, watches and reads.

use std::collections::HashMap;

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{
    InspectContainerOptions, LogsOptions, LogsOptionsBuilder, WaitContainerOptions,
};
use futures_util::StreamExt;

use super::cleanup::LABEL;
use super::{Cleanup, Engine, Fault, within};

/// The most bytes of output that are read.
pub(crate) const MOST_OUTPUT: usize = 1024 * 1024;

/// What is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// A word for the container's name.
    pub(crate) what: &'static str,
    pub(crate) image: String,
    pub(crate) entrypoint: Option<Vec<String>>,
    pub(crate) command: Option<Vec<String>>,
    pub(crate) env: Vec<String>,
    /// `None` is the default network; `container:NAME` shares another one's.
    pub(crate) network: Option<String>,
}

/// A container that was started. It is removed by its [`Cleanup`].
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) name: String,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) code: i64,
    pub(crate) out_of_memory: bool,
}

/// Whether the start worked.
pub(crate) enum Started {
    Yes(Container),
    /// The engine could not run the image's program; its words.
    BadProgram(String),
}

impl Engine {
    /// Creates and starts a container.
    pub(crate) async fn start(&self, cleanup: &Cleanup, start: &Start) -> Result<Started, Fault> {
        let body = ContainerCreateBody {
            image: Some(start.image.clone()),
            entrypoint: start.entrypoint.clone(),
            cmd: start.command.clone(),
            env: Some(start.env.clone()),
            labels: Some(HashMap::from([(LABEL.0.to_owned(), LABEL.1.to_owned())])),
            host_config: start.network.clone().map(|network| HostConfig {
                network_mode: Some(network),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let name = match cleanup.create(self, start.what, body).await {
            Ok(name) => name,
            // An image without a program is refused at the creation already.
            Err(Fault::Refused { status: 400, why }) if why.contains("No command specified") => {
                return Ok(Started::BadProgram(why));
            }
            Err(fault) => return Err(fault),
        };
        match self.call(self.docker.start_container(&name, None)).await {
            Ok(()) => Ok(Started::Yes(Container { name })),
            Err(Fault::Refused { why, .. }) if is_bad_program(&why) => Ok(Started::BadProgram(why)),
            Err(fault) => Err(fault),
        }
    }

    /// Waits until a container ends. Watched by the engine's own signal, not by asking again and again.
    pub(crate) async fn wait(&self, container: &Container) -> Result<Exit, Fault> {
        let answer = async {
            let stream = self
                .docker
                .wait_container(&container.name, None::<WaitContainerOptions>);
            futures_util::pin_mut!(stream);
            match stream.next().await {
                Some(Ok(ended)) => Ok(ended.status_code),
                // The library makes an error of every code but 0.
                Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => {
                    Ok(code)
                }
                Some(Err(error)) => Err(error),
                None => Err(bollard::errors::Error::IOError {
                    err: std::io::ErrorKind::UnexpectedEof.into(),
                }),
            }
        };
        let code = within(self.left(), answer).await?;
        let state = self.inspect(container).await?.state;
        let out_of_memory = state.and_then(|state| state.oom_killed) == Some(true);
        Ok(Exit {
            code,
            out_of_memory,
        })
    }

    /// A container's details.
    pub(crate) async fn inspect(
        &self,
        container: &Container,
    ) -> Result<bollard::models::ContainerInspectResponse, Fault> {
        let options = None::<InspectContainerOptions>;
        self.call(self.docker.inspect_container(&container.name, options))
            .await
    }

    /// The container's address on its network.
    pub(crate) async fn address(&self, container: &Container) -> Result<Option<String>, Fault> {
        let networks = self
            .inspect(container)
            .await?
            .network_settings
            .and_then(|settings| settings.networks)
            .unwrap_or_default();
        let mut addresses: Vec<String> = networks
            .into_values()
            .filter_map(|endpoint| endpoint.ip_address)
            .filter(|address| !address.is_empty())
            .collect();
        addresses.sort();
        Ok(addresses.into_iter().next())
    }

    /// What a command prints that is run in a running container.
    pub(crate) async fn exec(
        &self,
        container: &Container,
        command: &[&str],
    ) -> Result<Output, Fault> {
        let config = CreateExecOptions {
            cmd: Some(command.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        let answer = async {
            let exec = self.docker.create_exec(&container.name, config).await?;
            let mut output = Output::default();
            let started = self.docker.start_exec(&exec.id, None).await?;
            if let StartExecResults::Attached {
                output: mut stream, ..
            } = started
            {
                while let Some(piece) = stream.next().await {
                    output.add(&piece?);
                    if output.len() > MOST_OUTPUT {
                        break;
                    }
                }
            }
            Ok(output)
        };
        self.call(answer).await
    }

    /// What a container has printed: standard output and standard error. `tail` limits it to the last lines.
    pub(crate) async fn output(
        &self,
        container: &Container,
        tail: Option<usize>,
    ) -> Result<Output, Fault> {
        let tail = tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .tail(&tail)
            .build();
        self.logs(&container.name, options).await
    }

    /// A container's log by its name or id, at most [`MOST_OUTPUT`] of it.
    pub(crate) async fn logs(&self, name: &str, options: LogsOptions) -> Result<Output, Fault> {
        let answer = async {
            let stream = self.docker.logs(name, Some(options));
            futures_util::pin_mut!(stream);
            let mut output = Output::default();
            while let Some(piece) = stream.next().await {
                output.add(&piece?);
                if output.len() > MOST_OUTPUT {
                    break;
                }
            }
            Ok(output)
        };
        self.call(answer).await
    }
}

/// What a container has printed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    /// Standard output.
    pub(crate) stdout: Vec<u8>,
    /// Standard error. In which order the two streams were written is not known: the engine reads two pipes.
    pub(crate) stderr: Vec<u8>,
}

impl Output {
    pub(crate) fn add(&mut self, piece: &LogOutput) {
        match piece {
            LogOutput::StdOut { message } | LogOutput::Console { message } => {
                self.stdout.extend_from_slice(message);
            }
            LogOutput::StdErr { message } => self.stderr.extend_from_slice(message),
            LogOutput::StdIn { .. } => {}
        }
    }

    /// Bytes of both streams together.
    pub(crate) fn len(&self) -> usize {
        self.stdout.len() + self.stderr.len()
    }

    /// Everything as readable text: standard output, then standard error, so that the same work gives the same text.
    pub(crate) fn text(&self) -> String {
        let mut all = self.stdout.clone();
        if !(all.is_empty() || all.ends_with(b"\n") || self.stderr.is_empty()) {
            all.push(b'\n');
        }
        all.extend_from_slice(&self.stderr);
        crate::check::plain(&String::from_utf8_lossy(&all))
    }
}

/// Whether the engine could not start what the image says: its program, its folder, its user. These words are the same
/// in all versions of the usual runtimes.
fn is_bad_program(why: &str) -> bool {
    ["exec: \"", "exec /", "chdir to cwd", "unable to find user"]
        .iter()
        .any(|sign| why.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_streams_give_the_same_text_in_whatever_order_they_come() {
        let pieces = [
            LogOutput::StdErr {
                message: "err\n".into(),
            },
            LogOutput::StdOut {
                message: "out".into(),
            },
        ];
        let mut one = Output::default();
        pieces.iter().for_each(|piece| one.add(piece));
        let mut other = Output::default();
        pieces.iter().rev().for_each(|piece| other.add(piece));
        assert_eq!(one.text(), "out\nerr");
        assert_eq!(other.text(), one.text());
        assert_eq!(one.len(), 7);
    }

    #[test]
    fn a_missing_program_is_told_from_a_broken_engine() {
        assert!(is_bad_program(
            "OCI runtime create failed: runc create failed: unable to start container process: exec: \"uvicorn\": executable file not found in $PATH: unknown"
        ));
        assert!(is_bad_program(
            "unable to find user app: no matching entries in passwd file"
        ));
        assert!(!is_bad_program(
            "driver failed programming external connectivity"
        ));
        assert!(!is_bad_program(
            "OCI runtime create failed: unable to apply cgroup configuration: permission denied"
        ));
    }
}
