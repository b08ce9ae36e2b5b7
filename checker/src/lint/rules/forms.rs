//! Shell form and exec form; what stands once in a stage.

use dockerfile::{Body, Instruction, Kind, ProblemKind as K, Span, Word};

use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell;

/// A JSON array in single quotes, or otherwise no JSON.
pub(crate) static JSON_QUOTES: Rule = Rule {
    id: "json-single-quotes",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("json-single-quotes"),
    title: t("작은따옴표를 쓴 배열", "Array in single quotes"),
    what: t(
        "`CMD ['node', 'server.js']`처럼 작은따옴표로 쓴 배열을 찾아요.",
        "Finds an array in single quotes, as in `CMD ['node', 'server.js']`.",
    ),
    why: t(
        "JSON의 문자열은 큰따옴표로만 써요. 작은따옴표를 쓰면 빌드는 되지만 셸 명령어로 읽혀서, 컨테이너를 시작할 때 `[node,` 같은 이름의 명령어를 찾다가 실패해요.",
        "JSON strings take double quotes only. With single quotes the build passes, but the text is read as a shell command, and the start of the container fails at a command named `[node,`.",
    ),
    bad: &[
        "FROM node:22\nCMD ⟦['node', 'server.js']⟧\n",
        "FROM node:22\nRUN ⟦['npm', 'install']⟧\n",
        "FROM node:22\nCOPY ⟦['my file', '/app/']⟧\n",
    ],
    good: &[
        "FROM node:22\nCMD [\"node\", \"server.js\"]\n",
        "FROM node:22\nRUN [ -f x ] || echo 'no'\n",
    ],
    check: |file, sink| broken_json(file, sink, true),
};

/// An array that is nearly JSON.
pub(crate) static BROKEN_JSON: Rule = Rule {
    id: "broken-json",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("깨진 JSON 배열", "Broken JSON array"),
    what: t(
        "`[`로 시작하지만 JSON이 아닌 인자를 찾아요.",
        "Finds arguments that start with `[` and are no JSON.",
    ),
    why: t(
        "쉼표나 큰따옴표, 닫는 괄호가 하나만 어긋나도 배열 전체가 셸 명령어로 읽혀요. 끝에 남은 쉼표는 없는지, 따옴표의 짝이 맞는지 살펴보세요.",
        "One comma, quote or bracket out of place, and the whole array is read as a shell command. Look for a comma that is left over and a quote without its partner.",
    ),
    bad: &[
        "FROM node:22\nCMD ⟦[\"node\", \"server.js\",]⟧\n",
        "FROM node:22\nCMD ⟦[\"node\" \"server.js\"]⟧\n",
        "FROM node:22\nCMD ⟦[node, server.js]⟧\n",
        "FROM node:22\nCMD ⟦[\"node\", \"server.js\"⟧\n",
        "FROM node:22\nCMD ⟦[“node”, “server.js”]⟧\n",
        "FROM node:22\nCMD [\"node\", ⟦80⟧]\n",
    ],
    good: &[
        "FROM node:22\nCMD [\"node\", \"server.js\"]\n",
        "FROM alpine:3.22\nRUN [ -d /app ] && ls\n",
        "FROM alpine:3.22\nRUN [[ -d /app ]] && ls\n",
    ],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if matches!(kind, K::NotAStringArray) {
                let item = file.text(span);
                sink.hit(
                    span,
                    say!(
                        file,
                        "배열의 `{item}`이 문자열이 아니에요. 큰따옴표로 감싸야 해요.",
                        "`{item}` in the array is no string. It needs double quotes."
                    ),
                );
            }
        }
        broken_json(file, sink, false);
    },
};

/// The text of a body that looks like an array and is read as something else.
fn looks_like_array(instruction: &Instruction) -> Option<(Span, String)> {
    let inner = instruction.inner();
    let (span, text) = match &inner.body {
        Body::Shell(word) => (word.span, word.value.clone()),
        Body::Words(_) if matches!(inner.kind, Kind::Copy | Kind::Add | Kind::Volume) => {
            let (start, end) = inner.arguments_at;
            (inner.arguments, inner.logical.text[start..end].to_owned())
        }
        Body::Health { test, .. } => match &**test {
            Body::Shell(word) => (word.span, word.value.clone()),
            _ => return None,
        },
        _ => return None,
    };
    let rest = text.strip_prefix('[')?;
    // `[ -f x ] && …` and `[[ … ]]` are tests of the shell.
    let is_test = rest.starts_with('[')
        || (rest.starts_with([' ', '\t']) && !rest.trim_start().starts_with(['"', '\'', '“', '‘']));
    (!is_test && text.len() < 4096).then_some((span, text))
}

