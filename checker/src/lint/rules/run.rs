//! What `RUN` runs.

use dockerfile::{Body, Instruction, Kind, Span};

use crate::Severity::{Error, Info, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell::{Command, Join};

/// A server that is started while the image is built.
pub(crate) static BUILD_TIME_SERVER: Rule = Rule {
    id: "build-time-server",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("빌드 중에 켜는 서버", "Server started by the build"),
    what: t(
        "`RUN node server.js`처럼 서버를 켜는 `RUN`을 찾아요.",
        "Finds a `RUN` that starts a server, such as `RUN node server.js`.",
    ),
    why: t(
        "`RUN`은 이미지를 만드는 동안 실행되고, 명령어가 끝나야 다음으로 넘어가요. 서버는 끝나지 않으니 빌드가 멈춰 있고, 컨테이너를 시작할 때는 켜지지 않아요. 컨테이너가 시작할 때 실행할 것은 어느 지시어에 적을까요?",
        "`RUN` runs while the image is made, and the build goes on when the command ends. A server does not end: the build hangs, and nothing starts it later in the container. Which instruction says what a container runs when it starts?",
    ),
    bad: &[
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN ⟦node server.js⟧\n",
        "FROM python:3.13\nRUN ⟦uvicorn main:app --host 0.0.0.0⟧\n",
        "FROM python:3.13\nRUN pip install flask && ⟦flask run⟧\n",
        "FROM node:22\nRUN ⟦npm start⟧\n",
        "FROM nginx:1.29\nRUN ⟦nginx -g 'daemon off;'⟧\n",
    ],
    good: &[
        "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n",
        "FROM node:22\nRUN node build.js && npm run build\n",
        "FROM nginx:1.29\nRUN nginx -t\n",
        "FROM python:3.13\nRUN pip install uvicorn && uvicorn --version\n",
    ],
    check: |file, sink| {
        for (_, command) in file.commands() {
            if let Some(name) = server(command) {
                let span = command.argv()[0].span.to(command.span());
                sink.hit(
                    span,
                    say!(
                        file,
                        "`RUN`이 빌드하는 동안 `{name}` 서버를 켜요.",
                        "This `RUN` starts the server `{name}` during the build."
                    ),
                );
            }
        }
    },
};

/// The name of the server that a command starts.
fn server(command: &Command) -> Option<&str> {
    let args: Vec<&str> = command.args().iter().map(|arg| arg.text.as_str()).collect();
    if args.iter().any(|arg| {
        matches!(
            *arg,
            "--version" | "--help" | "-h" | "-V" | "-v" | "-t" | "version"
        )
    }) {
        return None;
    }
    let first = args
        .iter()
        .find(|arg| !arg.starts_with('-'))
        .copied()
        .unwrap_or("");
    let script = first.rsplit('/').next().unwrap_or(first);
    let starts = match command.program() {
        "uvicorn" | "gunicorn" | "hypercorn" | "daphne" | "nodemon" | "httpd-foreground"
        | "http-server" => !args.is_empty() || command.program() == "httpd-foreground",
        "redis-server" | "mongod" | "mysqld" | "caddy" => {
            !args.contains(&"--daemonize")
                && !args.contains(&"--fork")
                && !matches!(first, "add-package" | "validate" | "fmt")
        }
        "flask" | "streamlit" | "fastapi" => args.iter().any(|arg| matches!(*arg, "run" | "dev")),
        "node" | "nodejs" | "bun" | "deno" => {
            matches!(script, "server.js" | "app.js" | "server.mjs" | "server.ts")
        }
        "npm" | "pnpm" | "yarn" => {
            first == "start"
                || matches!(args.as_slice(), ["run", "start" | "dev" | "serve"])
                || (command.program() != "npm" && matches!(first, "dev" | "serve"))
        }
        "nginx" => args.iter().any(|arg| arg.contains("daemon off")),
        "apachectl" | "apache2ctl" | "httpd" => {
            args.contains(&"FOREGROUND") || args.contains(&"-DFOREGROUND")
        }
        "python" | "python3" => {
            matches!(script, "server.py" | "app.py" | "wsgi.py")
                || args.contains(&"runserver")
                || args.windows(2).any(|pair| {
                    pair[0] == "-m" && matches!(pair[1], "http.server" | "uvicorn" | "gunicorn")
                })
                || args.starts_with(&["-m", "flask", "run"])
        }
        "rails" => matches!(first, "server" | "s"),
        "php" => args.contains(&"-S"),
        _ => false,
    };
    starts.then(|| command.program())
}

/// A list of dependencies that is run as a program.
pub(crate) static RUN_REQUIREMENTS: Rule = Rule {
    id: "run-requirements",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("run-requirements"),
    title: t("목록 파일을 실행하는 RUN", "A list run as a program"),
    what: t(
        "`RUN requirements.txt`처럼 의존성 목록을 실행하려는 곳과, `-r`이 빠진 `pip install requirements.txt`를 찾아요.",
        "Finds a list of dependencies that is run as a program, as in `RUN requirements.txt`, and `pip install requirements.txt` without `-r`.",
    ),
    why: t(
        "`RUN` 뒤에는 셸 명령어가 와요. `requirements.txt`는 명령어가 아니라 설치할 것을 적은 목록이라서, 이 목록을 읽어 설치하는 명령어가 필요해요. 그 전에 이미지 안에 이 파일이 있는지도 살펴보세요.",
        "A shell command follows `RUN`. `requirements.txt` is no command but a list; a command must read it and install. And is the file in the image by then?",
    ),
    bad: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN ⟦requirements.txt⟧\n",
        "FROM python:3.13\nRUN ⟦./requirements.txt⟧\n",
        "FROM python:3.13\nRUN pip install --no-cache-dir ⟦requirements.txt⟧\n",
        "FROM node:22\nRUN ⟦package.json⟧\n",
    ],
    good: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        "FROM python:3.13\nRUN pip install --requirement=requirements.txt && pip install -c constraints.txt flask\n",
        "FROM python:3.13\nRUN cat requirements.txt\n",
    ],
    check: |file, sink| {
        for (_, command) in file.commands() {
            let program = command.program();
            let installer = match program {
                "package.json" | "package-lock.json" => Some("npm install"),
                "Pipfile" => Some("pipenv install"),
                "Gemfile" => Some("bundle install"),
                "go.mod" => Some("go mod download"),
                name if is_requirements(name) => Some("pip install -r"),
                _ => None,
            };
            if let Some(installer) = installer {
                let word = &command.argv()[0];
                let hit = sink.hit(
                    word.span,
                    say!(
                        file,
                        "`{program}`는 실행할 수 있는 명령어가 아니에요.",
                        "`{program}` is no command that can be run."
                    ),
                );
                if installer.ends_with("-r") {
                    let text = &word.text;
                    hit.fix(
                        say!(
                            file,
                            "`{installer}`로 설치하기",
                            "Install it with `{installer}`"
                        ),
                        word.span,
                        format!("{installer} {text}"),
                    );
                } else {
                    hit.fix(
                        say!(file, "`{installer}`로 바꾸기", "Change it to `{installer}`"),
                        word.span,
                        installer,
                    );
                }
                continue;
            }
            if !matches!(program, "pip" | "pip3")
                || command.subcommand().is_none_or(|arg| arg.text != "install")
            {
                continue;
            }
            let args = command.args();
            for (at, arg) in args.iter().enumerate().skip(1) {
                let before = args[at - 1].text.as_str();
                let named = before.starts_with("-r")
                    || before == "--requirement"
                    || before == "-c"
                    || before == "--constraint";
                if is_requirements(&arg.text) && !arg.text.starts_with('-') && !named {
                    let text = &arg.text;
                    sink.hit(arg.span, say!(file, "`pip install {text}`에 `-r`이 없어서, `{text}`라는 이름의 패키지를 찾아요.", "Without `-r`, pip looks for a package named `{text}`."))
                        .fix(say!(file, "앞에 `-r` 넣기", "Put `-r` before it"), Span::new(arg.span.start, arg.span.start), "-r ");
                }
            }
        }
    },
};

