//! What no builder reads: unknown instructions, missing arguments, broken forms.

use dockerfile::{Kind, ProblemKind as K};

use crate::Severity::{Error, Warning};
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
                            "`{shown}`라는 지시어는 없어요. 혹시 `{name}` 아닌가요?",
                            "There is no instruction `{shown}`. Did you mean `{name}`?"
                        ),
                    );
                    if *name == "EXPOSE" {
                        hit.mistake("exposer");
                    }
                    hit.fix(
                        say!(file, "`{name}`로 바꾸기", "Change it to `{name}`"),
                        span,
                        *name,
                    );
                }
                None => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{shown}`라는 지시어는 없어요.",
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

/// Flags that an instruction does not have.
pub(crate) static UNKNOWN_FLAG: Rule = Rule {
    id: "instruction-flag",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("지시어의 플래그", "Flags of an instruction"),
    what: t(
        "지시어에 없는 플래그, 값이 없거나 두 번 쓴 플래그를 찾아요.",
        "Finds flags that an instruction does not have, without a value, or given twice.",
    ),
    why: t(
        "지시어의 플래그는 `--이름=값`으로 쓰고, 지시어마다 정해져 있어요. 빌드는 이 줄에서 멈춰요.",
        "A flag of an instruction is written `--name=value`, and each instruction has its own. The build stops here.",
    ),
    bad: &[
        "FROM alpine:3.22 AS build\nFROM alpine:3.22\nCOPY ⟦--form=build⟧ /a /b\n",
        "FROM alpine:3.22\nHEALTHCHECK --interval=⟦30⟧ CMD true\n",
        "FROM alpine:3.22\nCOPY ⟦--chown⟧ a:a x /y\n",
        "FROM alpine:3.22\nCOPY --chmod=644 ⟦--chmod=600⟧ x /y\n",
        "FROM alpine:3.22\nCOPY --link=⟦maybe⟧ x /y\n",
        "FROM alpine:3.22\nHEALTHCHECK --retries=⟦few⟧ CMD true\n",
    ],
    good: &["FROM alpine:3.22 AS build\nFROM alpine:3.22\nCOPY --from=build /a /b\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::UnknownFlag {
                    instruction,
                    flag,
                    suggestion,
                } => {
                    let hit = match suggestion {
                        Some(name) => sink.hit(span, say!(file, "`{instruction}` 지시어에는 `--{flag}` 플래그가 없어요. 혹시 `--{name}` 아닌가요?", "`{instruction}` has no flag `--{flag}`. Did you mean `--{name}`?")),
                        None => sink.hit(span, say!(file, "`{instruction}` 지시어에는 `--{flag}` 플래그가 없어요.", "`{instruction}` has no flag `--{flag}`.")),
                    };
                    let text = file.text(span);
                    if let Some(name) = suggestion
                        && text.starts_with(&format!("--{flag}"))
                    {
                        let place =
                            dockerfile::Span::new(span.start + 2, span.start + 2 + flag.len());
                        hit.fix(
                            say!(file, "`--{name}`으로 바꾸기", "Change it to `--{name}`"),
                            place,
                            *name,
                        );
                    }
                }
                K::FlagNeedsValue { flag } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`--{flag}` 플래그에 값이 없어요. `--{flag}=값`처럼 `=`로 이어 쓰세요.",
                            "`--{flag}` has no value. Write it with `=`: `--{flag}=value`."
                        ),
                    );
                }
                K::FlagTwice { flag } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`--{flag}` 플래그를 두 번 썼어요.",
                            "`--{flag}` is given twice."
                        ),
                    );
                }
                K::FlagNotBoolean { flag, value } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`--{flag}` 값은 true나 false여야 하는데 `{value}`예요.",
                            "`--{flag}` is true or false, not `{value}`."
                        ),
                    );
                }
                K::BadDuration { flag, value } => {
                    sink.hit(span, say!(file, "`--{flag}` 값 `{value}`는 시간이 아니에요. `30s`, `1m30s`처럼 단위를 붙이세요.", "`{value}` is no duration for `--{flag}`. Give a unit, as in `30s` or `1m30s`."));
                }
                K::BadRetries { value } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`--retries` 값은 0 이상의 정수여야 하는데 `{value}`예요.",
                            "`--retries` takes a whole number from 0, not `{value}`."
                        ),
                    );
                }
                K::UnterminatedFlagQuote => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "플래그의 따옴표가 닫히지 않았어요.",
                            "The quote in this flag is never closed."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// `ONBUILD` with what it cannot hold.
pub(crate) static ONBUILD: Rule = Rule {
    id: "onbuild-trigger",
    aliases: &["DL3043"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("ONBUILD에 쓸 수 없는 지시어", "Not in ONBUILD"),
    what: t(
        "`ONBUILD` 뒤의 `ONBUILD`, `FROM`, `MAINTAINER`를 찾아요.",
        "Finds `ONBUILD`, `FROM` and `MAINTAINER` behind `ONBUILD`.",
    ),
    why: t(
        "`ONBUILD`는 이 이미지를 베이스로 삼는 빌드에서 실행될 지시어를 예약해요. 이 세 가지는 예약할 수 없어요.",
        "`ONBUILD` keeps an instruction for builds that start from this image. These three cannot be kept.",
    ),
    bad: &[
        "FROM alpine:3.22\nONBUILD ⟦FROM⟧ nginx:1.29\n",
        "FROM alpine:3.22\nONBUILD ⟦ONBUILD⟧ RUN ls\n",
    ],
    good: &["FROM alpine:3.22\nONBUILD COPY . /app\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            let name = match kind {
                K::OnbuildChain => Kind::Onbuild.name(),
                K::OnbuildForbids { instruction } => instruction,
                _ => continue,
            };
            sink.hit(
                span,
                say!(
                    file,
                    "`ONBUILD` 뒤에는 `{name}`을 쓸 수 없어요.",
                    "`{name}` cannot stand behind `ONBUILD`."
                ),
            );
        }
    },
};

/// `HEALTHCHECK` and `SHELL` in the wrong form.
pub(crate) static INSTRUCTION_FORM: Rule = Rule {
    id: "instruction-form",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("지시어의 형식", "Form of an instruction"),
    what: t(
        "`HEALTHCHECK`와 `SHELL`의 잘못된 형식을 찾아요.",
        "Finds `HEALTHCHECK` and `SHELL` in a form that they do not have.",
    ),
    why: t(
        "`HEALTHCHECK` 뒤에는 `CMD 명령어`나 `NONE`이, `SHELL` 뒤에는 큰따옴표를 쓴 JSON 배열이 와야 해요.",
        "Behind `HEALTHCHECK` stands `CMD command` or `NONE`; behind `SHELL` a JSON array with double quotes.",
    ),
    bad: &[
        "FROM alpine:3.22\nHEALTHCHECK ⟦wget⟧ -q localhost\n",
        "FROM alpine:3.22\nSHELL ⟦/bin/ash -c⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nHEALTHCHECK CMD wget -q localhost\n",
        "FROM alpine:3.22\nSHELL [\"/bin/ash\", \"-c\"]\n",
    ],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::HealthcheckType { word } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`HEALTHCHECK` 뒤에 `CMD`가 와야 할 자리에 `{word}`가 있어요.",
                            "`{word}` stands where `CMD` belongs behind `HEALTHCHECK`."
                        ),
                    )
                    .fix(
                        say!(file, "`CMD` 넣기", "Insert `CMD`"),
                        dockerfile::Span::new(span.start, span.start),
                        "CMD ",
                    );
                }
                K::HealthcheckNoneTakesNothing => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`HEALTHCHECK NONE` 뒤에는 아무것도 오지 않아요.",
                            "Nothing follows `HEALTHCHECK NONE`."
                        ),
                    );
                }
                K::ShellNotJson => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`SHELL`은 JSON 배열만 받아요.",
                            "`SHELL` takes a JSON array only."
                        ),
                    );
                }
                K::HeredocAsDestination => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "히어독(heredoc)은 원본이 될 수 있지만 대상은 될 수 없어요.",
                            "A heredoc can be a source, but not the destination."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// A heredoc without its last line.
pub(crate) static HEREDOC: Rule = Rule {
    id: "unterminated-heredoc",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("닫히지 않은 히어독", "Unclosed heredoc"),
    what: t(
        "끝나는 줄이 없는 히어독(heredoc)을 찾아요.",
        "Finds a heredoc without the line that ends it.",
    ),
    why: t(
        "히어독은 시작할 때 적은 이름만 있는 줄에서 끝나요. 그 줄에는 들여쓰기도, 뒤쪽 공백도 없어야 해요(`<<-`는 앞쪽 탭만 괜찮아요).",
        "A heredoc ends at a line that holds its name and nothing else: no indentation, no trailing blank (`<<-` allows leading tabs).",
    ),
    bad: &[
        "FROM alpine:3.22\nRUN ⟦<<EOF⟧\necho hi\n",
        "FROM alpine:3.22\nRUN ⟦<<EOF⟧\necho hi\n  EOF\nRUN ls\n",
    ],
    good: &["FROM alpine:3.22\nRUN <<EOF\nset -e\necho hi\nEOF\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            let K::UnterminatedHeredoc { name, indented_at } = kind else {
                continue;
            };
            let hit = sink.hit(span, match indented_at {
                Some(line) => say!(file, "히어독을 끝내는 `{name}` 줄이 없어요. {line}번째 줄에는 공백이 섞여 있어요.", "No line `{name}` ends this heredoc. Line {line} has blanks around it."),
                None => say!(file, "히어독을 끝내는 `{name}` 줄이 없어요.", "No line `{name}` ends this heredoc."),
            });
            if let Some(line) = indented_at {
                let line = file.tree.source.line(*line);
                hit.fix(
                    say!(
                        file,
                        "`{name}` 줄의 공백 지우기",
                        "Remove the blanks around `{name}`"
                    ),
                    line,
                    name.as_str(),
                );
            }
        }
    },
};

/// An empty line inside a continued instruction.
pub(crate) static EMPTY_CONTINUATION: Rule = Rule {
    id: "empty-continuation",
    aliases: &["NoEmptyContinuation"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("이어지는 줄 사이의 빈 줄", "Empty line in a continuation"),
    what: t(
        "`\\`로 이어지는 지시어 안의 빈 줄을 찾아요.",
        "Finds an empty line inside an instruction that `\\` continues.",
    ),
    why: t(
        "지금은 경고만 하고 이어 붙이지만, 앞으로는 오류가 될 예정이에요. 빈 줄을 지우거나 그 자리에 주석을 두세요.",
        "Today the builder warns and joins the lines; in a later release it will be an error. Remove the line, or put a comment there.",
    ),
    bad: &["FROM alpine:3.22\nRUN echo a && \\\n⟦\n⟧    echo b\n"],
    good: &[
        "FROM alpine:3.22\nRUN echo a && \\\n    echo b\n",
        "FROM alpine:3.22\nRUN echo a && \\\n# b\n    echo b\n",
    ],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if matches!(kind, K::EmptyContinuation) {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`\\`로 이어지는 줄 사이에 빈 줄이 있어요.",
                        "An empty line stands between lines that `\\` joins."
                    ),
                )
                .fix(
                    say!(file, "빈 줄 지우기", "Remove the empty line"),
                    span,
                    "",
                );
            }
        }
    },
};

/// Parser directives that contradict.
pub(crate) static DIRECTIVE: Rule = Rule {
    id: "parser-directive",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("파서 지시어", "Parser directive"),
    what: t(
        "두 번 쓴 파서 지시어와 잘못된 `escape` 값을 찾아요.",
        "Finds a parser directive given twice, and a wrong `escape`.",
    ),
    why: t(
        "파서 지시어(`# syntax=`, `# escape=`, `# check=`)는 파일 맨 위에 하나씩만 올 수 있고, `escape`는 `\\`와 `` ` ``만 받아요.",
        "Parser directives (`# syntax=`, `# escape=`, `# check=`) stand once each at the very top; `escape` takes `\\` or `` ` `` only.",
    ),
    bad: &[
        "# escape=⟦^⟧\nFROM alpine:3.22\n",
        "# escape=`\n⟦# escape=`⟧\nFROM alpine:3.22\n",
    ],
    good: &["# escape=`\nFROM alpine:3.22\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::DuplicateDirective { name } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "파서 지시어 `{name}`을 두 번 썼어요.",
                            "The parser directive `{name}` is given twice."
                        ),
                    );
                }
                K::BadEscape { value } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`escape`로 `{value}`는 쓸 수 없어요.",
                            "`{value}` cannot be the `escape` character."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// Variables that cannot be expanded.
pub(crate) static SUBSTITUTION: Rule = Rule {
    id: "bad-substitution",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("잘못된 변수 표현", "Bad substitution"),
    what: t(
        "닫히지 않은 따옴표나 `${`, 모르는 변수 표현을 찾아요.",
        "Finds an unclosed quote or `${`, and unknown forms of a variable.",
    ),
    why: t(
        "Dockerfile의 변수는 `$이름`, `${이름}`, `${이름:-기본값}`처럼 써요. 괄호와 따옴표의 짝을 맞춰 보세요.",
        "Variables are written `$name`, `${name}` or `${name:-default}`. Look for the brace or quote that has no partner.",
    ),
    bad: &[
        "FROM alpine:3.22\nARG DIR=/app\nWORKDIR ⟦${DIR⟧\n",
        "FROM alpine:3.22\nENV TITLE=⟦\"Study board⟧\n",
    ],
    good: &["FROM alpine:3.22\nARG DIR=/app\nWORKDIR ${DIR}\n"],
    check: super::variables::substitution,
};
