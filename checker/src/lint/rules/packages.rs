//! Package managers in `RUN`.

use dockerfile::{Instruction, Span};

use crate::Severity::Info;
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell::{Arg, Command};

pub(super) fn subcommand(command: &Command) -> &str {
    command.subcommand().map_or("", |arg| arg.text.as_str())
}

/// Whether a `RUN` keeps something of the kind outside the image by `--mount`.
pub(super) fn mounted(instruction: &Instruction, kinds: &[&str], target: &str) -> bool {
    instruction.inner().flags.iter().any(|flag| {
        flag.name == "mount"
            && kinds.iter().any(|kind| flag.text.contains(kind))
            && flag.text.contains(target)
    })
}

/// The subcommand as a place: `apt-get install` without its packages.
pub(super) fn head(command: &Command, subcommand: &Arg) -> Span {
    command
        .argv()
        .first()
        .map_or(subcommand.span, |program| program.span.to(subcommand.span))
}

pub(super) fn find<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.args().iter().find(|arg| arg.text == name)
}

/// `apk add` that keeps its index.
pub(crate) static APK_CACHE: Rule = Rule {
    id: "apk-no-cache",
    aliases: &["DL3019"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("--no-cache 없는 apk add", "apk add without --no-cache"),
    what: t(
        "`--no-cache` 없는 `apk add`를 찾아요.",
        "Finds `apk add` without `--no-cache`.",
    ),
    why: t(
        "`--no-cache`를 주면 목록을 그때 받아 쓰고 이미지에 남기지 않아요. `apk update`도 따로 필요 없어요.",
        "With `--no-cache` the index is fetched, used and not kept. No `apk update` is needed either.",
    ),
    bad: &["FROM alpine:3.22\nRUN ⟦apk add⟧ curl\n"],
    good: &[
        "FROM alpine:3.22\nRUN apk add --no-cache curl\n",
        "FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apk apk add curl\n",
    ],
    check: |file, sink| {
        for (index, command) in file
            .commands()
            .filter(|(_, command)| command.program() == "apk")
        {
            let outside = mounted(
                &file.tree.instructions[index],
                &["type=cache"],
                "/var/cache/apk",
            ) || mounted(
                &file.tree.instructions[index],
                &["type=cache"],
                "/etc/apk/cache",
            );
            if let Some(add) =
                find(command, "add").filter(|_| !command.has_flag(&["--no-cache"]) && !outside)
            {
                sink.hit(
                    head(command, add),
                    say!(
                        file,
                        "`apk add`에 `--no-cache`가 없어요.",
                        "`apk add` has no `--no-cache`."
                    ),
                )
                .fix(
                    say!(file, "`--no-cache` 넣기", "Insert `--no-cache`"),
                    Span::new(add.span.end, add.span.end),
                    " --no-cache",
                );
            }
        }
    },
};

/// The `install` of a `pip install`, however pip is called.
fn pip_install(command: &Command) -> Option<&Arg> {
    let module = matches!(command.program(), "python" | "python3")
        && command
            .args()
            .windows(2)
            .any(|pair| pair[0].text == "-m" && pair[1].text == "pip");
    let pip = matches!(command.program(), "pip" | "pip2" | "pip3") || module;
    find(command, "install").filter(|_| pip)
}

/// pip keeps what it downloads.
pub(crate) static PIP_CACHE: Rule = Rule {
    id: "pip-cache",
    aliases: &["DL3042"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("이미지에 남는 pip 캐시", "pip's cache stays in the image"),
    what: t(
        "`--no-cache-dir` 없는 `pip install`을 찾아요.",
        "Finds `pip install` without `--no-cache-dir`.",
    ),
    why: t(
        "pip는 내려받은 파일을 다음을 위해 남겨 두지만, 이미지에는 다음이 없어요. `--no-cache-dir`을 주면 그만큼 이미지가 작아져요.",
        "pip keeps downloads for the next time, and in an image there is none. With `--no-cache-dir` the image is smaller by that much.",
    ),
    bad: &[
        "FROM python:3.13\nRUN ⟦pip install⟧ flask\n",
        "FROM python:3.13\nRUN ⟦python -m pip install⟧ flask\n",
    ],
    good: &[
        "FROM python:3.13\nRUN pip install --no-cache-dir flask\n",
        "FROM python:3.13\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask\n",
        "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n",
    ],
    check: |file, sink| {
        for (index, command) in file.commands() {
            let Some(install) = pip_install(command) else {
                continue;
            };
            let by_variable = file
                .scopes
                .at(file.tree, index)
                .get("PIP_NO_CACHE_DIR")
                .is_some_and(|variable| variable.value.as_deref() != Some("0"))
                || command
                    .assignments
                    .iter()
                    .any(|arg| arg.text.starts_with("PIP_NO_CACHE_DIR="));
            let outside = mounted(&file.tree.instructions[index], &["type=cache"], "cache");
            if !command.has_flag(&["--no-cache-dir"]) && !by_variable && !outside {
                sink.hit(
                    head(command, install),
                    say!(
                        file,
                        "`pip install`의 캐시가 이미지에 남아요.",
                        "The cache of this `pip install` stays in the image."
                    ),
                )
                .fix(
                    say!(file, "`--no-cache-dir` 넣기", "Insert `--no-cache-dir`"),
                    Span::new(install.span.end, install.span.end),
                    " --no-cache-dir",
                );
            }
        }
    },
};

/// Packages without a version.
pub(crate) static PIN_VERSIONS: [Rule; 3] = [
    pin(
        "pin-apt-versions",
        &["DL3008"],
        t("버전 없는 apt 패키지", "apt packages without a version"),
        &["FROM debian:13\nRUN apt-get update && apt-get install -y ⟦curl⟧\n"],
        &["FROM debian:13\nRUN apt-get update && apt-get install -y curl=8.14.1-2\n"],
        |file, sink| {
            pins(
                file,
                sink,
                |command| find(command, "install").filter(|_| command.program() == "apt-get"),
                &["="],
            );
        },
    ),
    pin(
        "pin-pip-versions",
        &["DL3013"],
        t("버전 없는 pip 패키지", "pip packages without a version"),
        &["FROM python:3.13\nRUN pip install ⟦flask⟧\n"],
        &[
            "FROM python:3.13\nRUN pip install flask==3.1.0\n",
            "FROM python:3.13\nRUN pip install -r requirements.txt .\n",
        ],
        |file, sink| {
            pins(
                file,
                sink,
                pip_install,
                &["==", ">=", "<=", "~=", "!=", ">", "<", "@", "/", ".whl"],
            );
        },
    ),
    pin(
        "pin-apk-versions",
        &["DL3018"],
        t("버전 없는 apk 패키지", "apk packages without a version"),
        &["FROM alpine:3.22\nRUN apk add --no-cache ⟦curl⟧\n"],
        &["FROM alpine:3.22\nRUN apk add --no-cache curl=8.14.1-r1\n"],
        |file, sink| {
            pins(
                file,
                sink,
                |command| find(command, "add").filter(|_| command.program() == "apk"),
                &["=", "<", ">", "~"],
            );
        },
    ),
];

const fn pin(
    id: &'static str,
    aliases: &'static [&'static str],
    title: crate::lint::Text,
    bad: &'static [&'static str],
    good: &'static [&'static str],
    check: fn(&File<'_>, &mut Sink<'_>),
) -> Rule {
    Rule {
        id,
        aliases,
        severity: Info,
        on: false,
        mistake: None,
        title,
        what: t(
            "버전을 적지 않고 설치하는 패키지를 찾아요.",
            "Finds packages that are installed without a version.",
        ),
        why: t(
            "버전을 적지 않으면 빌드할 때마다 그날의 최신판이 설치돼요. 똑같이 다시 만들어야 하는 이미지라면 버전을 적어 보세요. 배포판의 저장소는 옛 버전을 지우기도 하니, 늘 좋은 것만은 아니에요.",
            "Without a version each build installs the newest of the day. Write versions where an image must come out the same again. Distributions drop old versions, so this is not always a gain.",
        ),
        bad,
        good,
        check,
    }
}