fn broken_json(file: &File<'_>, sink: &mut Sink<'_>, single: bool) {
    for instruction in &file.tree.instructions {
        let Some((span, text)) = looks_like_array(instruction) else {
            continue;
        };
        if text.contains("[[")
            || file.problems().any(|(kind, at)| {
                matches!(kind, K::NotAStringArray) && span.start <= at.start && at.end <= span.end
            })
        {
            continue;
        }
        let mended: String = text
            .chars()
            .map(|c| {
                if matches!(c, '\'' | '‘' | '’' | '“' | '”') {
                    '"'
                } else {
                    c
                }
            })
            .collect();
        let is_json = |text: &str| {
            let file = dockerfile::parse(format!("CMD {text}").as_bytes());
            matches!(
                file.instructions.first().map(|i| &i.body),
                Some(Body::Exec(_))
            )
        };
        let quotes_only = text.contains('\'') && !text.contains('"') && is_json(&mended);
        if quotes_only != single {
            continue;
        }
        let name = instruction.inner().kind.name();
        let hit = if single {
            sink.hit(span, say!(file, "`{name}`의 배열을 작은따옴표로 썼어요. 그래서 JSON이 아니라 셸 명령어로 읽혀요.", "The array of this `{name}` is in single quotes, so it is read as a shell command and not as JSON."))
        } else {
            sink.hit(
                span,
                say!(
                    file,
                    "`{name}`의 인자가 배열처럼 보이지만 올바른 JSON이 아니에요.",
                    "The argument of this `{name}` looks like an array and is no valid JSON."
                ),
            )
        };
        let without_comma = mended.replace(",]", "]").replace(", ]", "]");
        for candidate in [mended, without_comma] {
            if is_json(&candidate) {
                hit.fix(
                    say!(file, "JSON 배열로 고치기", "Make it a JSON array"),
                    span,
                    candidate,
                );
                break;
            }
        }
    }
}

