//! `docktutor gateway`: a scope on an engine without the server, for graders, CI, and whoever wants one; and what became
//! of those that were opened before.

mod left;
pub(super) mod limits;
mod open;
mod show;
mod standing;
mod tools;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::USAGE;
use crate::data;
use standing::Standing;

/// Arguments of `gateway`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct GatewayArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    open: open::OpenArgs,
    /// Folder for the scopes' books.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the scopes that are open or were left behind.
    List {
        /// How the list is written.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Say what scopes use of what they may have.
    Usage {
        /// The scopes; all of them without a name.
        names: Vec<String>,
        /// How it is written.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Remove the containers, volumes, networks and images of scopes; the scopes stay.
    Reset {
        /// The scopes.
        #[arg(required = true)]
        names: Vec<String>,
        /// How it is written.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Remove scopes with everything that they have. Their workspaces stay.
    Remove {
        /// The scopes.
        #[arg(required = true)]
        names: Vec<String>,
        /// End those that are open first.
        #[arg(long, short)]
        force: bool,
        /// Forget them although their engine does not answer; what they have stays on it.
        #[arg(long)]
        without_engine: bool,
        /// How it is written.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Opens a scope until Ctrl+C, or looks after those that there are.
pub async fn run(args: GatewayArgs) -> anyhow::Result<u8> {
    let data = data::folder(args.data);
    match args.action {
        None => open::run(&data, args.open).await,
        Some(Action::List { format }) => show::list(&Standing::all(&data)?, format),
        Some(Action::Usage { names, format }) => {
            let scopes = match found(&data, &names)? {
                Ok(scopes) => scopes,
                Err(code) => return Ok(code),
            };
            let mut all = Vec::new();
            for scope in &scopes {
                all.push((scope.name.clone(), left::usage(&data, scope).await?));
            }
            show::usage(&all, format)
        }
        Some(Action::Reset { names, format }) => {
            let scopes = match found(&data, &names)? {
                Ok(scopes) => scopes,
                Err(code) => return Ok(code),
            };
            for scope in &scopes {
                left::reset(&data, scope).await?;
            }
            show::done("reset", "Reset", &names, format)
        }
        Some(Action::Remove {
            names,
            force,
            without_engine,
            format,
        }) => {
            let scopes = match found(&data, &names)? {
                Ok(scopes) => scopes,
                Err(code) => return Ok(code),
            };
            for scope in &scopes {
                if !force && let Some(process) = scope.open_in()? {
                    eprintln!(
                        "docktutor: {:?} is open in process {process}: end that, or say --force",
                        scope.name
                    );
                    return Ok(USAGE);
                }
                scope.end().await?;
                left::remove(&data, scope, without_engine).await?;
            }
            show::done("removed", "Removed", &names, format)
        }
    }
}

/// The scopes of these names; all without a name. A name that is none is wrong usage.
fn found(data: &Path, names: &[String]) -> anyhow::Result<Result<Vec<Standing>, u8>> {
    let all = Standing::all(data)?;
    if names.is_empty() {
        return Ok(Ok(all));
    }
    let mut scopes = Vec::new();
    for name in names {
        let Some(scope) = all.iter().find(|scope| scope.name == *name) else {
            eprintln!(
                "docktutor: there is no scope named {name:?}; `docktutor gateway list` shows them"
            );
            return Ok(Err(USAGE));
        };
        scopes.push(scope.clone());
    }
    Ok(Ok(scopes))
}

/// Removes every scope that was left behind, for `uninstall`. Says which are open, and then removes none.
pub(super) async fn remove_all(data: &Path, without_engine: bool) -> anyhow::Result<Vec<String>> {
    let all = Standing::all(data)?;
    for scope in &all {
        if let Some(process) = scope.open_in()? {
            anyhow::bail!(
                "The scope {:?} is open in process {process}. End it first, then uninstall.",
                scope.name
            );
        }
    }
    for scope in &all {
        left::remove(data, scope, without_engine).await?;
    }
    Ok(all.into_iter().map(|scope| scope.name).collect())
}

/// Whether there are scopes that were opened without the server.
pub(super) fn any(data: &Path) -> bool {
    Standing::all(data).is_ok_and(|all| !all.is_empty())
}
