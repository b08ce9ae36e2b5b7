//! `docktutor render`: the HTML of a Markdown file, as the pages show it.

use std::io::Write as _;
use std::path::PathBuf;

use checker::Lang;
use clap::Args;

use crate::course::markdown::{self, Options};

/// Arguments of `render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The Markdown file; `-` reads the standard input.
    file: PathBuf,
    /// Language of the words that the renderer adds, such as a callout's default title: ko or en.
    #[arg(long, default_value = "en", value_parser = lang)]
    lang: Lang,
}

fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "ko" => Ok(Lang::Ko),
        "en" => Ok(Lang::En),
        _ => Err("the languages are ko and en".to_owned()),
    }
}

/// Prints the HTML. A file that cannot be read is wrong input: exit code 2.
pub fn run(args: RenderArgs) -> anyhow::Result<u8> {
    let name = args.file.display();
    let bytes = if args.file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(&args.file)
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("docktutor: {name} cannot be read: {error}");
            return Ok(super::USAGE);
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at]
                .iter()
                .filter(|&&b| b == b'\n')
                .count()
                + 1;
            eprintln!(
                "docktutor: {name} is not UTF-8 (line {line}); save it as UTF-8 and try again"
            );
            return Ok(super::USAGE);
        }
    };
    let options = Options {
        lang: args.lang,
        ..Options::default()
    };
    // An editor's byte order mark is not a part of the text.
    let html = markdown::render(text.trim_start_matches('\u{feff}'), &options);
    match std::io::stdout().lock().write_all(html.as_bytes()) {
        // The reader may have seen enough, as `head` has.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        other => other.map(|()| 0).map_err(Into::into),
    }
}
