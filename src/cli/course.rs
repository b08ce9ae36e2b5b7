//! `docktutor course`: what authors of a course need.

use std::path::PathBuf;

use anyhow::Context as _;
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
pub fn run(args: CourseArgs) -> anyhow::Result<u8> {
    match args.command {
        CourseCommand::Schema { of, output } => {
            write_output(output.as_deref(), &schema(of)).context("the schema cannot be written")?;
            Ok(0)
        }
    }
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
