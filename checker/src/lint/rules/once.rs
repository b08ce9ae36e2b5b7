//! What stands once in a stage, and what goes together.

use dockerfile::{Body, Instruction, Kind};

use crate::Severity::Warning;
use crate::lint::rule::{File, Rule, Sink, say, t};

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