fn is_requirements(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (name.starts_with("requirement") || name.ends_with("requirements.txt"))
        && name.ends_with(".txt")
}

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
    bad: &["FROM debian:13\nRUN ⟦sudo⟧ apt-get update\n"],
    good: &[
        "FROM debian:13\nRUN apt-get update\n",
        "FROM debian:13\nRUN apt-get install -y sudo && echo 'sudo x'\n",
    ],
    check: |file, sink| {
        for (_, command) in file.commands() {
            let Some(word) = command
                .words
                .first()
                .filter(|word| word.text == "sudo" || word.text.ends_with("/sudo"))
            else {
                continue;
            };
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
                .get(1)
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
                        "이 `{name}`는 `RUN`이 끝나면 사라져요.",
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
                            "앞에서는 `{other}`, 여기서는 `{program}`을 써요.",
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
                            "파이프(`|`) 앞의 `{name}`가 실패해도 빌드가 알아채지 못해요.",
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
    ],
    check: |file, sink| {
        let run = |instruction: &Instruction| {
            instruction.kind == Kind::Run && instruction.flags.is_empty()
        };
        for pair in file.tree.instructions.windows(2) {
            if run(&pair[0]) && run(&pair[1]) {
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

/// A server that nobody outside can reach.
pub(crate) static LOOPBACK: Rule = Rule {
    id: "loopback-listen",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("127.0.0.1에서만 듣는 서버", "Server on 127.0.0.1 only"),
    what: t(
        "`CMD`나 `ENTRYPOINT`에서 127.0.0.1에서만 듣는 서버를 찾아요.",
        "Finds a `CMD` or `ENTRYPOINT` whose server listens on 127.0.0.1 only.",
    ),
    why: t(
        "컨테이너 안의 127.0.0.1은 그 컨테이너 자신이에요. `-p`로 포트를 게시해도 요청은 컨테이너의 바깥쪽 주소로 들어와서 닿지 않아요. 모든 주소(0.0.0.0)에서 듣게 해 보세요.",
        "Inside a container 127.0.0.1 is that container alone. A request through `-p` arrives at its outer address and finds nobody. Let the server listen on all addresses (0.0.0.0).",
    ),
    bad: &[
        "FROM python:3.13\nCMD [\"uvicorn\", \"main:app\", \"--host\", ⟦\"127.0.0.1\"⟧]\n",
        "FROM python:3.13\nCMD [⟦\"uvicorn\"⟧, \"main:app\"]\n",
        "FROM python:3.13\nCMD [\"flask\", \"run\", ⟦\"--host=localhost\"⟧]\n",
        "FROM python:3.13\nCMD [\"python\", \"manage.py\", ⟦\"runserver\"⟧]\n",
        "FROM python:3.13\nCMD ⟦gunicorn⟧ app:app\n",
    ],
    good: &[
        "FROM python:3.13\nCMD [\"uvicorn\", \"main:app\", \"--host\", \"0.0.0.0\"]\n",
        "FROM python:3.13\nENV FLASK_RUN_HOST=0.0.0.0\nCMD [\"flask\", \"run\"]\n",
        "FROM python:3.13\nCMD [\"gunicorn\", \"-b\", \"0.0.0.0:8000\", \"app:app\"]\n",
        "FROM python:3.13\nENTRYPOINT [\"uvicorn\", \"main:app\"]\nCMD [\"--host\", \"0.0.0.0\"]\n",
        "FROM postgres:17\nHEALTHCHECK CMD pg_isready -h 127.0.0.1\n",
    ],
    check: loopback,
};

/// A word of a command line: text and place.
type Piece = (String, Span);

/// The words of the last `CMD` or `ENTRYPOINT` of a stage.
fn words_of(instruction: &Instruction) -> Vec<Piece> {
    match &instruction.body {
        Body::Exec(words) => {
            if let [shell, flag, script] = words.as_slice()
                && matches!(
                    shell.value.as_str(),
                    "sh" | "bash" | "/bin/sh" | "/bin/bash"
                )
                && flag.value.starts_with('-')
            {
                // The script inside a JSON string has no places of its own.
                let commands = crate::lint::shell::commands(&script.value, &|_, _| script.span);
                return commands.last().map_or(Vec::new(), pieces);
            }
            words
                .iter()
                .map(|word| (word.value.clone(), word.span))
                .collect()
        }
        Body::Shell(word) => {
            let commands = crate::lint::shell::commands(&word.value, &|start, end| {
                instruction.logical.span(word.at + start, word.at + end)
            });
            commands.last().map_or(Vec::new(), pieces)
        }
        _ => Vec::new(),
    }
}

fn pieces(command: &Command) -> Vec<Piece> {
    command
        .argv()
        .iter()
        .map(|arg| (arg.text.clone(), arg.span))
        .collect()
}

fn loopback(file: &File<'_>, sink: &mut Sink<'_>) {
    for stage in 0..file.tree.stages.len() {
        let first = file.tree.stages[stage].from;
        let instructions = file.tree.stage_instructions(stage);
        let last = |kind| {
            instructions
                .iter()
                .enumerate()
                .rev()
                .find(|(_, i)| i.kind == kind)
        };
        let mut words = Vec::new();
        let (entrypoint, cmd) = (last(Kind::Entrypoint), last(Kind::Cmd));
        let index = entrypoint.or(cmd).map_or(first, |(at, _)| first + at);
        for (_, instruction) in entrypoint.into_iter().chain(cmd) {
            words.extend(words_of(instruction));
        }
        if let Some((at, default)) = listens_on_loopback(&words, &|name| {
            file.scopes.at(file.tree, index).get(name).is_some()
        }) {
            let (text, span) = &words[at];
            if default {
                sink.hit(
                    *span,
                    say!(
                        file,
                        "`{text}`는 주소를 따로 주지 않으면 127.0.0.1에서만 들어요.",
                        "Without an address, `{text}` listens on 127.0.0.1 only."
                    ),
                );
            } else {
                let hit = sink.hit(*span, say!(file, "서버가 `{text}`에서만 들어서 컨테이너 밖에서는 닿지 않아요.", "The server listens on `{text}` only, which nobody outside the container can reach."));
                let old = file.text(*span);
                let new = old
                    .replace("127.0.0.1", "0.0.0.0")
                    .replace("localhost", "0.0.0.0");
                if new != old {
                    hit.fix(
                        say!(file, "`0.0.0.0`으로 바꾸기", "Change it to `0.0.0.0`"),
                        *span,
                        new,
                    );
                }
            }
        }
    }
}

/// The word that makes a server listen on loopback, and whether that is only for want of another address.
fn listens_on_loopback(words: &[Piece], is_set: &dyn Fn(&str) -> bool) -> Option<(usize, bool)> {
    let mut start = 0;
    let texts: Vec<&str> = words.iter().map(|(text, _)| text.as_str()).collect();
    let base = |text: &str| text.rsplit('/').next().unwrap_or("").to_owned();
    // `poetry run uvicorn …`, `python -m uvicorn …`: the server is the word behind.
    while matches!(
        base(texts.get(start)?).as_str(),
        "poetry"
            | "pipenv"
            | "uv"
            | "run"
            | "python"
            | "python3"
            | "-m"
            | "tini"
            | "dumb-init"
            | "--"
    ) {
        start += 1;
    }
    let program = base(texts[start]);
    let rest = &texts[start + 1..];
    let explicit = |flags: &[&str]| {
        rest.iter().enumerate().find_map(|(at, text)| {
            let (flag, value) = text
                .split_once('=')
                .map_or((*text, None), |(flag, value)| (flag, Some(value)));
            let attached = flags
                .iter()
                .find_map(|name| text.strip_prefix(name))
                .filter(|_| !text.starts_with("--"))
                .filter(|value| !value.is_empty());
            if flags.contains(&flag) {
                let place = if value.is_some() { at } else { at + 1 };
                Some((
                    start + 1 + place,
                    value.or_else(|| rest.get(at + 1).copied())?,
                ))
            } else {
                attached.map(|value| (start + 1 + at, value))
            }
        })
    };
    let local = |value: &str| {
        ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|name| value == *name || value.starts_with(&format!("{name}:")))
    };
    let judge = |flags: &[&str], variable: &str, place: usize| match explicit(flags) {
        Some((at, value)) => local(value).then_some((at, false)),
        None => (!is_set(variable)).then_some((place, true)),
    };
    let informational = rest
        .iter()
        .any(|text| matches!(*text, "--help" | "--version" | "-h"));
    match program.as_str() {
        _ if informational => None,
        "uvicorn"
            if !rest.is_empty()
                && !rest
                    .iter()
                    .any(|text| text.starts_with("--uds") || text.starts_with("--fd")) =>
        {
            judge(&["--host"], "UVICORN_HOST", start)
        }
        "flask" if rest.contains(&"run") => judge(&["--host", "-h"], "FLASK_RUN_HOST", start),
        "gunicorn"
            if !rest.is_empty()
                && !rest
                    .iter()
                    .any(|text| text.starts_with("-c") || text.starts_with("--config")) =>
        {
            judge(&["-b", "--bind"], "GUNICORN_CMD_ARGS", start)
        }
        "fastapi" if rest.contains(&"dev") => judge(&["--host"], "UVICORN_HOST", start),
        "manage.py" => {
            let at = rest.iter().position(|text| *text == "runserver")?;
            match rest[at + 1..]
                .iter()
                .position(|text| !text.starts_with('-'))
            {
                Some(address) if local(rest[at + 1 + address]) => {
                    Some((start + 2 + at + address, false))
                }
                Some(address) if rest[at + 1 + address].contains(':') => None,
                _ => Some((start + 1 + at, true)),
            }
        }
        "php" => explicit(&["-S"]).and_then(|(at, value)| local(value).then_some((at, false))),
        "http-server" | "vite" | "next" | "ng" | "http.server" => {
            explicit(&["--host", "-a", "-H", "--hostname", "--bind", "-b"])
                .and_then(|(at, value)| local(value).then_some((at, false)))
        }
        _ => None,
    }
}
