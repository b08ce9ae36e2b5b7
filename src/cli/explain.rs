//! `docktutor explain`: what each part of a docker command means, and what is wrong with it. Nothing is run.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use checker::command::{self, Explanation, FactKind};
use checker::{Finding, Lang, Severity, lint};
use clap::{Args, ValueEnum};
use dockerfile::Source;

use super::lint::{lang, terminal_lang, text::block};

/// A command that has a mistake.
const MISTAKES: u8 = 1;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The command, in quotes: 'docker run -d -p 8080:80 nginx'.
    command: String,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = lang)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Explains one text. An empty one is wrong usage: exit code 2.
pub fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(terminal_lang);
    if args.command.trim().is_empty() {
        eprintln!("docktutor: there is no command to explain");
        return Ok(super::USAGE);
    }
    let found = command::explain(&args.command, lang);
    let output = match args.format {
        Format::Text => text(&args.command, &found, lang),
        Format::Json => serde_json::to_string_pretty(&found)? + "\n",
    };
    match std::io::stdout().lock().write_all(output.as_bytes()) {
        // The reader may have seen enough, as `head` has.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other?,
    }
    let wrong = found
        .facts
        .iter()
        .any(|fact| fact.kind == FactKind::Mistake);
    Ok(if wrong { MISTAKES } else { 0 })
}

fn text(typed: &str, found: &Explanation, lang: Lang) -> String {
    let mut out = String::new();
    for part in &found.parts {
        let _ = writeln!(out, "{}\n    {}", part.text, part.meaning);
    }
    if !found.parts.is_empty() && !found.facts.is_empty() {
        out.push('\n');
    }
    let source = Source::new(typed.as_bytes());
    let colour = std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    for fact in &found.facts {
        let (rule, severity) = match fact.kind {
            FactKind::Mistake | FactKind::Different => ("command-mistake", Severity::Error),
            FactKind::Note => ("command-remark", Severity::Warning),
            FactKind::Unjudged => ("command-unjudged", Severity::Info),
        };
        let finding = Finding {
            rule: fact.mistake.unwrap_or(rule).to_owned(),
            aliases: Vec::new(),
            severity,
            message: fact.message.clone(),
            why: String::new(),
            mistake: fact.mistake.map(str::to_owned),
            file: "command".to_owned(),
            start: lint::position(&source, fact.start),
            end: lint::position(&source, fact.end),
            fix: None,
        };
        block(&mut out, "command", &source, &finding, lang, colour);
    }
    out
}
