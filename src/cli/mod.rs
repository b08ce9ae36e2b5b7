//! The command line: one file for each subcommand.
//!
//! Exit codes: 0 all well, 1 something did not pass, 2 wrong usage or input, 3 a fault of the tool or its surroundings
//! (engine, disk, rights, port).

pub mod book;
pub mod cache;
pub mod check;
pub mod course;
pub mod doctor;
pub mod explain;
mod find;
pub mod gateway;
pub mod grade;

pub mod images;
pub mod layers;
pub mod learner;
pub mod lint;
mod output;
mod place;
mod progress;
pub mod render;
pub mod serve;
mod signals;
mod token;
pub mod uninstall;
pub mod watch;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use rustix::process::{Resource, getrlimit, setrlimit};

/// Exit code for wrong usage or input.
pub const USAGE: u8 = 2;

/// Exit code for a fault of the tool or its surroundings.
pub const FAULT: u8 = 3;

/// Learn Docker by doing.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the tutor.
    Serve(serve::ServeArgs),
    /// Let another learner in, or list who may come in.
    Learner(learner::LearnerArgs),
    /// Check a folder against an exercise.
    Check(check::CheckArgs),
    /// Check many submissions at once, and keep their results.
    Grade(grade::GradeArgs),
    /// Work on an exercise in your own editor; every save is checked. Single keys do the rest: h shows a hint, c checks
    /// again, l lists the exercises, s shows the solution, r begins again, n goes on, q ends (without a terminal: a letter
    /// and Enter).
    Watch(watch::WatchArgs),
    /// Open a scope, a private view of an engine, without the server; list, empty and remove scopes.
    Gateway(gateway::GatewayArgs),
    /// For authors: the formats of a course.
    Course(course::CourseArgs),
    /// Say what is wrong in Dockerfiles, where, and why.
    Lint(lint::LintArgs),
    /// Say which build steps an edit rebuilds, and why, without building.
    Cache(cache::CacheArgs),
    /// Say which instruction made which layer of an image, and which bytes are wasted.
    Layers(layers::LayersArgs),
    /// Say what each part of a docker command means, and what is wrong with it.
    Explain(explain::ExplainArgs),
    /// Write the lessons as a book to read offline and to print.
    Book(book::BookArgs),
    /// Print the HTML of a Markdown file.
    Render(render::RenderArgs),
    /// Say what is there, what is wrong, and what mends it.
    Doctor(doctor::DoctorArgs),
    /// Say which images are ready, or make them ready.
    Images(images::ImagesArgs),
    /// Remove every trace of this installation.
    Uninstall(uninstall::UninstallArgs),
}

/// Runs one subcommand to its end.
pub fn main(arguments: Arguments) -> ExitCode {
    match run(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("docktutor: {error:#}");
            ExitCode::from(FAULT)
        }
    }
}

/// What only reads files and prints needs no runtime, whose threads would cost it half of its time.
fn run(command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Lint(args) => lint::run(args),
        Command::Cache(args) => cache::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Render(args) => render::run(args),
        Command::Serve(args) => wait(serve::run(args)),
        Command::Learner(args) => wait(learner::run(args)),
        Command::Check(args) => wait(check::run(args)),
        Command::Gateway(args) => wait(gateway::run(args)),
        Command::Course(args) => wait(course::run(args)),
        Command::Grade(args) => wait(grade::run(args)),
        Command::Watch(args) => wait(watch::run(args)),
        Command::Layers(args) => wait(layers::run(args)),
        Command::Book(args) => wait(book::run(args)),
        Command::Doctor(args) => wait(doctor::run(args)),
        Command::Images(args) => wait(images::run(args)),
        Command::Uninstall(args) => wait(uninstall::run(args)),
    }
}

/// Runs what speaks to engines, browsers and files at once.
fn wait(work: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let result = runtime.block_on(work);
    // A blocking thread that waits for a file must not keep the process.
    runtime.shutdown_background();
    result
}

/// Each connection is an open file here. Four learners whose programs hold all the connections that a scope may have would
/// use up the 1024 of most shells; how far a process may raise it is the operator's to say.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}
