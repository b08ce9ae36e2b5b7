//! Opening a scope and serving its socket until it is ended.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::Args;
use gateway::{Access, CatalogueImage, Config, Gateway, ScopeSpec, Workspace};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::standing::{Note, Standing};
use super::{Format, limits, show};
use crate::cli::signals::stop_at_signal;
use crate::cli::{FAULT, USAGE};
use crate::data::instance_id;
use crate::sandbox::engine::{Engine, find_or_start, runtime};
use crate::sandbox::images::Images;

/// How long ending may take before it is given up: what is left then is found by the next command.
const END: Duration = Duration::from_secs(60);

/// Arguments that open a scope.
#[derive(Debug, Args)]
pub(super) struct OpenArgs {
    /// Open the scope of this name, 4 to 16 lower-case letters and digits, and serve it until Ctrl+C. One that was left
    /// behind goes on with what it has.
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,
    /// Where its socket shall be; only this user may use it. By default it is in the data folder.
    #[arg(long, value_name = "PATH", requires = "scope")]
    socket: Option<PathBuf>,
    /// The folder whose paths containers may bind, and no others.
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
    /// A limit, such as memory=512m, cpus=1.5, disk=2g, containers=5; may be given several times.
    #[arg(long = "limit", value_name = "NAME=VALUE", requires = "scope")]
    limits: Vec<String>,
    /// Let the scope have this image of the engine beside the course's; may be given several times.
    #[arg(long = "image", value_name = "IMAGE", requires = "scope")]
    images: Vec<String>,
    /// Remove the scope with everything in it when it ends. Otherwise its containers are stopped and kept.
    #[arg(long, requires = "scope")]
    rm: bool,
    /// How it is said that the scope is open.
    #[arg(long, value_enum, default_value = "text", requires = "scope")]
    format: Format,
}

/// Serves a scope until a signal.
pub(super) async fn run(data: &Path, args: OpenArgs) -> anyhow::Result<u8> {
    let Some(name) = &args.scope else {
        return usage("name the scope to open: docktutor gateway --scope NAME");
    };
    let limits = match limits::all(&args.limits) {
        Ok(limits) => limits,
        Err(message) => return usage(&message),
    };
    let standing = Standing::named(data, name);
    let socket = args.socket.clone().unwrap_or_else(|| standing.socket());
    let spec = ScopeSpec {
        name: name.clone(),
        socket: std::path::absolute(&socket)?,
        access: Access::Owner,
        workspace: Workspace::beside(&args.workspace),
        limits,
    };
    if let Err(error) = spec.check() {
        return usage(&error.to_string());
    }
    if !args.workspace.is_dir() {
        return usage(&format!("{} is no folder", args.workspace.display()));
    }
    let taken = || anyhow::anyhow!("{name:?} is open already; `docktutor gateway list` says where");
    if standing.folder.exists() && standing.open_in()?.is_some() {
        return Err(taken());
    }
    if let Some(problem) = unfit(&spec.socket) {
        return usage(&problem);
    }

    standing.make()?;
    let Some(_held) = standing.hold()? else {
        return Err(taken());
    };
    let stop = stop_at_signal()?;
    let engine = find_or_start(data, &instance_id(data)?).await?;
    let served = serve(data, &args, &standing, &engine, spec, &stop).await;
    engine.stop().await;
    served
}

