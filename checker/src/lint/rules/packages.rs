//! Package managers in `RUN`.

use std::collections::HashSet;

use dockerfile::{Instruction, Kind, Span};

use crate::Severity::{Error, Info, Warning};
use crate::lint::image::Image;
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell::{Arg, Command};

fn subcommand(command: &Command) -> &str {
    command.subcommand().map_or("", |arg| arg.text.as_str())
}

fn is_apt_get(command: &Command, subcommands: &[&str]) -> bool {
    command.program() == "apt-get"
        && command
            .args()
            .iter()
            .any(|arg| subcommands.contains(&arg.text.as_str()))
}

/// Whether a `RUN` keeps something of the kind outside the image by `--mount`.
fn mounted(instruction: &Instruction, kinds: &[&str], target: &str) -> bool {
    instruction.inner().flags.iter().any(|flag| {
        flag.name == "mount"
            && kinds.iter().any(|kind| flag.text.contains(kind))
            && flag.text.contains(target)
    })
}

/// The subcommand as a place: `apt-get install` without its packages.
fn head(command: &Command, subcommand: &Arg) -> Span {
    command
        .argv()
        .first()
        .map_or(subcommand.span, |program| program.span.to(subcommand.span))
}

fn find<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.args().iter().find(|arg| arg.text == name)
}

