//! `docktutor course`: what authors of a course need.

mod check;
mod new;

use std::path::PathBuf;

use anyhow::Context as _;
use checker::Lang;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::output::write_output;

/// Arguments of `course`.
#[derive(Debug, Args)]
pub struct CourseArgs {
    #[command(subcommand)]
    command: CourseCommand,
}

#[derive(Debug, Subcommand)]
enum CourseCommand {
    /// Print a JSON Schema (draft 2020-12), by which an editor completes and checks what is written.
    Schema {
        /// Of what.
        #[arg(value_enum, default_value = "exercise")]
        of: Document,
        /// Write it to this file.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Prove a course: its structure, what it covers, and every submission of every exercise.
    Check(check::ProveArgs),
    /// Write the skeleton of a lesson or an exercise, whole as it stands.
    New(new::NewArgs),
    /// Turn a study note into the skeleton of a lesson, and list its commands and mistakes beside it.
    Import(ImportArgs),
}

/// Arguments of `course import`.
#[derive(Debug, Args)]
struct ImportArgs {
    /// The note, as Obsidian or any other editor writes Markdown.
    note: PathBuf,
    /// The lesson's folder to be, `NN-name`; it must not be there yet.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Folder of the course whose exercises are looked up; by default the one in this program.
    #[arg(long, value_name = "DIR")]
    course: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// `exercise.yaml`.
    Exercise,
    /// `lesson.yaml`.
    Lesson,
    /// `images.yaml`.
    Images,
    /// The report of a check.
    Report,
}

/// Runs one of the author's commands.
pub async fn run(args: CourseArgs) -> anyhow::Result<u8> {
    match args.command {
        CourseCommand::Schema { of, output } => {
            write_output(output.as_deref(), &schema(of)).context("the schema cannot be written")?;
            Ok(0)
        }
        CourseCommand::Check(args) => check::run(args).await,
        CourseCommand::New(args) => new::run(&args),
        CourseCommand::Import(args) => import(&args),
    }
}

fn import(args: &ImportArgs) -> anyhow::Result<u8> {
    let wrong = |message: String| {
        eprintln!("docktutor: {message}");
        Ok(super::USAGE)
    };
    let note = match std::fs::read(&args.note).map(String::from_utf8) {
        Ok(Ok(note)) => note,
        Ok(Err(_)) => {
            return wrong(format!(
                "{} is not UTF-8; save it as UTF-8",
                args.note.display()
            ));
        }
        Err(error) => return wrong(format!("{} cannot be read: {error}", args.note.display())),
    };
    let id = args
        .to
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let number = id
        .split('-')
        .next()
        .and_then(|number| number.parse::<u32>().ok());
    if number.is_none() || !id.contains('-') {
        return wrong(format!(
            "`{id}` is no name of a lesson; a lesson's folder is called NN-name, such as 15-swarm"
        ));
    }
    let course = match super::find::course(args.course.as_deref()) {
        Ok(course) => course,
        Err(message) => return wrong(message),
    };
    let found = args.to.with_file_name(format!("{id}.found.md"));
    if args.to.exists() || found.exists() {
        return wrong(format!(
            "{} or {} is there already; nothing was written",
            args.to.display(),
            found.display()
        ));
    }
    let made = crate::course::import::import(&note, id, &course);
    std::fs::create_dir_all(&args.to)
        .with_context(|| format!("the folder {} cannot be made", args.to.display()))?;
    let (own, other) = match made.lang {
        Lang::Ko => ("ko.md", "en.md"),
        Lang::En => ("en.md", "ko.md"),
    };
    for (name, text) in [
        ("lesson.yaml", &made.lesson),
        (own, &made.text),
        (other, &made.other),
    ] {
        std::fs::write(args.to.join(name), text)?;
    }
    std::fs::write(&found, &made.found)?;
    eprintln!(
        "docktutor: {}: {} commands and {} mistakes found; they are listed in {}",
        args.to.display(),
        made.commands,
        made.mistakes,
        found.display()
    );
    Ok(0)
}

fn schema(of: Document) -> String {
    let schema: Value = match of {
        Document::Exercise => checker::schema::exercise(),
        Document::Lesson => crate::course::lesson_schema().to_value(),
        Document::Images => crate::sandbox::images::catalogue_schema().to_value(),
        Document::Report => checker::schema::report(),
    };
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_in_the_documentation_are_the_types() {
        for document in Document::value_variants() {
            let value = document.to_possible_value().unwrap();
            let name = value.get_name();
            let path = format!("docs/schema/{name}.schema.json");
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                kept == schema(*document),
                "{path} is not what the types say; renew it: cargo run -q -- course schema {name} --output {path}"
            );
        }
    }
}
