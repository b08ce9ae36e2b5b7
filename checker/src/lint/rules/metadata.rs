//! `EXPOSE`, `WORKDIR`, `USER`, `VOLUME`, `MAINTAINER`, `STOPSIGNAL`, `HEALTHCHECK`.

use dockerfile::{Instruction, Kind, Span, Word};

use crate::Severity::{Error, Info, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};

/// A first `WORKDIR` that is relative.
pub(crate) static WORKDIR_RELATIVE: Rule = Rule {
    id: "workdir-relative",
    aliases: &["WorkdirRelativePath", "DL3000"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("상대 경로로 시작하는 WORKDIR", "Relative WORKDIR"),
    what: t(
        "`/`로 시작하지 않는 첫 `WORKDIR`을 찾아요.",
        "Finds a first `WORKDIR` that does not start with `/`.",
    ),
    why: t(
        "상대 경로는 베이스 이미지가 정해 둔 작업 디렉터리에 이어 붙어요. 베이스가 바뀌면 자리도 바뀌니, 첫 `WORKDIR`은 `/`로 시작해 보세요.",
        "A relative path continues the base image's own working directory, and moves when that changes. Let the first `WORKDIR` begin with `/`.",
    ),
    bad: &["FROM alpine:3.22\nWORKDIR ⟦app⟧\n"],
    good: &[
        "FROM alpine:3.22\nWORKDIR /app\nWORKDIR src\n",
        "FROM alpine:3.22\nARG DIR=/app\nWORKDIR $DIR\n",
        "FROM alpine:3.22 AS a\nWORKDIR /app\nFROM a\nWORKDIR src\n",
    ],
    check: |file, sink| {
        let mut set = vec![false; file.tree.stages.len()];
        for (index, instruction) in file.tree.instructions.iter().enumerate() {
            let Some(stage) = file.tree.stage_of(index) else {
                continue;
            };
            if instruction.kind == Kind::From {
                set[stage] = file.scopes.parent(stage).is_some_and(|parent| set[parent]);
            }
            if instruction.kind != Kind::Workdir {
                continue;
            }
            let Some(word) = instruction.words().first() else {
                continue;
            };
            let relative = path_of(file, index, word).is_some_and(|path| is_relative(&path));
            if !set[stage] && relative {
                let path = &word.value;
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "`WORKDIR`의 `{path}` 경로가 상대 경로예요.",
                        "`WORKDIR {path}` is a relative path."
                    ),
                )
                .fix(
                    say!(file, "앞에 `/` 붙이기", "Put a `/` before it"),
                    Span::new(word.span.start, word.span.start),
                    "/",
                );
            }
            set[stage] = true;
        }
    },
};

/// A path with its variables expanded; `None` where they are not known.
pub(crate) fn path_of(file: &File<'_>, index: usize, word: &Word) -> Option<String> {
    file.scopes
        .at(file.tree, index)
        .known(&word.value, file.tree.escape)
}

/// Whether a path starts neither with a slash nor with a drive.
pub(crate) fn is_relative(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    !path.starts_with(['/', '\\']) && !drive
}

/// `MAINTAINER`.
pub(crate) static MAINTAINER: Rule = Rule {
    id: "maintainer-deprecated",
    aliases: &["MaintainerDeprecated", "DL4000"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("사라지는 MAINTAINER", "MAINTAINER is deprecated"),
    what: t("`MAINTAINER`를 찾아요.", "Finds `MAINTAINER`."),
    why: t(
        "`MAINTAINER`는 더 이상 쓰지 않는 지시어예요. 만든 사람은 `LABEL`로 적어요.",
        "`MAINTAINER` is out of use. Say who made the image with a `LABEL`.",
    ),
    bad: &["FROM alpine:3.22\n⟦MAINTAINER⟧ study@example.com\n"],
    good: &["FROM alpine:3.22\nLABEL org.opencontainers.image.authors=\"study@example.com\"\n"],
    check: |file, sink| {
        for (_, instruction) in file.all(Kind::Maintainer) {
            let hit = sink.hit(
                instruction.keyword.span,
                say!(
                    file,
                    "`MAINTAINER`는 더 이상 쓰지 않아요.",
                    "`MAINTAINER` is deprecated."
                ),
            );
            if let Some(word) = instruction
                .words()
                .first()
                .filter(|word| !word.value.contains(['"', '\\', '$']))
            {
                let value = &word.value;
                hit.fix(
                    say!(file, "`LABEL`로 바꾸기", "Change it to a `LABEL`"),
                    instruction.span,
                    format!("LABEL org.opencontainers.image.authors=\"{value}\""),
                );
            }
        }
    },
};

/// The last `USER` of the last stage, with what it is made from.
fn last_user<'a>(file: &File<'a>) -> Option<&'a Word> {
    let stages = file.final_chain();
    stages
        .into_iter()
        .find_map(|stage| {
            file.tree
                .stage_instructions(stage)
                .iter()
                .rev()
                .find(|i| i.kind == Kind::User)
        })?
        .words()
        .first()
}