/// `apt`.
pub(crate) static APT: Rule = Rule {
    id: "apt-in-script",
    aliases: &["DL3027"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("apt 대신 apt-get", "apt-get instead of apt"),
    what: t("`RUN`에서 쓴 `apt`를 찾아요.", "Finds `apt` in `RUN`."),
    why: t(
        "`apt`는 사람이 터미널에서 쓰라고 만든 것이라 버전에 따라 동작이 바뀔 수 있어요. 스크립트에는 `apt-get`을 써요.",
        "`apt` is made for people at a terminal and may change between versions. Scripts use `apt-get`.",
    ),
    bad: &["FROM debian:13\nRUN ⟦apt⟧ update && ⟦apt⟧ install -y curl\n"],
    good: &["FROM debian:13\nRUN apt-get update && apt-get install -y curl\n"],
    check: |file, sink| {
        for (_, command) in file
            .commands()
            .filter(|(_, command)| command.program() == "apt")
        {
            let span = command.argv()[0].span;
            sink.hit(
                span,
                say!(
                    file,
                    "스크립트에서 `apt`를 썼어요.",
                    "This script uses `apt`."
                ),
            )
            .fix(
                say!(file, "`apt-get`으로 바꾸기", "Change it to `apt-get`"),
                span,
                "apt-get",
            );
        }
    },
};

/// `apt-get install` that asks.
pub(crate) static APT_YES: Rule = Rule {
    id: "apt-get-yes",
    aliases: &["DL3014"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("-y가 없는 apt-get", "apt-get without -y"),
    what: t(
        "`-y` 없는 `apt-get install`을 찾아요.",
        "Finds `apt-get install` without `-y`.",
    ),
    why: t(
        "`apt-get`은 설치하기 전에 \"계속할까요?\"라고 물어요. 빌드 중에는 대답할 사람이 없어서 그대로 멈춰요(`Abort.`).",
        "`apt-get` asks before it installs. Nobody is there to answer during a build, so it aborts.",
    ),
    bad: &["FROM debian:13\nRUN apt-get update && ⟦apt-get install⟧ curl\n"],
    good: &[
        "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
        "FROM debian:13\nRUN apt-get update && apt-get -qqy install curl\n",
        "FROM debian:13\nRUN apt-get update && yes | apt-get install curl\n",
    ],
    check: |file, sink| {
        for (index, command) in file.commands() {
            let Some(install) = find(command, "install").filter(|_| command.program() == "apt-get")
            else {
                continue;
            };
            let sure = command.has_flag(&["-y", "--yes", "--assume-yes"])
                || command
                    .args()
                    .iter()
                    .any(|arg| arg.text.starts_with("-qq") || arg.text.starts_with("-q=2"));
            let piped = command.before == crate::lint::shell::Join::Pipe;
            // Only the commands near by are looked at, so that a script of thousands costs no square.
            let configured = file.commands[index].iter().take(50).any(|other| {
                other
                    .words
                    .iter()
                    .take(50)
                    .any(|word| word.text.contains("Assume-Yes"))
            });
            if !sure && !piped && !configured {
                sink.hit(
                    head(command, install),
                    say!(
                        file,
                        "`apt-get install`에 `-y`가 없어요.",
                        "`apt-get install` has no `-y`."
                    ),
                )
                .fix(
                    say!(file, "`-y` 넣기", "Insert `-y`"),
                    Span::new(install.span.end, install.span.end),
                    " -y",
                );
            }
        }
    },
};

/// Recommended packages.
pub(crate) static APT_RECOMMENDS: Rule = Rule {
    id: "apt-get-recommends",
    aliases: &["DL3015"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("추천 패키지까지 설치", "Recommended packages"),
    what: t(
        "`--no-install-recommends` 없는 `apt-get install`을 찾아요.",
        "Finds `apt-get install` without `--no-install-recommends`.",
    ),
    why: t(
        "추천 패키지가 함께 설치되어 이미지가 커져요. `--no-install-recommends`를 주면 꼭 필요한 것만 설치해요.",
        "Recommended packages come along and make the image larger. With `--no-install-recommends` only what is needed is installed.",
    ),
    bad: &["FROM debian:13\nRUN apt-get update && ⟦apt-get install⟧ -y curl\n"],
    good: &[
        "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
    ],
    check: |file, sink| {
        for (_, command) in file.commands() {
            let off = command.has_flag(&["--no-install-recommends"])
                || command
                    .words
                    .iter()
                    .any(|word| word.text.contains("Install-Recommends"));
            if let Some(install) =
                find(command, "install").filter(|_| command.program() == "apt-get" && !off)
            {
                sink.hit(
                    head(command, install),
                    say!(
                        file,
                        "`apt-get install`이 추천 패키지까지 설치해요.",
                        "This `apt-get install` also installs recommended packages."
                    ),
                )
                .fix(
                    say!(
                        file,
                        "`--no-install-recommends` 넣기",
                        "Insert `--no-install-recommends`"
                    ),
                    Span::new(install.span.end, install.span.end),
                    " --no-install-recommends",
                );
            }
        }
    },
};

/// `apt-get install` with no list of packages.
pub(crate) static APT_UPDATE: Rule = Rule {
    id: "apt-get-update",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t(
        "apt-get update와 install의 자리",
        "Where apt-get update stands",
    ),
    what: t(
        "`apt-get update`와 다른 `RUN`에 있거나, `update` 없이 쓴 `apt-get install`을 찾아요.",
        "Finds `apt-get install` in another `RUN` than `apt-get update`, or without one.",
    ),
    why: t(
        "공식 이미지에는 패키지 목록이 없어서 `update` 없이는 \"Unable to locate package\"가 나와요. 따로 된 `RUN apt-get update`는 캐시에 남아 옛 목록을 계속 쓰게 해요. 한 `RUN`에서 `apt-get update && apt-get install`로 이어 보세요.",
        "Official images hold no package lists: without `update` the package cannot be located. An `update` in a `RUN` of its own stays in the cache, and old lists are used on. Join them in one `RUN`: `apt-get update && apt-get install`.",
    ),
    bad: &[
        "FROM debian:13\nRUN apt-get update\nRUN ⟦apt-get install⟧ -y curl\n",
        "FROM debian:13\nRUN ⟦apt-get install⟧ -y curl\n",
    ],
    good: &[
        "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
        "FROM debian:13\nCOPY x.deb /\nRUN apt-get install -y /x.deb\n",
        "FROM debian:13 AS a\nRUN ./setup.sh\nRUN apt-get install -y ./a.deb\n",
    ],
    check: |file, sink| {
        let mut updated: HashSet<usize> = HashSet::new();
        for (index, instruction) in file.tree.instructions.iter().enumerate() {
            let Some(stage) = file.tree.stage_of(index) else {
                continue;
            };
            if instruction.kind == Kind::From
                && file
                    .scopes
                    .parent(stage)
                    .is_some_and(|parent| updated.contains(&parent))
            {
                updated.insert(stage);
            }
            let mut here = mounted(instruction, &["type=cache", "type=bind"], "/var/lib/apt");
            for command in &file.commands[index] {
                here |= matches!(command.program(), "apt-get" | "apt")
                    && subcommand(command) == "update";
                let Some(install) = find(command, "install")
                    .filter(|_| matches!(command.program(), "apt-get" | "apt"))
                else {
                    continue;
                };
                let packages: Vec<&Arg> = command
                    .args()
                    .iter()
                    .filter(|arg| !arg.text.starts_with('-') && arg.text != "install")
                    .collect();
                let local = !packages.is_empty()
                    && packages.iter().all(|arg| {
                        arg.text.contains('/')
                            || arg.text.ends_with(".deb")
                            || arg.text.contains('$')
                    });
                if here || local {
                    continue;
                }
                if updated.contains(&stage) {
                    sink.hit(head(command, install), say!(file, "`apt-get update`가 다른 `RUN`에 있어서, 캐시에 남은 옛 목록으로 설치할 수 있어요.", "`apt-get update` stands in another `RUN`, so this may install from an old list in the cache."));
                } else {
                    sink.hit(
                        head(command, install),
                        say!(
                            file,
                            "`apt-get update` 없이 설치하려고 해요.",
                            "This installs without an `apt-get update` before it."
                        ),
                    );
                }
            }
            if here {
                updated.insert(stage);
            }
        }
    },
};

/// The lists of packages stay in the image.
pub(crate) static APT_LISTS: Rule = Rule {
    id: "apt-get-lists",
    aliases: &["DL3009"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("남아 있는 apt 목록", "apt lists left behind"),
    what: t(
        "`apt-get update`가 받은 목록을 같은 `RUN`에서 지우지 않는 곳을 찾아요.",
        "Finds an `apt-get update` whose lists are not removed in the same `RUN`.",
    ),
    why: t(
        "받은 목록(수십 MB)이 레이어에 남아요. 다음 `RUN`에서 지워도 앞 레이어에는 그대로 있으니, 같은 `RUN` 끝에 `rm -rf /var/lib/apt/lists/*`를 이어 보세요.",
        "The lists (some dozen MB) stay in the layer. Removing them in a later `RUN` does not take them out of it: append `rm -rf /var/lib/apt/lists/*` to the same `RUN`.",
    ),
    bad: &["FROM debian:13\nRUN ⟦apt-get update⟧ && apt-get install -y curl\n"],
    good: &[
        "FROM debian:13\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
        "FROM debian:13 AS build\nRUN apt-get update && apt-get install -y gcc\nFROM debian:13\nCOPY --from=build /app /app\n",
        "FROM debian:13\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get update && apt-get install -y curl\n",
    ],
    check: |file, sink| {
        let kept = file.final_chain();
        for (index, commands) in file.commands.iter().enumerate() {
            if !file
                .tree
                .stage_of(index)
                .is_some_and(|stage| kept.contains(&stage))
            {
                continue;
            }
            let removed = commands.iter().any(|command| {
                command
                    .words
                    .iter()
                    .any(|word| word.text.contains("/var/lib/apt"))
            });
            let outside = mounted(
                &file.tree.instructions[index],
                &["type=cache", "type=tmpfs"],
                "/var/lib/apt",
            );
            let update = commands.iter().find(|command| {
                is_apt_get(command, &["update"])
                    || (command.program() == "apt" && subcommand(command) == "update")
            });
            if let Some((command, update)) =
                update.and_then(|command| Some((command, find(command, "update")?)))
                && !removed
                && !outside
            {
                sink.hit(
                    head(command, update),
                    say!(
                        file,
                        "`apt-get update`가 받은 목록이 이미지에 남아요.",
                        "The lists of this `apt-get update` stay in the image."
                    ),
                );
            }
        }
    },
};

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

/// A package manager that the base image does not have.
pub(crate) static WRONG_MANAGER: Rule = Rule {
    id: "package-manager-of-base",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "베이스에 없는 패키지 관리자",
        "Package manager that the base lacks",
    ),
    what: t(
        "Alpine 이미지의 `apt-get`, Debian 이미지의 `apk`처럼 베이스에 없는 패키지 관리자를 찾아요.",
        "Finds a package manager that the base does not have: `apt-get` on Alpine, `apk` on Debian.",
    ),
    why: t(
        "배포판마다 패키지 관리자가 달라요. Alpine은 `apk`, Debian과 Ubuntu는 `apt-get`이에요. 베이스 이미지의 태그에 `alpine`이 있는지 살펴보세요.",
        "Each distribution has its own: Alpine `apk`, Debian and Ubuntu `apt-get`. Does the base image's tag say `alpine`?",
    ),
    bad: &[
        "FROM python:3.13-alpine\nRUN ⟦apt-get⟧ update\n",
        "FROM python:3.13-slim\nRUN ⟦apk⟧ add curl\n",
        "FROM debian:13\nRUN ⟦dnf⟧ install -y curl\n",
    ],
    good: &[
        "FROM python:3.13-alpine\nRUN apk add --no-cache curl\n",
        "FROM python:3.13-slim\nRUN apt-get update\n",
        "FROM study/base:1\nRUN apk add --no-cache curl\n",
    ],
    check: |file, sink| {
        for (index, command) in file.commands() {
            let (family, right) = match file
                .tree
                .stage_of(index)
                .and_then(|stage| file.image(stage))
                .as_deref()
                .and_then(family)
            {
                Some(Family::Alpine) => ("Alpine", "apk"),
                Some(Family::Debian) => ("Debian", "apt-get"),
                None => continue,
            };
            let program = command.program();
            let wrong = match right {
                "apk" => matches!(
                    program,
                    "apt-get" | "apt" | "yum" | "dnf" | "microdnf" | "zypper"
                ),
                _ => matches!(program, "apk" | "yum" | "dnf" | "microdnf" | "zypper"),
            };
            if wrong {
                sink.hit(command.argv()[0].span, say!(file, "베이스 이미지가 {family} 계열이라 `{program}` 명령어가 없어요. 여기서는 `{right}`를 써요.", "The base image is of the {family} family and has no `{program}`; there it is `{right}`."));
            }
        }
    },
};

enum Family {
    Alpine,
    Debian,
}

/// The distribution of an official image, where its name and tag tell.
fn family(image: &str) -> Option<Family> {
    let parts = Image::new(image);
    let (name, tag) = (parts.official()?, parts.tag.unwrap_or(""));
    if name == "alpine" || (tag.contains("alpine") && OFFICIAL.contains(&name)) {
        return Some(Family::Alpine);
    }
    let debian = matches!(name, "debian" | "ubuntu")
        || (OFFICIAL.contains(&name)
            && !["windows", "nanoserver", "oracle", "ubi"]
                .iter()
                .any(|word| tag.contains(word)));
    debian.then_some(Family::Debian)
}

/// Official images that stand on Debian or Ubuntu unless their tag says `alpine`.
const OFFICIAL: [&str; 11] = [
    "python",
    "node",
    "nginx",
    "golang",
    "rust",
    "ruby",
    "php",
    "httpd",
    "postgres",
    "redis",
    "eclipse-temurin",
];

/// bash on Alpine.
pub(crate) static NO_BASH: Rule = Rule {
    id: "bash-on-alpine",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("Alpine에 없는 bash", "No bash on Alpine"),
    what: t(
        "Alpine 이미지에서 설치하지 않은 `bash`를 쓰는 곳을 찾아요.",
        "Finds `bash` on Alpine where it was not installed.",
    ),
    why: t(
        "작은 이미지에는 `/bin/sh`만 있고 `bash`가 없어요. `sh`로 충분한지 보고, 꼭 필요하면 `apk add --no-cache bash`로 설치하세요.",
        "Small images have `/bin/sh` and no `bash`. Will `sh` do? If not, install it with `apk add --no-cache bash`.",
    ),
    bad: &[
        "FROM alpine:3.22\nRUN ⟦bash⟧ setup.sh\n",
        "FROM node:22-alpine\nCMD [⟦\"/bin/bash\"⟧]\n",
    ],
    good: &[
        "FROM alpine:3.22\nRUN sh setup.sh\n",
        "FROM alpine:3.22\nRUN apk add --no-cache bash && bash setup.sh\n",
        "FROM node:22\nCMD [\"/bin/bash\"]\n",
    ],
    check: |file, sink| {
        for stage in 0..file.tree.stages.len() {
            if !file
                .image(stage)
                .as_deref()
                .and_then(family)
                .is_some_and(|family| matches!(family, Family::Alpine))
            {
                continue;
            }
            let first = file.tree.stages[stage].from;
            let instructions = file.tree.stage_instructions(stage);
            if file.scopes.parent(stage).is_some() {
                continue;
            }
            for (index, instruction) in instructions
                .iter()
                .enumerate()
                .map(|(at, instruction)| (first + at, instruction))
            {
                let mut installed = false;
                for command in &file.commands[index] {
                    installed |= command.program() == "apk" && find(command, "bash").is_some();
                    if command.program() == "bash" && !installed {
                        sink.hit(
                            command.argv()[0].span,
                            say!(
                                file,
                                "이 베이스 이미지에는 `bash`가 없어요.",
                                "This base image has no `bash`."
                            ),
                        );
                    }
                }
                if installed || instruction.flag("from").is_some() {
                    break;
                }
                if let (Kind::Cmd | Kind::Entrypoint | Kind::Shell, dockerfile::Body::Exec(words)) =
                    (instruction.kind, &instruction.body)
                    && let Some(word) = words
                        .first()
                        .filter(|word| matches!(word.value.as_str(), "bash" | "/bin/bash"))
                {
                    sink.hit(
                        word.span,
                        say!(
                            file,
                            "이 베이스 이미지에는 `bash`가 없어요.",
                            "This base image has no `bash`."
                        ),
                    );
                }
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