async fn serve(
    data: &Path,
    args: &OpenArgs,
    standing: &Standing,
    engine: &Engine,
    spec: ScopeSpec,
    stop: &CancellationToken,
) -> anyhow::Result<u8> {
    let mut catalogue = Images::new(engine.clone(), data, &instance_id(data)?)
        .offered()
        .await?;
    for image in &args.images {
        let found = tokio::time::timeout(END, engine.docker.inspect_image(image)).await?;
        let Some(id) = found.ok().and_then(|found| found.id) else {
            return usage(&format!("the engine has no image {image}"));
        };
        let known = CatalogueImage {
            id,
            stand_in: false,
            listed: true,
        };
        catalogue.0.insert(image.clone(), known);
    }
    let opened = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Written before anything is made, so that a kill at any moment leaves what `remove` needs.
    standing.write(&Note {
        process: std::process::id(),
        opened: opened.as_secs(),
        engine: engine.endpoint.socket().to_owned(),
        remote: engine.endpoint.remote().cloned(),
        local: engine.is_local_root(),
        private: engine.is_private(),
        socket: spec.socket.clone(),
        workspace: args.workspace.canonicalize()?,
        limits: args.limits.clone(),
    })?;
    let gateway = Gateway::open(Config {
        upstream: engine.endpoint.socket().to_owned(),
        local: engine.is_local_root(),
        runtime: runtime(),
        folder: standing.ledger(),
        instance: standing.instance()?,
    })
    .await?;
    gateway.set_catalogue(catalogue);
    let (name, socket) = (spec.name.clone(), spec.socket.clone());
    let opened = match gateway.open_scope(spec).await {
        Ok(scope) => scope.tool_socket().map(|_| scope),
        Err(error) => Err(error),
    };
    let said = match opened {
        Ok(scope) => {
            scope.publish_here();
            if let Some(why) = gateway.firewall_problem() {
                eprintln!(
                    "docktutor: containers can reach services of the engine's host, metadata addresses and the internet: {why}"
                );
            }
            let said = say(&name, &socket, args.format);
            if said.is_ok() {
                stop.cancelled().await;
            }
            said
        }
        Err(error) => Err(error.into()),
    };
    let ended = tokio::time::timeout(END, end(&gateway, &name, args.rm)).await;
    let ended = ended.context("the scope does not end in time").flatten();
    gateway.shutdown().await;
    said?;
    match ended {
        Ok(()) if args.rm => {
            Gateway::clear_mounts(&standing.ledger())?;
            std::fs::remove_dir_all(&standing.folder)?;
            Ok(0)
        }
        Ok(()) => Ok(0),
        Err(error) => {
            eprintln!(
                "docktutor: {error:#}; `docktutor gateway remove {name}` removes what is left"
            );
            Ok(FAULT)
        }
    }
}

async fn end(gateway: &Gateway, name: &str, remove: bool) -> anyhow::Result<()> {
    if remove {
        gateway.remove_scope(name).await?;
    } else {
        gateway.stop_scope(name).await?;
    }
    Ok(())
}

fn say(name: &str, socket: &Path, format: Format) -> anyhow::Result<u8> {
    let host = format!("unix://{}", socket.display());
    show::print(&match format {
        Format::Json => format!(
            "{}\n",
            json!({ "scope": name, "socket": socket, "DOCKER_HOST": host, "DOCKER_BUILDKIT": "0", "process": std::process::id() })
        ),
        Format::Text => format!(
            "The scope {name} is open until Ctrl+C. In another terminal:\n  export DOCKER_HOST={host} DOCKER_BUILDKIT=0\n"
        ),
    })
}

/// Why no socket can be there: clients cannot name one with a long path, and what is there already is not ours to remove.
fn unfit(socket: &Path) -> Option<String> {
    use std::os::unix::fs::FileTypeExt as _;
    let shown = socket.display();
    if socket.as_os_str().len() > 107 {
        return Some(format!(
            "{shown} is too long for a socket: name a shorter path with --socket"
        ));
    }
    match std::fs::symlink_metadata(socket) {
        Ok(found) if !found.file_type().is_socket() => {
            Some(format!("{shown} is there already and no socket"))
        }
        Ok(_) if std::os::unix::net::UnixStream::connect(socket).is_ok() => {
            Some(format!("somebody answers at {shown} already"))
        }
        _ => None,
    }
}

fn usage(message: &str) -> anyhow::Result<u8> {
    eprintln!("docktutor: {message}");
    Ok(USAGE)
}
