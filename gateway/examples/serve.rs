//! Serves one scope by hand: `serve ENGINE_SOCKET SCOPE SOCKET [REFERENCE=IMAGE_ID …]`.
//!
//! `INSTANCE` may hold the value of the label on everything that is made, `WORKBENCH` the id of a container in whose
//! network namespace ports are published.

use gateway::{Catalogue, CatalogueImage, Config, Gateway, Limits, ScopeSpec};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "serve ENGINE_SOCKET SCOPE SOCKET [REFERENCE=IMAGE_ID …]";
    let (upstream, name) = (
        arguments.next().ok_or(usage)?.into(),
        arguments.next().ok_or(usage)?,
    );
    let socket = std::path::PathBuf::from(arguments.next().ok_or(usage)?);
    let folder = socket.with_extension("ledger");
    let gateway = Gateway::open(Config {
        upstream,
        local: true,
        runtime: None,
        folder,
        instance: std::env::var("INSTANCE").unwrap_or_else(|_| "example".to_owned()),
    })
    .await?;
    let images = arguments.filter_map(|pair| {
        let (reference, id) = pair.split_once('=')?;
        Some((
            reference.to_owned(),
            CatalogueImage {
                id: id.to_owned(),
                stand_in: false,
                listed: true,
            },
        ))
    });
    gateway.set_catalogue(Catalogue(images.collect()));
    let scope = gateway
        .open_scope(ScopeSpec {
            name: name.clone(),
            socket,
            access: gateway::Access::Everybody,
            workspace: None,
            limits: Limits::default(),
        })
        .await?;
    scope.set_workbench(std::env::var("WORKBENCH").ok());
    tokio::signal::ctrl_c().await?;
    gateway.remove_scope(&name).await?;
    gateway.shutdown().await;
    Ok(())
}
