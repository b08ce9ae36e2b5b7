//! Shells for a sandbox's terminals.

use std::sync::Weak;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::net::UnixStream;

use super::Sandbox;
use crate::sandbox::error::SandboxError;
use crate::sandbox::terminal::{OpenShell, Shell};
use crate::sandbox::{shell, workbench};

/// A shell is there within milliseconds of its start, except on a machine that has far too much to do.
pub(super) const SHELL: Duration = Duration::from_secs(15);

/// Gives a sandbox's terminals their shells, and does not keep the sandbox alive.
pub(super) struct Shells(pub(super) Weak<Sandbox>);

impl OpenShell for Shells {
    fn open(&self, number: u8) -> BoxFuture<'_, Result<Shell, SandboxError>> {
        Box::pin(async move {
            match self.0.upgrade() {
                Some(sandbox) => sandbox.open_shell(number).await,
                None => Err(SandboxError::new(
                    "The sandbox is gone.",
                    "Reload the page.",
                )),
            }
        })
    }
}

impl Sandbox {
    /// A shell's connection for a terminal.
    async fn open_shell(&self, number: u8) -> Result<Shell, SandboxError> {
        // Twice, because a workbench that stopped by itself is noticed on the way.
        for _ in 0..2 {
            self.start().await?;
            if let Ok(stream) = shell::connect(&self.folders.run(), number).await {
                let is_new = number == 1 && std::mem::take(&mut self.life().new_shell);
                return Ok(Shell { stream, is_new });
            }
            let (Some(id), Some(ground)) = (self.workbench(), self.shared.ground_now()) else {
                continue;
            };
            match workbench::start_shell(&ground.docker, &id, number).await {
                Ok(()) => {
                    let stream = self.wait_for_shell(number, SHELL).await?;
                    return Ok(Shell {
                        stream,
                        is_new: true,
                    });
                }
                Err(error) => {
                    let found =
                        workbench::list(&ground.docker, &self.shared.instance, Some(&self.scope))
                            .await?;
                    if found.iter().any(|found| found.id == id && found.running) {
                        return Err(error);
                    }
                    self.lost(&id);
                }
            }
        }
        Err(SandboxError::new(
            "Your workbench stops as soon as it runs.",
            "Reset the sandbox; your files are kept.",
        ))
    }

    pub(super) async fn wait_for_shell(
        &self,
        number: u8,
        limit: Duration,
    ) -> Result<UnixStream, SandboxError> {
        let end = Instant::now() + limit;
        loop {
            match shell::connect(&self.folders.run(), number).await {
                Ok(stream) => return Ok(stream),
                Err(_) if Instant::now() < end => {
                    tokio::time::sleep(Duration::from_millis(5)).await
                }
                Err(error) => return Err(SandboxError::engine("start a shell", &error)),
            }
        }
    }
}
