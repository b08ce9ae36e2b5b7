//! Shell form and exec form; what stands once in a stage.

use dockerfile::{Body, Instruction, Kind, ProblemKind as K, Span, Word};

use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};
use crate::lint::shell;

/// A JSON array in single quotes, or otherwise no JSON.
pub(crate) static JSON_QUOTES: Rule = Rule {
    id: "json-single-quotes",
    aliases: &["JSONArgsRecommended", "DL3025"],
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
    aliases: &["JSONArgsRecommended", "DL3025"],
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
                        "배열의 `{item}` 항목이 문자열이 아니에요. 큰따옴표로 감싸야 해요.",
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
