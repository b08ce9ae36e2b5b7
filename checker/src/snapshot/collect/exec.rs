//! A command that is run in a container of the learner's.

use std::time::Duration;

use bollard::exec::{CreateExecOptions, StartExecResults};
use futures_util::StreamExt;

use crate::engine::{Engine, Fault, MOST_OUTPUT, Output};
use crate::snapshot::{Container, ExecAsk, ExecSeen};

/// A command that has not ended by then is not waited for.
const LIMIT: Duration = Duration::from_secs(15);

/// Runs it where the container runs.
pub(super) async fn run(
    engine: &Engine,
    container: &Container,
    ask: &ExecAsk,
) -> Result<ExecSeen, Fault> {
    let mut seen = ExecSeen {
        command: ask.command.clone(),
        user: ask.user.clone(),
        ..ExecSeen::default()
    };
    if container.state != "running" {
        return Ok(seen);
    }
    let config = CreateExecOptions {
        cmd: Some(ask.command.clone()),
        user: Some(ask.user.clone()).filter(|user| !user.is_empty()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let exec = match engine
        .call(engine.docker.create_exec(&container.id, config))
        .await
    {
        Ok(exec) => exec.id,
        // It ended meanwhile.
        Err(Fault::Refused {
            status: 404 | 409, ..
        }) => return Ok(seen),
        Err(fault) => return Err(fault),
    };
    let mut output = Output::default();
    let reading = async {
        if let StartExecResults::Attached {
            output: mut stream, ..
        } = engine.docker.start_exec(&exec, None).await?
        {
            while let Some(piece) = stream.next().await {
                output.add(&piece?);
                if output.len() > MOST_OUTPUT {
                    break;
                }
            }
        }
        Ok::<_, bollard::errors::Error>(())
    };
    let ended = tokio::time::timeout(LIMIT.min(engine.left()), reading).await;
    seen.output = output.text();
    match ended {
        Ok(Ok(())) => {
            let found = engine.call(engine.docker.inspect_exec(&exec)).await?;
            seen.exit_code = found.exit_code;
        }
        // Some engines refuse to start a program that is not there, others give its exit code.
        Ok(Err(error)) => match Fault::of(&error) {
            Fault::Refused { status, why } if status < 500 || why.contains("exec") => {
                seen.exit_code = Some(127);
                seen.output = why;
            }
            fault => return Err(fault),
        },
        // Its own slowness, unless the engine does not answer at all.
        Err(_) => engine.is_alive().await?,
    }
    Ok(seen)
}
