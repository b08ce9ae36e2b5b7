//! `docktutor layers`: which instruction made which layer of an image, and which bytes nobody sees any more.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};
use checker::Lang;
use checker::assert::size::human;
use checker::layers::{self, View};
use clap::{Args, ValueEnum};

use super::lint::{lang, terminal_lang};

/// A large image takes a while to come.
const PATIENCE: Duration = Duration::from_secs(600);

/// How many wasted files are shown.
const SHOWN: usize = 10;

/// Arguments of `layers`.
#[derive(Debug, Args)]
pub struct LayersArgs {
    /// The image: a name or an id.
    image: String,
    /// The Dockerfile that it was built from, to show its lines.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
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

/// Prints the view. A missing image or file is wrong input (2), an engine that does not answer a fault (3).
pub async fn run(args: LayersArgs) -> anyhow::Result<u8> {
    let lang = args.lang.unwrap_or_else(terminal_lang);
    let tree = match &args.file {
        None => None,
        Some(file) => match std::fs::read(file) {
            Ok(bytes) => Some(dockerfile::parse(&bytes)),
            Err(error) => {
                eprintln!("docktutor: {}: {error}", file.display());
                return Ok(super::USAGE);
            }
        },
    };
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    let socket = match host.strip_prefix("unix://") {
        Some(socket) => socket,
        None if host.is_empty() => "/var/run/docker.sock",
        None => {
            eprintln!(
                "docktutor: DOCKER_HOST is {host}; only engines on unix sockets can be asked"
            );
            return Ok(super::USAGE);
        }
    };
    let reading = async {
        let docker = Docker::connect_with_unix(socket, PATIENCE.as_secs(), API_DEFAULT_VERSION)?;
        let docker = docker.negotiate_version().await?;
        let id = docker.inspect_image(&args.image).await?.id;
        checker::check::saved(&docker, id.as_deref().unwrap_or(&args.image)).await
    };
    let archive = match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok(archive)) => archive,
        Ok(Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404, ..
        })) => {
            eprintln!(
                "docktutor: there is no image {}; `docker images` shows what is there",
                args.image
            );
            return Ok(super::USAGE);
        }
        Ok(Err(error)) => {
            eprintln!("docktutor: the engine at {socket}: {error}");
            return Ok(super::FAULT);
        }
        Err(_) => {
            eprintln!("docktutor: the engine at {socket} did not send the image in time");
            return Ok(super::FAULT);
        }
    };
    let view = layers::view(&archive, tree.as_ref());
    let output = match args.format {
        Format::Text => text(&view, lang),
        Format::Json => {
            let document = serde_json::json!({"version": 1, "image": args.image, "view": view});
            serde_json::to_string_pretty(&document)? + "\n"
        }
    };
    match std::io::stdout().lock().write_all(output.as_bytes()) {
        // The reader may have seen enough, as `head` has.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        other => other.map(|()| 0).map_err(Into::into),
    }
}

fn text(view: &View, lang: Lang) -> String {
    let mut out = String::new();
    let _ = match lang {
        Lang::Ko => writeln!(out, "레이어      크기    가려짐   줄  명령"),
        Lang::En => writeln!(out, "layer       size    hidden line  instruction"),
    };
    for step in &view.steps {
        let layer = step
            .layer
            .map_or_else(|| "-".to_owned(), |layer| layer.to_string());
        let size = step.layer.map_or_else(String::new, |_| human(step.bytes));
        let wasted = match step.wasted {
            0 => String::new(),
            bytes => human(bytes),
        };
        let line = step.line.map_or_else(String::new, |line| line.to_string());
        let shown = super::cache::cut(&step.instruction);
        let _ = writeln!(out, "{layer:>5} {size:>10} {wasted:>9} {line:>4}  {shown}");
    }
    let (bytes, wasted) = (human(view.bytes), human(view.wasted));
    let percent = view.efficiency * 100.0;
    let _ = match lang {
        Lang::Ko => writeln!(
            out,
            "\n파일 {bytes} 가운데 {wasted}가 뒤의 레이어에 가려져 있어요. 컨테이너에서 보이는 것은 {percent:.1}%예요."
        ),
        Lang::En => writeln!(
            out,
            "\nOf {bytes} of files {wasted} are hidden by later layers; {percent:.1} % can be seen in a container."
        ),
    };
    for file in view.wasted_files.iter().take(SHOWN) {
        let _ = match lang {
            Lang::Ko => writeln!(
                out,
                "{:>10}  /{} ({}벌, 레이어 {}에서 가려짐)",
                human(file.bytes),
                file.path,
                file.copies,
                file.hidden_by
            ),
            Lang::En => writeln!(
                out,
                "{:>10}  /{} (copies: {}, hidden by layer {})",
                human(file.bytes),
                file.path,
                file.copies,
                file.hidden_by
            ),
        };
    }
    out
}