/// Shell form of `CMD` and `ENTRYPOINT`.
pub(crate) static EXEC_FORM: Rule = Rule {
    id: "exec-form",
    aliases: &["JSONArgsRecommended", "DL3025"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t(
        "셸 형식의 CMD와 ENTRYPOINT",
        "Shell form of CMD and ENTRYPOINT",
    ),
    what: t(
        "셸 형식으로 쓴 `CMD`와 `ENTRYPOINT`를 찾아요.",
        "Finds `CMD` and `ENTRYPOINT` in shell form.",
    ),
    why: t(
        "셸 형식은 `/bin/sh -c`가 1번 프로세스가 되고 프로그램은 그 아래에서 실행돼요. 그래서 `docker stop`이 보내는 신호가 프로그램에 닿지 않을 수 있어요. 배열(exec 형식)로 쓰면 프로그램이 곧 1번 프로세스예요.",
        "In shell form `/bin/sh -c` is process 1 and the program runs below it, so the signal of `docker stop` may not reach it. As an array (exec form) the program itself is process 1.",
    ),
    bad: &[
        "FROM node:22\nCMD ⟦node server.js⟧\n",
        "FROM node:22\nENTRYPOINT ⟦node server.js⟧\n",
    ],
    good: &[
        "FROM node:22\nCMD [\"node\", \"server.js\"]\n",
        "FROM node:22\nSHELL [\"/bin/bash\", \"-c\"]\nCMD node server.js\n",
    ],
    check: exec_form,
};

fn exec_form(file: &File<'_>, sink: &mut Sink<'_>) {
    let mut shell_set = false;
    for instruction in &file.tree.instructions {
        match instruction.kind {
            Kind::From => shell_set = false,
            Kind::Shell => shell_set = true,
            Kind::Cmd | Kind::Entrypoint if !shell_set => {
                let Body::Shell(word) = &instruction.body else {
                    continue;
                };
                if looks_like_array(instruction).is_some() {
                    continue;
                }
                let name = instruction.kind.name();
                let hit = sink.hit(
                    word.span,
                    say!(
                        file,
                        "`{name}`가 셸 형식이에요.",
                        "This `{name}` is in shell form."
                    ),
                );
                if let Some(array) = as_array(word) {
                    hit.fix(
                        say!(file, "배열로 바꾸기", "Make it an array"),
                        word.span,
                        array,
                    );
                }
            }
            _ => {}
        }
    }
}

/// The same command as a JSON array, where no shell is needed for it.
fn as_array(word: &Word) -> Option<String> {
    if word.value.contains([
        '$', '`', '|', '&', ';', '<', '>', '*', '?', '(', ')', '~', '{', '\n', '#', '[', '\\',
    ]) {
        return None;
    }
    let commands = shell::commands(&word.value, &Span::new);
    let [command] = commands.as_slice() else {
        return None;
    };
    if !command.assignments.is_empty()
        || matches!(
            command.words[0].text.as_str(),
            "cd" | "source" | "." | "export" | "exec"
        )
    {
        return None;
    }
    let words: Vec<String> = command
        .words
        .iter()
        .map(|arg| serde_json::Value::from(arg.text.as_str()).to_string())
        .collect();
    Some(format!("[{}]", words.join(", ")))
}

/// A second `CMD`.
pub(crate) static CMD_ONCE: Rule = Rule {
    id: "cmd-once",
    aliases: &["MultipleInstructionsDisallowed", "DL4003"],
    severity: Warning,
    on: true,
    mistake: Some("cmd-once"),
    title: t("여러 번 쓴 CMD", "More than one CMD"),
    what: t(
        "뒤의 `CMD` 때문에 쓰이지 않는 `CMD`를 찾아요.",
        "Finds a `CMD` that a later one puts out of use.",
    ),
    why: t(
        "`CMD`는 여러 번 쓸 수 있지만 한 단계에서 마지막 것만 남아요. 앞의 것은 아무 말 없이 버려져요. 빌드할 때 실행하려던 것이라면 어떤 지시어가 맞을까요?",
        "`CMD` can stand many times, and only the last one of a stage counts; the others are dropped without a word. If this was meant to run during the build, which instruction does that?",
    ),
    bad: &["FROM node:22\n⟦CMD⟧ [\"npm\", \"install\"]\nCMD [\"node\", \"server.js\"]\n"],
    good: &[
        "FROM node:22\nRUN npm ci\nCMD [\"node\", \"server.js\"]\n",
        "FROM node:22 AS a\nCMD [\"x\"]\nFROM node:22\nCMD [\"y\"]\n",
    ],
    check: |file, sink| once(file, sink, Kind::Cmd),
};

/// A second `ENTRYPOINT`.
pub(crate) static ENTRYPOINT_ONCE: Rule = Rule {
    id: "entrypoint-once",
    aliases: &["MultipleInstructionsDisallowed", "DL4004"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("여러 번 쓴 ENTRYPOINT", "More than one ENTRYPOINT"),
    what: t(
        "뒤의 `ENTRYPOINT` 때문에 쓰이지 않는 `ENTRYPOINT`를 찾아요.",
        "Finds an `ENTRYPOINT` that a later one puts out of use.",
    ),
    why: t(
        "한 단계에서 마지막 `ENTRYPOINT`만 남고 앞의 것은 버려져요. 쓰지 않는 것을 지워 보세요.",
        "Only the last `ENTRYPOINT` of a stage counts. Remove the one that is not used.",
    ),
    bad: &["FROM node:22\n⟦ENTRYPOINT⟧ [\"npm\"]\nENTRYPOINT [\"node\"]\n"],
    good: &["FROM node:22\nENTRYPOINT [\"node\"]\n"],
    check: |file, sink| once(file, sink, Kind::Entrypoint),
};

/// A second `HEALTHCHECK`.
pub(crate) static HEALTHCHECK_ONCE: Rule = Rule {
    id: "healthcheck-once",
    aliases: &["MultipleInstructionsDisallowed", "DL3012"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("여러 번 쓴 HEALTHCHECK", "More than one HEALTHCHECK"),
    what: t(
        "뒤의 `HEALTHCHECK` 때문에 쓰이지 않는 `HEALTHCHECK`를 찾아요.",
        "Finds a `HEALTHCHECK` that a later one puts out of use.",
    ),
    why: t(
        "한 단계에서 마지막 `HEALTHCHECK`만 남아요. 둘 다 확인하고 싶다면 한 명령어 안에서 `&&`로 이어 보세요.",
        "Only the last `HEALTHCHECK` of a stage counts. To check both, join them with `&&` in one command.",
    ),
    bad: &[
        "FROM nginx:1.29\n⟦HEALTHCHECK⟧ CMD curl -f localhost\nHEALTHCHECK CMD curl -f localhost/up\n",
    ],
    good: &["FROM nginx:1.29\nHEALTHCHECK CMD curl -f localhost && curl -f localhost/up\n"],
    check: |file, sink| once(file, sink, Kind::Healthcheck),
};

fn once(file: &File<'_>, sink: &mut Sink<'_>, kind: Kind) {
    let mut last: Option<(Option<usize>, &Instruction)> = None;
    for (index, instruction) in file.all(kind) {
        let stage = file.tree.stage_of(index);
        if let Some((earlier_stage, earlier)) = last
            && earlier_stage == stage
        {
            let (name, line) = (kind.name(), instruction.lines.0);
            sink.hit(
                earlier.keyword.span,
                say!(
                    file,
                    "{line}번째 줄에 `{name}`가 또 있어서 이 `{name}`는 쓰이지 않아요.",
                    "Line {line} has another `{name}`, so this one is not used."
                ),
            );
        }
        last = Some((stage, instruction));
    }
}

/// `ENTRYPOINT` and `CMD` that do not go together.
pub(crate) static ENTRYPOINT_CMD: Rule = Rule {
    id: "entrypoint-with-cmd",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("함께 쓴 ENTRYPOINT와 CMD", "ENTRYPOINT together with CMD"),
    what: t(
        "`ENTRYPOINT`와 함께 쓰면 뜻대로 되지 않는 `CMD`를 찾아요.",
        "Finds a `CMD` that does not work together with its `ENTRYPOINT`.",
    ),
    why: t(
        "exec 형식의 `ENTRYPOINT` 뒤에는 `CMD`가 기본 인자로 붙어요. `ENTRYPOINT`가 셸 형식이면 `CMD`는 무시되고, `CMD`가 셸 형식이면 `/bin/sh -c …`가 통째로 인자가 돼요. 둘 다 배열로 써 보세요.",
        "`CMD` is appended to an `ENTRYPOINT` in exec form as its default arguments. A shell-form `ENTRYPOINT` ignores `CMD`, and of a shell-form `CMD` all of `/bin/sh -c …` becomes the argument. Write both as arrays.",
    ),
    bad: &[
        "FROM alpine:3.22\nENTRYPOINT ping\nCMD ⟦[\"localhost\"]⟧\n",
        "FROM alpine:3.22\nENTRYPOINT [\"ping\"]\nCMD ⟦localhost⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nENTRYPOINT [\"ping\"]\nCMD [\"localhost\"]\n",
        "FROM alpine:3.22\nENTRYPOINT ping localhost\n",
    ],
    check: |file, sink| {
        for stage in 0..file.tree.stages.len() {
            let last = |kind| {
                file.tree
                    .stage_instructions(stage)
                    .iter()
                    .rev()
                    .find(|i| i.kind == kind)
            };
            let (Some(entrypoint), Some(cmd)) = (last(Kind::Entrypoint), last(Kind::Cmd)) else {
                continue;
            };
            match (&entrypoint.body, &cmd.body) {
                (Body::Shell(_), Body::Shell(_) | Body::Exec(_)) => {
                    sink.hit(
                        cmd.arguments,
                        say!(
                            file,
                            "`ENTRYPOINT`가 셸 형식이라 이 `CMD`는 무시돼요.",
                            "The `ENTRYPOINT` is in shell form, so this `CMD` is ignored."
                        ),
                    );
                }
                (Body::Exec(_), Body::Shell(_)) => {
                    sink.hit(cmd.arguments, say!(file, "`ENTRYPOINT`에 `/bin/sh -c`로 감싼 명령어가 인자로 넘어가요.", "The `ENTRYPOINT` is given this command wrapped in `/bin/sh -c` as its arguments."));
                }
                _ => {}
            }
        }
    },
};
