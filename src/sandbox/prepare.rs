//! From nothing to ground: an engine, its images, the gateway.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Config, Gateway};

use super::error::SandboxError;
use super::ground::{Footing, Ground};
use super::images::Images;
use super::sandboxes::Inner;
use super::workbench::within;

/// The gateway compares its books with the engine.
const GATEWAY: Duration = Duration::from_secs(120);

pub(super) async fn prepare(inner: &Arc<Inner>) -> Result<Arc<Ground>, SandboxError> {
    let shared = &inner.shared;
    let say = |message: &str, progress| {
        shared.set_footing(Footing::Preparing {
            message: message.to_owned(),
            progress,
        });
    };
    let engine = inner.engine().await?;
    say("The images of the course are being prepared.", None);
    let images = Images::new(engine.clone(), &shared.data, &shared.instance);
    let prepared = images
        .prepare(&|progress| say(&progress.message, progress.fraction))
        .await
        .map_err(SandboxError::from)?;
    for (image, problem) in &prepared.missing {
        tracing::warn!(image, %problem, "an image of the course could not be prepared");
    }
    let stand_ins = prepared
        .catalogue
        .0
        .iter()
        .filter(|(_, image)| image.stand_in);
    let stand_ins = stand_ins.map(|(reference, _)| reference.clone()).collect();
    let config = Config {
        upstream: engine.endpoint.socket().to_owned(),
        local: engine.is_local_root(),
        runtime: super::engine::runtime(),
        folder: shared.data.join("gateway"),
        instance: shared.instance.clone(),
    };
    let gateway = within(GATEWAY, "be reached by the gateway", Gateway::open(config)).await?;
    gateway.set_catalogue(prepared.catalogue);
    Ok(Arc::new(Ground {
        docker: engine.docker.clone(),
        gateway,
        workbench: prepared.workbench,
        stand_ins,
    }))
}
