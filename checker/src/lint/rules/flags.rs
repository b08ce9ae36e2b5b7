//! Flags and forms that an instruction does not have.

use dockerfile::{Kind, ProblemKind as K};

use crate::Severity::Error;
use crate::lint::rule::{Rule, say, t};

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
                            say!(file, "바꾸기: `--{name}`", "Change it to `--{name}`"),
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
                    sink.hit(span, say!(file, "`--{flag}` 값이 시간이 아니에요(`{value}`). `30s`, `1m30s`처럼 단위를 붙이세요.", "`{value}` is no duration for `--{flag}`. Give a unit, as in `30s` or `1m30s`."));
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
                    "`ONBUILD` 뒤에는 `{name}` 지시어를 쓸 수 없어요.",
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
                            "`HEALTHCHECK` 뒤에 `CMD`가 와야 할 자리에 다른 말이 있어요(`{word}`).",
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
