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

use clap::{Parser, Subcommand};

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
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("docktutor: cannot start: {error}");
            return ExitCode::from(FAULT);
        }
    };
    let result = runtime.block_on(async {
        match arguments.command {
            Command::Serve(args) => serve::run(args).await,
            Command::Learner(args) => learner::run(args).await,
            Command::Check(args) => check::run(args).await,
            Command::Gateway(args) => gateway::run(args).await,
            Command::Course(args) => course::run(args).await,
            Command::Grade(args) => grade::run(args).await,
            Command::Watch(args) => watch::run(args).await,
            Command::Lint(args) => lint::run(args),
            Command::Cache(args) => cache::run(&args),
            Command::Layers(args) => layers::run(args).await,
            Command::Explain(args) => explain::run(&args),
            Command::Book(args) => book::run(args).await,
            Command::Render(args) => render::run(args),
            Command::Doctor(args) => doctor::run(args).await,
            Command::Images(args) => images::run(args).await,
            Command::Uninstall(args) => uninstall::run(args).await,
        }
    });
    // A blocking thread that waits for a file must not keep the process.
    runtime.shutdown_background();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("docktutor: {error:#}");
            ExitCode::from(FAULT)
        }
    }
}