/// `USER root` at the end.
pub(crate) static LAST_USER_ROOT: Rule = Rule {
    id: "last-user-root",
    aliases: &["DL3002"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("root로 끝나는 이미지", "The last user is root"),
    what: t(
        "마지막 `USER`가 root인 이미지를 찾아요.",
        "Finds an image whose last `USER` is root.",
    ),
    why: t(
        "컨테이너의 프로세스가 root로 실행되면, 뚫렸을 때 할 수 있는 일이 많아져요. 설치가 끝난 뒤 보통 사용자로 돌아가 보세요.",
        "A process that runs as root can do more harm when it is broken into. Go back to a plain user once everything is installed.",
    ),
    bad: &[
        "FROM alpine:3.22\nUSER app\nUSER ⟦root⟧\n",
        "FROM alpine:3.22\nUSER ⟦0:0⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nUSER root\nRUN apk add --no-cache curl\nUSER 1000\n",
        "FROM alpine:3.22\nRUN ls\n",
    ],
    check: |file, sink| {
        if let Some(word) = last_user(file) {
            let user = word.value.trim_matches('"').split(':').next().unwrap_or("");
            if matches!(user, "root" | "0") {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "이 이미지의 마지막 사용자는 root예요.",
                        "The last user of this image is root."
                    ),
                );
            }
        }
    },
};

/// A user by name.
pub(crate) static NUMERIC_USER: Rule = Rule {
    id: "numeric-user",
    aliases: &["DL3066"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("이름으로 정한 사용자", "User by name"),
    what: t(
        "마지막 `USER`가 숫자가 아닌 이름인 이미지를 찾아요.",
        "Finds an image whose last `USER` is a name and no number.",
    ),
    why: t(
        "Kubernetes처럼 이미지를 열어 보지 않는 도구는 이름만으로 root인지 알 수 없어요. 숫자(UID)로 쓰면 어디서나 같은 뜻이에요.",
        "Tools that do not look into the image, such as Kubernetes, cannot tell from a name whether it is root. A number (UID) means the same everywhere.",
    ),
    bad: &["FROM alpine:3.22\nUSER ⟦app⟧\n"],
    good: &[
        "FROM alpine:3.22\nUSER 1000\n",
        "FROM alpine:3.22\nARG APP_UID\nUSER $APP_UID\n",
    ],
    check: |file, sink| {
        if let Some(word) = last_user(file) {
            let user = word.value.split(':').next().unwrap_or("");
            if user.starts_with(|c: char| c.is_ascii_alphabetic()) && user != "root" {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "마지막 사용자를 숫자가 아닌 이름(`{user}`)으로 정했어요.",
                        "The last user is the name `{user}`."
                    ),
                );
            }
        }
    },
};

/// A change below a volume.
pub(crate) static VOLUME_CHANGE: Rule = Rule {
    id: "volume-then-change",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("VOLUME 다음의 변경", "Change after VOLUME"),
    what: t(
        "`VOLUME`으로 정한 경로를 그 뒤에서 바꾸는 지시어를 찾아요.",
        "Finds an instruction that changes a path after `VOLUME` has named it.",
    ),
    why: t(
        "BuildKit이 아닌 옛 빌더는 `VOLUME` 뒤에 그 안에서 바꾼 것을 버려요. 파일을 먼저 만들고 `VOLUME`을 뒤에 적으면 어느 빌더에서나 남아요.",
        "The classic builder drops what is changed inside a volume after `VOLUME`; BuildKit keeps it. Make the files first and write `VOLUME` after them: then every builder keeps them.",
    ),
    bad: &[
        "FROM alpine:3.22\nVOLUME /data\nRUN touch ⟦/data/a⟧\n",
        "FROM alpine:3.22\nVOLUME [\"/data\"]\nCOPY a ⟦/data/⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nRUN touch /data/a\nVOLUME /data\n",
        "FROM alpine:3.22\nVOLUME /data\nRUN touch /database\n",
    ],
    check: |file, sink| {
        let mut volumes: Vec<String> = Vec::new();
        for (index, instruction) in file.tree.instructions.iter().enumerate() {
            match instruction.kind {
                Kind::From => volumes.clear(),
                Kind::Volume if volumes.len() < 50 => {
                    volumes.extend(
                        instruction
                            .words()
                            .iter()
                            .map(|word| word.value.trim_end_matches('/').to_owned())
                            .filter(|path| path.len() > 1),
                    );
                }
                Kind::Run if !volumes.is_empty() => {
                    for command in &file.commands[index] {
                        if ["ls", "cat", "echo", "cd", "test", "["].contains(&command.program()) {
                            continue;
                        }
                        if let Some(arg) =
                            command.args().iter().find(|arg| below(&volumes, &arg.text))
                        {
                            changed(file, sink, arg.span, &arg.text);
                        }
                    }
                }
                Kind::Copy | Kind::Add => {
                    if let Some(word) = instruction
                        .words()
                        .last()
                        .filter(|word| below(&volumes, &word.value))
                    {
                        changed(file, sink, word.span, &word.value);
                    }
                }
                _ => {}
            }
        }
    },
};

