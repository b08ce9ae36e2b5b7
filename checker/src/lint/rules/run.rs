//! What `RUN` runs.

use dockerfile::{Instruction, Kind, Span};

use crate::Severity::{Error, Info, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell::{Command, Join};

/// `sudo`.
pub(crate) static SUDO: Rule = Rule {
    id: "sudo",
    aliases: &["DL3004"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("빌드에서 쓴 sudo", "sudo in a build"),
    what: t("`RUN`에서 쓴 `sudo`를 찾아요.", "Finds `sudo` in `RUN`."),
    why: t(
        "빌드는 처음부터 root로 실행되고, 공식 이미지에는 대개 `sudo`가 없어요. 그냥 지우면 돼요. 다른 사용자로 바꿨다면 `USER root`로 돌아오세요.",
        "A build runs as root to begin with, and most official images have no `sudo`. Leave it out; where the user was changed, come back with `USER root`.",
    ),
    bad: &[
        "FROM debian:13\nRUN ⟦sudo⟧ apt-get update\n",
        "FROM debian:13\nRUN env A=1 ⟦sudo⟧ make\n",
        "FROM debian:13\nRUN bash -c 'ls && ⟦sudo⟧ make'\n",
        "FROM debian:13\nRUN [\"sh\", \"-c\", \"ls && ⟦sudo⟧ make\"]\n",
    ],
    good: &[
        "FROM debian:13\nRUN apt-get update\n",
        "FROM debian:13\nRUN apt-get install -y sudo && echo 'sudo x'\n",
    ],
    check: |file, sink| {
        for (_, command) in file.commands() {
            // Also behind `env A=1`, `exec` and the like.
            let wrappers = command.words.len() - command.argv().len();
            let Some(at) = command.words[..wrappers]
                .iter()
                .position(|word| word.text == "sudo" || word.text.ends_with("/sudo"))
            else {
                continue;
            };
            let word = &command.words[at];
            let hit = sink.hit(
                word.span,
                say!(
                    file,
                    "빌드 안에서 `sudo`를 썼어요.",
                    "This uses `sudo` inside a build."
                ),
            );
            if let Some(next) = command
                .words
                .get(at + 1)
                .filter(|next| !next.text.starts_with('-'))
            {
                hit.fix(
                    say!(file, "`sudo` 지우기", "Remove `sudo`"),
                    Span::new(word.span.start, next.span.start),
                    "",
                );
            }
        }
    },
};

/// `cd`.
pub(crate) static CD: Rule = Rule {
    id: "cd-in-run",
    aliases: &["DL3003"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("WORKDIR 대신 쓴 cd", "cd instead of WORKDIR"),
    what: t("`RUN`에서 쓴 `cd`를 찾아요.", "Finds `cd` in `RUN`."),
    why: t(
        "`RUN`마다 새 셸이 열려서 `cd`는 그 줄에서만 통하고 다음 지시어에는 남지 않아요. 작업 디렉터리를 바꾸려면 어느 지시어를 쓸까요?",
        "Each `RUN` opens a new shell, so `cd` holds for that line only and not for the next instruction. Which instruction changes the working directory?",
    ),
    bad: &[
        "FROM node:22\nRUN ⟦cd /app⟧\nRUN npm ci\n",
        "FROM node:22\nRUN ⟦cd /app⟧ && npm ci\n",
    ],
    good: &[
        "FROM node:22\nWORKDIR /app\nRUN npm ci\n",
        "FROM node:22\nRUN (cd /tmp && make) && echo cd /app\n",
    ],
    check: |file, sink| {
        for (index, command) in file
            .commands()
            .filter(|(_, command)| command.program() == "cd" && !command.nested)
        {
            let alone = file.commands[index].len() == 1;
            let message = if alone {
                say!(
                    file,
                    "이 `cd`는 아무 효과가 없어요. 다음 지시어는 다시 원래 디렉터리에서 시작해요.",
                    "This `cd` has no effect: the next instruction starts in the old directory again."
                )
            } else {
                say!(
                    file,
                    "`RUN` 안에서 `cd`로 디렉터리를 옮겨요.",
                    "This `RUN` changes the directory with `cd`."
                )
            };
            sink.hit(command.span(), message);
        }
    },
};

/// Changes to a shell that ends at once.
pub(crate) static LOST_ENVIRONMENT: Rule = Rule {
    id: "lost-environment",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("사라지는 환경 설정", "Environment that is lost"),
    what: t(
        "`export`나 `source`로 끝나는 `RUN`을 찾아요.",
        "Finds a `RUN` that ends with `export` or `source`.",
    ),
    why: t(
        "`RUN`이 끝나면 그 셸도 끝나서, 거기서 정한 변수와 켠 가상 환경은 사라져요. 변수는 `ENV`로 정하고, 가상 환경은 `ENV PATH=/venv/bin:$PATH`처럼 경로를 앞에 넣어 보세요.",
        "When `RUN` ends, its shell ends too, and with it every variable and activated environment. Set variables with `ENV`; for a virtual environment put its folder first: `ENV PATH=/venv/bin:$PATH`.",
    ),
    bad: &[
        "FROM python:3.13\nRUN ⟦export APP_ENV=prod⟧\n",
        "FROM python:3.13\nRUN python -m venv /venv && ⟦. /venv/bin/activate⟧\n",
    ],
    good: &[
        "FROM python:3.13\nENV APP_ENV=prod\n",
        "FROM python:3.13\nRUN . /venv/bin/activate && pip install --no-cache-dir flask\n",
    ],
    check: |file, sink| {
        for commands in &file.commands {
            let Some(last) = commands.last().filter(|last| !last.nested) else {
                continue;
            };
            let name = last.words[0].text.as_str();
            if matches!(name, "export" | "source" | "." | "alias") {
                sink.hit(
                    last.span(),
                    say!(
                        file,
                        "이 `{name}` 명령어로 정한 것은 `RUN`이 끝나면 사라져요.",
                        "What this `{name}` sets is lost when `RUN` ends."
                    ),
                );
            }
        }
    },
};

/// Commands without a use in a container.
pub(crate) static POINTLESS: Rule = Rule {
    id: "pointless-command",
    aliases: &["DL3001"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("컨테이너에서 뜻이 없는 명령어", "Pointless in a build"),
    what: t(
        "빌드에서 뜻이 없는 명령어(`ssh`, `vim`, `shutdown`, `service`, `ps`, `free`, `top`, `kill`, `mount`)를 찾아요.",
        "Finds commands without a use in a build: `ssh`, `vim`, `shutdown`, `service`, `ps`, `free`, `top`, `kill`, `mount`.",
    ),
    why: t(
        "빌드에는 화면도, 부팅도, 오래 사는 프로세스도 없어요. `service x start`로 켠 것은 그 `RUN`과 함께 끝나요.",
        "A build has no screen, no boot and no process that lives on. What `service x start` starts ends with that `RUN`.",
    ),
    bad: &[
        "FROM debian:13\nRUN ⟦service⟧ nginx start\n",
        "FROM debian:13\nRUN ⟦top⟧\n",
    ],
    good: &["FROM debian:13\nRUN apt-get update && apt-get install -y vim\n"],
    check: |file, sink| {
        for (_, command) in file.commands() {
            let program = command.program();
            if [
                "ssh",
                "vim",
                "shutdown",
                "service",
                "systemctl",
                "ps",
                "free",
                "top",
                "kill",
                "mount",
            ]
            .contains(&program)
            {
                sink.hit(
                    command.argv()[0].span,
                    say!(
                        file,
                        "`{program}` 명령어는 빌드에서 뜻이 없어요.",
                        "`{program}` has no use in a build."
                    ),
                );
            }
        }
    },
};

/// wget and curl.
pub(crate) static WGET_AND_CURL: Rule = Rule {
    id: "wget-and-curl",
    aliases: &["DL4001"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("wget과 curl을 함께 씀", "Both wget and curl"),
    what: t(
        "`wget`과 `curl`을 모두 쓰는 이미지를 찾아요.",
        "Finds an image that uses both `wget` and `curl`.",
    ),
    why: t(
        "같은 일을 하는 도구라서 하나만 설치하면 이미지가 작아져요.",
        "Both do the same; with one of them the image is smaller.",
    ),
    bad: &["FROM debian:13\nRUN wget https://example.com/a\nRUN ⟦curl⟧ -O https://example.com/b\n"],
    good: &[
        "FROM debian:13\nRUN wget https://example.com/a\nRUN wget https://example.com/b\n",
        "FROM debian:13 AS a\nRUN wget https://example.com/a\nFROM debian:13\nRUN curl -O https://example.com/b\n",
    ],
    check: |file, sink| {
        let mut seen: Option<(Option<usize>, &str)> = None;
        for (index, command) in file.commands() {
            let program = command.program();
            if !matches!(program, "wget" | "curl") {
                continue;
            }
            let stage = file.tree.stage_of(index);
            match seen {
                Some((other_stage, other)) if other_stage == stage && other != program => {
                    sink.hit(
                        command.argv()[0].span,
                        say!(
                            file,
                            "앞에서는 `{other}`, 여기서는 `{program}` 명령어를 써요.",
                            "Above it is `{other}`, here it is `{program}`."
                        ),
                    );
                }
                Some((other_stage, _)) if other_stage == stage => {}
                _ => seen = Some((stage, program)),
            }
        }
    },
};

/// `ln -s /bin/bash /bin/sh`.
pub(crate) static SHELL_LINK: Rule = Rule {
    id: "shell-instruction",
    aliases: &["DL4005"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("SHELL로 바꾸는 기본 셸", "SHELL changes the shell"),
    what: t(
        "`ln`으로 `/bin/sh`를 바꾸는 `RUN`을 찾아요.",
        "Finds a `RUN` that replaces `/bin/sh` with `ln`.",
    ),
    why: t(
        "`/bin/sh`를 바꾸면 그것을 쓰는 다른 프로그램까지 달라져요. `SHELL [\"/bin/bash\", \"-c\"]`는 `RUN`이 쓸 셸만 바꿔요.",
        "Replacing `/bin/sh` changes it for every program that uses it. `SHELL [\"/bin/bash\", \"-c\"]` changes it for `RUN` only.",
    ),
    bad: &["FROM debian:13\nRUN ⟦ln -sf /bin/bash /bin/sh⟧\n"],
    good: &["FROM debian:13\nSHELL [\"/bin/bash\", \"-c\"]\n"],
    check: |file, sink| {
        for (_, command) in file.commands() {
            if command.program() == "ln"
                && command
                    .args()
                    .last()
                    .is_some_and(|arg| arg.text == "/bin/sh")
            {
                sink.hit(
                    command.span(),
                    say!(
                        file,
                        "`ln`으로 `/bin/sh`를 바꿔요.",
                        "This replaces `/bin/sh` with `ln`."
                    ),
                );
            }
        }
    },
};

/// A pipe that hides a failure.
pub(crate) static PIPEFAIL: Rule = Rule {
    id: "pipefail",
    aliases: &["DL4006"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("실패를 숨기는 파이프", "A pipe that hides a failure"),
    what: t(
        "`pipefail` 없이 파이프를 쓰는 `RUN`을 찾아요.",
        "Finds a `RUN` with a pipe and without `pipefail`.",
    ),
    why: t(
        "파이프의 결과는 마지막 명령어의 결과예요. 앞의 명령어가 실패해도 빌드는 성공한 것처럼 지나가요. bash가 있다면 `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]`를 앞에 적어 보세요.",
        "A pipe's result is that of its last command. When the one before fails, the build goes on as if all were well. Where there is bash, write `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` before it.",
    ),
    bad: &["FROM debian:13\nRUN ⟦curl -fsSL https://example.com/x⟧ | tar xz\n"],
    good: &[
        "FROM debian:13\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN curl -fsSL https://example.com/x | tar xz\n",
        "FROM debian:13\nRUN set -o pipefail && curl -fsSL https://example.com/x | tar xz\n",
        "FROM debian:13\nRUN yes | apt-get install x\n",
    ],
    check: pipefail,
};

fn pipefail(file: &File<'_>, sink: &mut Sink<'_>) {
    let mut safe = vec![false; file.tree.stages.len()];
    for (index, instruction) in file.tree.instructions.iter().enumerate() {
        let Some(stage) = file.tree.stage_of(index) else {
            continue;
        };
        match instruction.kind {
            Kind::From => {
                safe[stage] = file.scopes.parent(stage).is_some_and(|parent| safe[parent])
            }
            Kind::Shell => {
                let words = instruction.words();
                safe[stage] = words.iter().any(|word| {
                    word.value == "pipefail"
                        || (word.value.starts_with('-')
                            && word.value.contains('o')
                            && word.value.contains("pipefail"))
                });
            }
            Kind::Run if !safe[stage] => {
                let commands = &file.commands[index];
                let sets = |command: &Command| {
                    command.words[0].text == "set"
                        && command.words.iter().any(|word| word.text == "pipefail")
                };
                if commands.iter().any(sets) {
                    continue;
                }
                // `yes | …` and `echo x | …` end as they should when the reader has enough, or cannot fail.
                let harmless =
                    |command: &Command| matches!(command.program(), "yes" | "echo" | "printf");
                if let Some(first) = commands.iter().find(|command| {
                    command.after == Join::Pipe && !command.nested && !harmless(command)
                }) {
                    let name = first.program();
                    sink.hit(
                        first.span(),
                        say!(
                            file,
                            "파이프(`|`) 앞의 `{name}` 명령어가 실패해도 빌드가 알아채지 못해요.",
                            "If `{name}` before the pipe fails, the build does not notice."
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}

/// `RUN` after `RUN`.
pub(crate) static CONSECUTIVE: Rule = Rule {
    id: "consecutive-run",
    aliases: &["DL3059"],
    severity: Info,
    on: false,
    mistake: None,
    title: t("이어지는 RUN", "RUN after RUN"),
    what: t(
        "바로 이어지는 `RUN`을 찾아요.",
        "Finds a `RUN` directly behind another.",
    ),
    why: t(
        "`RUN`마다 레이어가 하나 생겨요. 함께 바뀌는 일은 `&&`로 한 `RUN`에 모아 보세요. 다만 따로 두면 캐시를 따로 쓸 수 있으니, 늘 합치는 것이 좋지는 않아요.",
        "Each `RUN` makes a layer. Put what changes together into one with `&&`. Kept apart they are cached apart, so joining is not always better.",
    ),
    bad: &["FROM debian:13\nRUN apt-get update\n⟦RUN⟧ ls\n"],
    good: &[
        "FROM debian:13\nRUN apt-get update && ls\n",
        "FROM debian:13\nRUN ls\nCOPY a /a\nRUN ls\n",
        "FROM debian:13\nRUN --mount=type=cache,target=/x make\nRUN make install\n",
        "FROM debian:13\nRUN make && make install\nRUN ls\n",
    ],
    check: |file, sink| {
        let instructions = &file.tree.instructions;
        for (index, pair) in instructions.windows(2).enumerate() {
            // Commands that are joined already show that somebody thought about what belongs together.
            let single = |index: usize| file.commands[index].len() <= 1;
            if pair.iter().all(|one| one.kind == Kind::Run)
                && flags(&pair[0]).eq(flags(&pair[1]))
                && single(index)
                && single(index + 1)
            {
                sink.hit(
                    pair[1].keyword.span,
                    say!(
                        file,
                        "바로 앞에도 `RUN`이 있어요.",
                        "A `RUN` stands directly before this one."
                    ),
                );
            }
        }
    },
};

fn flags(instruction: &Instruction) -> impl Iterator<Item = &str> {
    instruction.flags.iter().map(|flag| flag.text.as_str())
}
