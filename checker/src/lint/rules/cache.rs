//! The order of the steps, and what it means for the build cache.

use dockerfile::{Kind, Word};

use crate::Severity::Warning;
use crate::lint::rule::{File, Rule, Sink, say, t};

/// Everything copied before the dependencies are installed.
pub(crate) static CACHE_ORDER: Rule = Rule {
    id: "cache-order",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("캐시를 못 쓰는 순서", "An order that defeats the cache"),
    what: t(
        "의존성을 설치하기 전에 소스 전체를 복사하는 곳을 찾아요.",
        "Finds a copy of all sources before the dependencies are installed.",
    ),
    why: t(
        "한 단계의 입력이 바뀌면 그 뒤는 모두 다시 빌드돼요. 소스를 먼저 복사하면 코드 한 줄만 고쳐도 의존성을 처음부터 다시 설치해요. 자주 바뀌지 않는 것(의존성 목록)을 먼저 복사하고 설치한 뒤, 소스를 복사해 보세요.",
        "When a step's input changes, every step after it is rebuilt. With the sources copied first, one changed line of code installs all dependencies anew. Copy what seldom changes (the list of dependencies) first, install, then copy the sources.",
    ),
    bad: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY ⟦.⟧ .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        "FROM node:22\nWORKDIR /app\nCOPY ⟦./⟧ ./\nRUN npm ci\n",
    ],
    good: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n",
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm run build\n",
        "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nCOPY . .\nRUN npm run build\n",
    ],
    check: cache_order,
};

fn cache_order(file: &File<'_>, sink: &mut Sink<'_>) {
    for stage in &file.tree.stages {
        let mut whole: Option<(&Word, bool)> = None;
        let mut installed = false;
        for (index, instruction) in file
            .tree
            .instructions
            .iter()
            .enumerate()
            .skip(stage.from)
            .skip(1)
        {
            if instruction.kind == Kind::From {
                break;
            }
            match instruction.kind {
                Kind::Copy | Kind::Add if instruction.flag("from").is_none() && whole.is_none() => {
                    let sources = instruction
                        .words()
                        .split_last()
                        .map_or(&[][..], |(_, sources)| sources);
                    whole = sources
                        .iter()
                        .find(|word| matches!(word.value.as_str(), "." | "./" | "/" | "./*" | "*"))
                        .map(|word| (word, installed));
                }
                Kind::Run => {
                    let found = file.commands[index]
                        .iter()
                        .find(|command| installs(command));
                    let cached = instruction
                        .flags
                        .iter()
                        .any(|flag| flag.name == "mount" && flag.text.contains("type=cache"));
                    let Some(command) = found else { continue };
                    if let Some((word, false)) = whole.filter(|_| !cached) {
                        let (text, name, line) =
                            (&word.value, command.program(), instruction.lines.0);
                        sink.hit(word.span, say!(file, "소스 전체(`{text}`)를 복사한 뒤에 {line}번째 줄에서 의존성을 설치해요(`{name}`).", "All sources (`{text}`) are copied before line {line} installs the dependencies (`{name}`)."));
                        break;
                    }
                    installed = true;
                }
                _ => {}
            }
        }
    }
}

/// Whether a command installs what a list in the sources names.
fn installs(command: &crate::lint::shell::Command) -> bool {
    let args: Vec<&str> = command.args().iter().map(|arg| arg.text.as_str()).collect();
    let first = command.subcommand().map_or("", |arg| arg.text.as_str());
    let names_nothing = args.iter().filter(|arg| !arg.starts_with('-')).count() <= 1;
    match command.program() {
        "pip" | "pip3" => {
            first == "install"
                && args
                    .iter()
                    .any(|arg| arg.starts_with("-r") || arg.starts_with("--requirement"))
        }
        "python" | "python3" => {
            args.starts_with(&["-m", "pip", "install"])
                && args.iter().any(|arg| arg.starts_with("-r"))
        }
        "npm" => matches!(first, "ci") || (matches!(first, "install" | "i") && names_nothing),
        "yarn" => first.is_empty() || first == "install",
        "pnpm" | "bun" => matches!(first, "install" | "i"),
        "poetry" | "pipenv" | "bundle" | "composer" => matches!(first, "install" | "sync"),
        "uv" => first == "sync",
        "go" => args.starts_with(&["mod", "download"]),
        _ => false,
    }
}
