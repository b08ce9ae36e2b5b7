//! What no builder reads: unknown instructions, missing arguments, broken forms.

use dockerfile::ProblemKind as K;

use crate::Severity::Error;
use crate::lint::rule::{Rule, say, t};

/// A word at the start of a line that is no instruction.
pub(crate) static UNKNOWN_INSTRUCTION: Rule = Rule {
    id: "unknown-instruction",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("모르는 지시어", "Unknown instruction"),
    what: t(
        "Docker가 모르는 지시어로 시작하는 줄을 찾아요.",
        "Finds a line that starts with a word that is no instruction.",
    ),
    why: t(
        "빌드는 이 줄에서 멈춰요. 오타이거나, 앞줄에서 이어지는 내용인데 줄 끝의 `\\`가 빠졌을 때 생겨요.",
        "The build stops here. It is a typing slip, or the line belongs to the one above and the `\\` at its end is missing.",
    ),
    bad: &[
        "FROM nginx:1.29\n⟦EXPOSER⟧ 80\n",
        "FROM alpine:3.22\n⟦RNU⟧ ls\n",
        "FROM alpine:3.22\nRUN apk add curl &&\n  ⟦apk⟧ add git\n",
    ],
    good: &["FROM nginx:1.29\nEXPOSE 80\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            let K::UnknownInstruction {
                keyword,
                suggestion,
            } = kind
            else {
                continue;
            };
            if keyword.contains('\u{a0}') || keyword.contains('\u{3000}') {
                sink.hit(span, say!(file, "지시어 뒤에 보통 공백이 아닌 특수 공백이 있어요.", "A special blank (not a plain space) stands behind the instruction.")).why(
                    say!(file, "웹이나 메신저에서 복사하면 생기곤 해요. 그 자리의 공백을 지우고 스페이스 키로 다시 넣어 보세요.", "Text copied from a web page or a chat often holds one. Delete it and type a plain space."),
                );
                continue;
            }
            let shown: String = keyword.chars().take(40).collect();
            match suggestion {
                Some(name) => {
                    let hit = sink.hit(
                        span,
                        say!(
                            file,
                            "`{shown}` 지시어는 없어요. 혹시 `{name}` 아닌가요?",
                            "There is no instruction `{shown}`. Did you mean `{name}`?"
                        ),
                    );
                    if *name == "EXPOSE" {
                        hit.mistake("exposer");
                    }
                    hit.fix(
                        say!(file, "바꾸기: `{name}`", "Change it to `{name}`"),
                        span,
                        *name,
                    );
                }
                None => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{shown}` 지시어는 없어요.",
                            "There is no instruction `{shown}`."
                        ),
                    );
                }
            }
        }
    },
};

/// An instruction without what it needs.
pub(crate) static MISSING_ARGUMENT: Rule = Rule {
    id: "missing-argument",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("인자가 빠진 지시어", "Missing argument"),
    what: t(
        "꼭 있어야 할 인자가 없는 지시어를 찾아요.",
        "Finds an instruction without an argument that it needs.",
    ),
    why: t(
        "빌드는 이 줄에서 멈춰요. 이 지시어가 무엇을 받는지 떠올려 보고 빠진 것을 채워 보세요.",
        "The build stops here. Recall what this instruction takes and fill in what is missing.",
    ),
    bad: &[
        "FROM alpine:3.22\n⟦WORKDIR⟧\n",
        "FROM alpine:3.22\nWORKDIR /app\nCOPY ⟦app.py⟧\n",
        "⟦FROM⟧\n",
        "FROM alpine:3.22\nVOLUME [⟦\"\"⟧]\n",
    ],
    good: &[
        "FROM alpine:3.22\nWORKDIR /app\n",
        "FROM alpine:3.22\nWORKDIR /app\nCOPY app.py .\n",
    ],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::NeedsArgument { instruction } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{instruction}` 지시어에 인자가 없어요.",
                            "`{instruction}` has no argument."
                        ),
                    );
                }
                K::NeedsDestination { instruction } => {
                    sink.hit(span, say!(file, "`{instruction}` 지시어에 인자가 하나뿐이에요. 무엇을(원본) 어디로(대상) 둘 다 필요해요.", "`{instruction}` has one argument. It needs what (a source) and where to (a destination)."));
                }
                K::EmptyVolume => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "볼륨의 경로가 비어 있어요.",
                            "The volume's path is empty."
                        ),
                    );
                }
                K::HealthcheckNeedsCommand => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`HEALTHCHECK CMD` 뒤에 실행할 명령어가 없어요.",
                            "`HEALTHCHECK CMD` has no command."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// Something before the first `FROM`, or no `FROM` at all.
pub(crate) static FROM_FIRST: Rule = Rule {
    id: "from-first",
    aliases: &["DL3061"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("FROM이 먼저", "FROM comes first"),
    what: t(
        "첫 `FROM` 앞에 있는 지시어와, `FROM`이 없는 파일을 찾아요.",
        "Finds instructions before the first `FROM`, and files without one.",
    ),
    why: t(
        "모든 지시어는 어떤 이미지 위에서 실행돼요. 그 이미지를 정하는 `FROM` 앞에는 `ARG`, 주석, 파서 지시어만 올 수 있어요.",
        "Every instruction works on top of an image. Before the `FROM` that names it, only `ARG`, comments and parser directives may stand.",
    ),
    bad: &[
        "⟦WORKDIR⟧ /app\nFROM alpine:3.22\n",
        "⟦RUN⟧ ls\n",
        "⟦ARG⟧ V=1\n",
    ],
    good: &[
        "FROM alpine:3.22\nWORKDIR /app\n",
        "ARG V=3.22\nFROM alpine:$V\n",
    ],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::BeforeFrom { instruction } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{instruction}` 지시어가 첫 `FROM`보다 앞에 있어요.",
                            "`{instruction}` stands before the first `FROM`."
                        ),
                    );
                }
                K::NoStage => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "이 파일에는 `FROM`이 없어요.",
                            "This file has no `FROM`."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// `ENV` and `LABEL` that are no pairs.
pub(crate) static KEY_VALUE: Rule = Rule {
    id: "key-value",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("이름=값 형식", "Name and value"),
    what: t(
        "`이름=값`이 아닌 `ENV`, `LABEL`, `ARG`를 찾아요.",
        "Finds `ENV`, `LABEL` and `ARG` that are not `name=value`.",
    ),
    why: t(
        "첫 쌍에 `=`를 썼다면 모든 쌍에 `=`가 있어야 해요. 값에 공백이 있으면 따옴표로 감싸야 한 값이 돼요.",
        "Where the first pair has a `=`, every pair needs one. A value with a blank in it needs quotes around it.",
    ),
    bad: &[
        "FROM alpine:3.22\nENV TITLE=Study ⟦board⟧\n",
        "FROM alpine:3.22\nENV ⟦TITLE⟧\n",
        "FROM alpine:3.22\nENV ⟦=board⟧\n",
    ],
    good: &["FROM alpine:3.22\nENV TITLE=\"Study board\"\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::NoEquals { instruction, word } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{instruction}` 안의 `{word}`에 `=`가 없어요.",
                            "`{word}` in `{instruction}` has no `=`."
                        ),
                    );
                }
                K::NeedsValue { instruction, name } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{instruction} {name}`에 값이 없어요.",
                            "`{instruction} {name}` has no value."
                        ),
                    );
                }
                K::BlankName { instruction } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{instruction}`의 이름이 비어 있어요.",
                            "A name of `{instruction}` is empty."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};
