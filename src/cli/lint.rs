//! `docktutor lint`: what is wrong in Dockerfiles and Compose files, where, and why.

mod compose;
mod files;
mod github;
mod json;
pub(super) mod text;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use checker::compose::project::Loaded;
use checker::lint::{self, Options};
use checker::{Finding, Lang, Severity};
use clap::{Args, ValueEnum};
use dockerfile::{Dockerfile, Source};

/// Nothing at error severity.
const CLEAN: u8 = 0;
/// At least one error in a file.
const ERRORS: u8 = 1;
/// Wrong usage, or a file that cannot be read.
const USAGE: u8 = 2;

/// A fix may uncover the next; more rounds than this find nothing new.
const ROUNDS: usize = 10;

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Dockerfiles and Compose files, or folders with such files; `-` reads a Dockerfile from the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Print the tree too, of a Compose file also the effective model: one JSON object for each file, one on a line.
    #[arg(long)]
    ast: bool,
    /// Make the safe changes in the files, and print what is left.
    #[arg(long)]
    fix: bool,
    /// Language of all texts: ko or en; by default the terminal's.
    #[arg(long, value_parser = lang)]
    lang: Option<Lang>,
    /// Run a rule that is off by default: its id or alias, or `all`. May be repeated.
    #[arg(long, value_name = "RULE")]
    enable: Vec<String>,
    /// Leave a rule out: its id or alias. May be repeated.
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: the line and what is wrong in it.
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// One file that was looked at.
struct Looked {
    /// As named on the command line.
    path: String,
    content: Content,
    findings: Vec<Finding>,
}

/// What a file holds.
enum Content {
    Dockerfile(Box<Dockerfile>),
    /// One of the files of a Compose project.
    Project(Arc<Loaded>, usize),
}

impl Looked {
    fn source(&self) -> &Source {
        match &self.content {
            Content::Dockerfile(tree) => &tree.source,
            Content::Project(loaded, at) => loaded.files[*at].source(),
        }
    }
}

pub(super) fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "ko" => Ok(Lang::Ko),
        "en" => Ok(Lang::En),
        _ => Err("the languages are ko and en".to_owned()),
    }
}

/// Looks at every file and prints the findings.
pub fn run(args: LintArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(terminal_lang);
    let (enable, disable) = (names(&args.enable), names(&args.disable));
    if let Some(unknown) = enable
        .iter()
        .chain(&disable)
        .find(|name| **name != "all" && lint::rule(name).is_none())
    {
        let near = dockerfile::suggest(unknown, lint::RULES.iter().map(|rule| rule.id));
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        eprintln!("docktutor: there is no rule {unknown}{near}");
        return Ok(USAGE);
    }
    let (mut looked, mut unreadable) = (Vec::new(), false);
    let mut meant = Vec::new();
    for path in &args.files {
        match files::expand(path) {
            Ok(found) => meant.extend(found),
            Err(reason) => {
                eprintln!("docktutor: {}: {reason}", path.display());
                unreadable = true;
            }
        }
    }
    // What is mended is read by its neighbours in the project: then one after the other.
    let workers = if args.fix { 1 } else { usize::MAX };
    let judged = in_parallel(&meant, workers, |file| {
        if is_compose(file) {
            compose::look(file, lang, &enable, &disable, args.fix)
        } else {
            look(file, lang, &enable, &disable, args.fix).map(|one| vec![one])
        }
    });
    for (file, result) in meant.iter().zip(judged) {
        match result {
            Ok(many) => {
                for (at, one) in many.into_iter().enumerate() {
                    match looked
                        .iter_mut()
                        .find(|before: &&mut Looked| before.path == one.path)
                    {
                        // A project's other files may have been named, too; what was mended last is the news.
                        Some(before) if args.fix && at == 0 => *before = one,
                        Some(_) => {}
                        None => looked.push(one),
                    }
                }
            }
            Err(reason) => {
                eprintln!("docktutor: {}: {reason}", file.display());
                unreadable = true;
            }
        }
    }
    let output = match args.format {
        _ if args.ast => json::trees(&looked)?,
        Format::Text => text::findings(&looked, lang),
        Format::Json => json::findings(&looked)?,
        Format::Sarif => {
            checker::report::sarif_of_findings(looked.iter().flat_map(|one| &one.findings), lang)
        }
        Format::Github => github::findings(&looked),
    };
    match std::io::stdout().lock().write_all(output.as_bytes()) {
        // The reader may have seen enough, as `head` has.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other?,
    }
    let errors = looked
        .iter()
        .flat_map(|one| &one.findings)
        .any(|finding| finding.severity == Severity::Error);
    Ok(match (unreadable, errors) {
        (true, _) => USAGE,
        (false, true) => ERRORS,
        (false, false) => CLEAN,
    })
}

