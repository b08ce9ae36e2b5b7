//! `apt` and `apt-get` in `RUN`.

use std::collections::HashSet;

use dockerfile::{Kind, Span};

use super::packages::{find, head, mounted, subcommand};
use crate::Severity::{Info, Warning};
use crate::lint::rule::{Rule, say, t};
use crate::lint::shell::{Arg, Command};

fn is_apt_get(command: &Command, subcommands: &[&str]) -> bool {
    command.program() == "apt-get"
        && command
            .args()
            .iter()
            .any(|arg| subcommands.contains(&arg.text.as_str()))
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