fn below(volumes: &[String], path: &str) -> bool {
    volumes.iter().any(|volume| {
        path.strip_prefix(volume.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn changed(file: &File<'_>, sink: &mut Sink<'_>, span: Span, path: &str) {
    sink.hit(
        span,
        say!(
            file,
            "앞에서 `VOLUME`으로 정한 곳의 `{path}` 경로를 바꾸고 있어요.",
            "This changes `{path}`, which a `VOLUME` above has named."
        ),
    );
}

/// A signal that is none.
pub(crate) static STOP_SIGNAL: Rule = Rule {
    id: "stop-signal",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("모르는 신호", "Unknown signal"),
    what: t(
        "`STOPSIGNAL`의 잘못된 신호 이름을 찾아요.",
        "Finds a wrong signal in `STOPSIGNAL`.",
    ),
    why: t(
        "신호는 `SIGTERM`, `SIGINT`처럼 이름으로, 또는 1~64의 숫자로 써요.",
        "A signal is a name such as `SIGTERM` or `SIGINT`, or a number from 1 to 64.",
    ),
    bad: &["FROM nginx:1.29\nSTOPSIGNAL ⟦SIGSTOPP⟧\n"],
    good: &[
        "FROM nginx:1.29\nSTOPSIGNAL SIGQUIT\n",
        "FROM nginx:1.29\nSTOPSIGNAL 9\n",
        "FROM nginx:1.29\nSTOPSIGNAL RTMIN+3\n",
    ],
    check: |file, sink| {
        for (index, instruction) in file.all(Kind::Stopsignal) {
            let Some(word) = instruction.words().first() else {
                continue;
            };
            let Some(signal) = path_of(file, index, word) else {
                continue;
            };
            let name = signal.to_uppercase();
            let name = name.strip_prefix("SIG").unwrap_or(&name);
            let number = signal
                .parse::<u8>()
                .is_ok_and(|number| (1..=64).contains(&number));
            if !number && !SIGNALS.contains(&name) && !name.starts_with("RTM") {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "`{signal}` 신호는 없어요.",
                        "There is no signal `{signal}`."
                    ),
                );
            }
        }
    },
};

const SIGNALS: &[&str] = &[
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

/// No `HEALTHCHECK`.
pub(crate) static HEALTHCHECK_MISSING: Rule = Rule {
    id: "healthcheck-missing",
    aliases: &["DL3057"],
    severity: Info,
    on: false,
    mistake: None,
    title: t("없는 HEALTHCHECK", "No HEALTHCHECK"),
    what: t(
        "`HEALTHCHECK`가 없는 이미지를 찾아요.",
        "Finds an image without a `HEALTHCHECK`.",
    ),
    why: t(
        "`HEALTHCHECK`가 있으면 Docker가 ‘실행 중’과 ‘일할 수 있음’을 구별할 수 있어요. Compose의 `condition: service_healthy`도 이것을 봐요.",
        "With a `HEALTHCHECK` Docker can tell \"running\" from \"able to work\". Compose's `condition: service_healthy` looks at it.",
    ),
    bad: &["⟦FROM⟧ nginx:1.29\n"],
    good: &["FROM nginx:1.29\nHEALTHCHECK CMD curl -f localhost\n"],
    check: |file, sink| {
        let chain = file.final_chain();
        let has = |instruction: &Instruction| instruction.inner().kind == Kind::Healthcheck;
        if let Some(&last) = chain.first()
            && !chain
                .iter()
                .any(|&stage| file.tree.stage_instructions(stage).iter().any(has))
        {
            let from = &file.tree.instructions[file.tree.stages[last].from];
            sink.hit(
                from.keyword.span,
                say!(
                    file,
                    "이 이미지에는 `HEALTHCHECK`가 없어요.",
                    "This image has no `HEALTHCHECK`."
                ),
            );
        }
    },
};