/// Judges every file, as many at once as there are processors and `most` allows; the answers are in the order of the files.
fn in_parallel<T: Send>(
    files: &[PathBuf],
    most: usize,
    judge: impl Fn(&Path) -> T + Sync,
) -> Vec<T> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = workers.min(files.len()).min(most);
    if workers < 2 {
        return files.iter().map(|file| judge(file)).collect();
    }
    let next = AtomicUsize::new(0);
    let (next, judge) = (&next, &judge);
    let mut answers: Vec<(usize, T)> = std::thread::scope(|scope| {
        let work = move || {
            let mut own = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(index) else {
                    return own;
                };
                own.push((index, judge(file)));
            }
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("judging a file does not panic"))
            .collect()
    });
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn names(list: &[String]) -> Vec<&str> {
    list.iter()
        .flat_map(|names| names.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Korean where the terminal's locale says so.
pub(super) fn terminal_lang() -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if locale.is_some_and(|locale| locale.starts_with("ko")) {
        Lang::Ko
    } else {
        Lang::En
    }
}

/// Reads one file, mends it where that is wanted, and judges it. The error is one sentence for the user.
fn look(
    path: &Path,
    lang: Lang,
    enable: &[&str],
    disable: &[&str],
    fix: bool,
) -> Result<Looked, String> {
    let stdin = path.as_os_str() == "-";
    let shown = if stdin {
        "Dockerfile".to_owned()
    } else {
        path.display().to_string()
    };
    let mut bytes = if stdin {
        read(std::io::stdin().lock())
    } else {
        open(path)?
    }
    .map_err(|error| format!("cannot be read: {error}"))?;
    let ignore = if stdin { None } else { ignore_file(path) };
    let options = Options {
        lang,
        ignore: ignore.as_deref(),
        enable,
        disable,
    };
    let judge = |bytes: &[u8]| lint::lint_dockerfile(&shown, bytes, &options);
    let mut findings = judge(&bytes);
    if fix && bytes.len() <= dockerfile::MAX_SIZE {
        let before = bytes.clone();
        for _ in 0..ROUNDS {
            let (mended, count) = lint::apply_fixes(&bytes, &findings);
            if count == 0 {
                break;
            }
            bytes = mended;
            findings = judge(&bytes);
        }
        if stdin {
            return Err("--fix needs a file to write to".to_owned());
        }
        if bytes != before {
            files::replace(path, &bytes).map_err(|error| format!("cannot be written: {error}"))?;
        }
    }
    Ok(Looked {
        path: shown,
        content: Content::Dockerfile(Box::new(dockerfile::parse(&bytes))),
        findings,
    })
}

/// YAML is read as a Compose file, whatever its name: `-f` takes any.
fn is_compose(path: &Path) -> bool {
    ["yaml", "yml"]
        .iter()
        .any(|ending| path.extension().is_some_and(|found| found == *ending))
}

fn open(path: &Path) -> Result<std::io::Result<Vec<u8>>, String> {
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err("is a folder; name the Dockerfile or Compose file in it".to_owned());
    }
    Ok(read(file))
}

/// One byte more than the parser takes tells it that the file is too large, whatever its size.
fn read(from: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(dockerfile::MAX_SIZE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The `.dockerignore` that a build with the file's folder as context uses: the file's own first.
fn ignore_file(path: &Path) -> Option<Vec<u8>> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let own = format!("{}.dockerignore", path.file_name()?.to_str()?);
    let file = File::open(folder.join(own))
        .or_else(|_| File::open(folder.join(".dockerignore")))
        .ok()?;
    read(file).ok()
}