fn pins(
    file: &File<'_>,
    sink: &mut Sink<'_>,
    install: impl Fn(&Command) -> Option<&Arg>,
    signs: &[&str],
) {
    for (_, command) in file.commands() {
        let Some(start) = install(command) else {
            continue;
        };
        let mut takes_value = false;
        for arg in command
            .args()
            .iter()
            .filter(|arg| arg.at.0 > start.at.0 || arg.span.start > start.span.start)
        {
            let text = arg.text.as_str();
            if std::mem::take(&mut takes_value) {
                continue;
            }
            if text.starts_with('-') {
                takes_value = matches!(
                    text,
                    "-r" | "-c"
                        | "-t"
                        | "-e"
                        | "-i"
                        | "-o"
                        | "--requirement"
                        | "--constraint"
                        | "--target"
                        | "--index-url"
                        | "--extra-index-url"
                        | "--virtual"
                        | "--repository"
                        | "-X"
                );
                continue;
            }
            if !text.contains('$')
                && !text.starts_with('.')
                && !text.contains('/')
                && !signs.iter().any(|sign| text.contains(sign))
            {
                sink.hit(
                    arg.span,
                    say!(
                        file,
                        "`{text}` 패키지의 버전을 적지 않았어요.",
                        "The package `{text}` has no version."
                    ),
                );
            }
        }
    }
}
