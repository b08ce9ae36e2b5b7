//! `docktutor learner`: who may come in.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::token::new_token;
use crate::store::Store;

/// Arguments of `learner`.
#[derive(Debug, Args)]
pub struct LearnerArgs {
    #[command(subcommand)]
    command: Command,
    /// Folder for progress, workspaces and images.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let another learner in; prints that learner's address once.
    Add {
        /// What to call the learner.
        name: String,
        /// The address that the server listens on.
        #[arg(long, default_value = "127.0.0.1:8080", value_parser = super::serve::listen_address)]
        listen: SocketAddr,
    },
    /// List who may come in.
    List,
}

/// Runs the subcommand. The server may be running meanwhile.
pub async fn run(args: LearnerArgs) -> anyhow::Result<u8> {
    let data = crate::data::folder(args.data);
    std::fs::create_dir_all(&data)
        .with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let store = Store::open(&data).await?;
    match args.command {
        Command::Add { name, listen } => {
            let token = new_token().context("cannot make a token")?;
            let learner = store.add_learner(name.trim(), &token).await?;
            print_line(&format!(
                "{} may come in by http://{listen}/enter?token={token}",
                learner.name
            ));
        }
        Command::List => {
            for learner in store.learners().await? {
                print_line(&format!("{:>4}  {}", learner.id, learner.name));
            }
        }
    }
    store.close().await;
    Ok(0)
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print_line(line: &str) {
    println!("{line}");
}
