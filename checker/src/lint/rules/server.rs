//! Servers: started too early, or where nobody can reach them.

use dockerfile::{Body, Instruction, Kind, Span};

use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell::Command;

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
                        "`{text}` 서버는 주소를 따로 주지 않으면 127.0.0.1에서만 들어요.",
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
