//! `docktutor cache`: which build steps an edit rebuilds, and why. Nothing is built.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use checker::Lang;
use checker::forecast::{Builder, Files, Forecast, Project, Step, forecast};
use clap::{Args, ValueEnum};
use dockerfile::Dockerfile;
use dockerfile::ignore::{Ignore, clean};
use unicode_width::UnicodeWidthStr as _;

use super::lint::{lang, terminal_lang};

/// The widest that an instruction is shown.
const WIDEST: usize = 56;

/// Arguments of `cache`.
#[derive(Debug, Args)]
pub struct CacheArgs {
    /// The build context as it was built last.
    dir: PathBuf,
    /// The Dockerfile, relative to the context.
    #[arg(long, default_value = "Dockerfile", value_name = "FILE")]
    file: String,
    /// A file of the context that would be edited. May be repeated.
    #[arg(long, value_name = "PATH", conflicts_with = "against")]
    edit: Vec<String>,
    /// The context after the edit, as another folder.
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// A build argument that the next build gets, NAME=VALUE. May be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    build_arg: Vec<(String, String)>,
    /// The stage that is built; without it the last one.
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
    /// Whose rules to follow; without it both, and where they differ.
    #[arg(long, value_enum)]
    builder: Option<Rules>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = lang)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rules {
    /// The engine's own builder, DOCKER_BUILDKIT=0.
    Classic,
    /// BuildKit, the default of today's docker.
    Buildkit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a build argument is written NAME=VALUE".to_owned()),
    }
}

/// A context and its Dockerfile.
struct Side {
    dockerfile: Dockerfile,
    files: Files,
}

/// Prints the forecast. A folder or file that cannot be read is wrong input: exit code 2.
pub fn run(args: &CacheArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(terminal_lang);
    let (before, after, notes) = match sides(args, lang) {
        Ok(sides) => sides,
        Err(reason) => {
            eprintln!("docktutor: {reason}");
            return Ok(super::USAGE);
        }
    };
    let builders = match args.builder {
        Some(Rules::Classic) => vec![Builder::Classic],
        Some(Rules::Buildkit) => vec![Builder::Buildkit],
        None => vec![Builder::Buildkit, Builder::Classic],
    };
    let (none, given) = (BTreeMap::new(), args.build_arg.iter().cloned().collect());
    let project = |side, args_of| project(side, args_of, args.target.as_deref());
    let forecasts: Vec<Forecast> = builders
        .into_iter()
        .map(|builder| {
            let (before, after) = (project(&before, &none), project(&after, &given));
            forecast(&before, &after, builder)
        })
        .collect();
    let output = match args.format {
        Format::Text => text(&forecasts, &notes, lang),
        Format::Json => json(&forecasts, &notes, lang)?,
    };
    match std::io::stdout().lock().write_all(output.as_bytes()) {
        // The reader may have seen enough, as `head` has.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        other => other.map(|()| 0).map_err(Into::into),
    }
}

fn project<'a>(
    side: &'a Side,
    args: &'a BTreeMap<String, String>,
    target: Option<&'a str>,
) -> Project<'a> {
    Project {
        dockerfile: &side.dockerfile,
        files: &side.files,
        args,
        target,
    }
}

/// Both sides of the edit, and what is to say about the edited files.
fn sides(args: &CacheArgs, lang: Lang) -> Result<(Side, Side, Vec<String>), String> {
    let before = side(&args.dir, &args.file, lang)?;
    let mut notes = Vec::new();
    let after = match &args.against {
        Some(dir) => side(dir, &args.file, lang)?,
        None => {
            let mut after = side(&args.dir, &args.file, lang)?;
            let ignore = std::fs::read(args.dir.join(".dockerignore")).unwrap_or_default();
            let ignore = Ignore::parse(&ignore);
            for edited in &args.edit {
                let path = clean(edited);
                if path.starts_with('/') || path.starts_with("..") {
                    return Err(format!("{edited} lies outside of the context"));
                }
                if args.dir.join(&path).is_dir() {
                    return Err(format!("{edited} is a folder; name the files in it"));
                }
                match ignore.deciding(&path).filter(|by| !by.exception) {
                    Some(by) => notes.push(ignored(&path, by.line, lang)),
                    None => after.files.touch(&path),
                }
            }
            after
        }
    };
    Ok((before, after, notes))
}

fn side(dir: &Path, file: &str, lang: Lang) -> Result<Side, String> {
    let path = dir.join(file);
    let shown = path.display();
    let metadata = std::fs::metadata(&path).map_err(|error| format!("{shown}: {error}"))?;
    if !metadata.is_file() || metadata.len() > dockerfile::MAX_SIZE as u64 {
        return Err(format!("{shown} is no Dockerfile of a sensible size"));
    }
    let bytes = std::fs::read(&path).map_err(|error| format!("{shown}: {error}"))?;
    Ok(Side {
        dockerfile: dockerfile::parse(&bytes),
        files: checker::check::context_files(dir, file, lang)?,
    })
}

fn ignored(path: &str, line: usize, lang: Lang) -> String {
    match lang {
        Lang::Ko => format!(
            "`{path}` 파일은 `.dockerignore` {line}번째 줄 때문에 빌드에 들어가지 않아요. 고쳐도 다시 빌드되는 단계가 없어요."
        ),
        Lang::En => format!(
            "`{path}` is left out of the build by line {line} of `.dockerignore`; its edit rebuilds nothing."
        ),
    }
}

fn text(forecasts: &[Forecast], notes: &[String], lang: Lang) -> String {
    let mut out = String::new();
    let Some((first, others)) = forecasts.split_first() else {
        return out;
    };
    let mut stage = None;
    for (at, step) in first.steps.iter().enumerate() {
        if step.stage != stage
            && first
                .steps
                .iter()
                .any(|step| step.stage.is_some_and(|s| s > 0))
        {
            let name = step.stage_name.clone();
            let name = name.or_else(|| step.stage.map(|stage| stage.to_string()));
            let word = lang.pick("스테이지", "stage");
            let _ = writeln!(out, "{word} {}", name.unwrap_or_default());
        }
        stage = step.stage;
        let shown = cut(&step.text);
        let gap = " ".repeat(WIDEST + 2 - shown.width().min(WIDEST));
        let _ = writeln!(
            out,
            "{:>3}  {shown}{gap}{}",
            step.number,
            step.fate.label(lang)
        );
        let _ = writeln!(out, "       {}", step.message(lang));
        for other in others {
            let twin = &other.steps[at];
            if twin.fate != step.fate {
                let (name, fate) = (other.builder.label(lang), twin.fate.label(lang));
                let _ = writeln!(out, "       {name}: {fate}. {}", twin.message(lang));
            }
        }
    }
    for note in notes {
        let _ = writeln!(out, "{note}");
    }
    for forecast in forecasts {
        let count = |fate| {
            forecast
                .steps
                .iter()
                .filter(|step| step.fate == fate)
                .count()
        };
        let (kept, built) = (forecast.reused(), count(checker::forecast::Fate::Rebuilt));
        let name = forecast.builder.label(lang);
        let _ = match lang {
            Lang::Ko => writeln!(out, "{name}: 재사용 {kept}단계, 다시 빌드 {built}단계"),
            Lang::En => writeln!(out, "{name}: {kept} reused, {built} rebuilt"),
        };
    }
    out
}

/// An instruction on one line of bearable width.
pub(super) fn cut(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut shown = String::new();
    for c in flat.chars() {
        if shown.width() + 2 > WIDEST {
            shown.push('…');
            break;
        }
        shown.push(c);
    }
    shown
}

fn json(forecasts: &[Forecast], notes: &[String], lang: Lang) -> serde_json::Result<String> {
    let step = |step: &Step| {
        let mut value = serde_json::to_value(step)?;
        value["message"] = step.message(lang).into();
        Ok(value)
    };
    let forecasts = forecasts
        .iter()
        .map(|forecast| {
            let steps: serde_json::Result<Vec<_>> = forecast.steps.iter().map(step).collect();
            Ok(serde_json::json!({"builder": forecast.builder, "reused": forecast.reused(), "steps": steps?}))
        })
        .collect::<serde_json::Result<Vec<_>>>()?;
    let document = serde_json::json!({"version": 1, "forecasts": forecasts, "notes": notes});
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
