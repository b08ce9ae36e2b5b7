//! `COPY --from`.

use dockerfile::{Kind, ProblemKind as K, Word, suggest};

use super::copy::copies;
use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, say, t};

/// `--from` with a name that no stage before has.
pub(crate) static FROM_UNKNOWN: Rule = Rule {
    id: "copy-from-unknown",
    aliases: &["DL3022"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("모르는 단계의 --from", "--from an unknown stage"),
    what: t(
        "앞에서 만들지 않은 이름을 `COPY --from`에 쓴 곳을 찾아요.",
        "Finds a `COPY --from` with a name that no stage before has.",
    ),
    why: t(
        "앞 단계의 이름이 아니면 그 이름의 이미지를 내려받으려고 해요. 단계를 뜻했다면 `FROM … AS 이름`의 철자를, 이미지를 뜻했다면 태그를 확인해 보세요.",
        "A name that is no stage's is taken for an image to pull. If a stage is meant, compare with `FROM … AS name`; if an image is meant, give its tag.",
    ),
    bad: &[
        "FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=⟦biuld⟧ /app /app\n",
        "FROM alpine:3.22\nCOPY --from=⟦nginx⟧ /etc/nginx /n\n",
    ],
    good: &[
        "FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build /app /app\n",
        "FROM golang:1.26\nFROM alpine:3.22\nCOPY --from=0 /app /app\n",
        "FROM alpine:3.22\nCOPY --from=nginx:1.29 /etc/nginx /n\n",
    ],
    check: |file, sink| {
        for (stage, value) in froms(file) {
            let name = &value.value;
            let numeric = name.bytes().all(|byte| byte.is_ascii_digit());
            let exists = !file.tree.stages_named(name).is_empty();
            if numeric || exists || name.contains([':', '@', '$', '/']) || name.is_empty() {
                continue;
            }
            let names = file.tree.stages[..stage]
                .iter()
                .filter_map(|stage| stage.name.as_ref())
                .map(|name| name.value.as_str());
            match suggest(name, names) {
                Some(near) => sink
                    .hit(
                        value.span,
                        say!(
                            file,
                            "이름이 `{name}`인 단계는 앞에 없어요. 혹시 `{near}` 아닌가요?",
                            "No stage before is named `{name}`. Did you mean `{near}`?"
                        ),
                    )
                    .fix(
                        say!(file, "바꾸기: `{near}`", "Change it to `{near}`"),
                        value.span,
                        near,
                    ),
                None => sink.hit(
                    value.span,
                    say!(
                        file,
                        "이름이 `{name}`인 단계는 앞에 없어요.",
                        "No stage before is named `{name}`."
                    ),
                ),
            };
        }
    },
};

/// The values of `COPY --from` with the stage they stand in.
fn froms<'a>(file: &File<'a>) -> Vec<(usize, &'a Word)> {
    let copies = file.all(Kind::Copy);
    copies
        .filter_map(|(index, instruction)| {
            Some((
                file.tree.stage_of(index)?,
                instruction.flag("from")?.value.as_ref()?,
            ))
        })
        .collect()
}

/// `--from` the stage itself, or a later one.
pub(crate) static FROM_SELF: Rule = Rule {
    id: "copy-from-self",
    aliases: &["DL3023"],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "앞에 없는 단계의 --from",
        "--from a stage that is not before",
    ),
    what: t(
        "자기 자신이나 뒤에 오는 단계를 가리키는 `COPY --from`을 찾아요.",
        "Finds a `COPY --from` that names its own stage or a later one.",
    ),
    why: t(
        "`--from`은 이미 끝난 앞 단계에서만 가져올 수 있어요. 단계의 번호는 0부터 세요.",
        "`--from` can take only from a stage that is finished: one before. Stages are counted from 0.",
    ),
    bad: &[
        "FROM alpine:3.22 AS app\nCOPY --from=⟦app⟧ /a /b\n",
        "FROM alpine:3.22\nCOPY --from=⟦0⟧ /a /b\n",
        "FROM alpine:3.22\nCOPY --from=⟦late⟧ /a /b\nFROM alpine:3.22 AS late\n",
    ],
    good: &["FROM alpine:3.22 AS build\nFROM alpine:3.22 AS app\nCOPY --from=build /a /b\n"],
    check: |file, sink| {
        for (stage, value) in froms(file) {
            let name = &value.value;
            let number = name.parse::<usize>().ok();
            let named = file.tree.stages_named(name).first().copied();
            let before = file.tree.stage_named(name, stage).is_some();
            match number.or(named).filter(|_| !before) {
                Some(other) if other == stage => {
                    sink.hit(
                        value.span,
                        say!(
                            file,
                            "`--from={name}` 플래그가 지금 만들고 있는 단계 자신을 가리켜요.",
                            "`--from={name}` names the very stage that is being built."
                        ),
                    );
                }
                Some(other) if other > stage => {
                    sink.hit(
                        value.span,
                        say!(
                            file,
                            "`--from={name}` 플래그가 가리키는 단계는 앞에 없어요.",
                            "The stage of `--from={name}` is not before this one."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// A variable in `--from`.
pub(crate) static FROM_VARIABLE: Rule = Rule {
    id: "copy-from-variable",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("--from의 변수", "Variable in --from"),
    what: t(
        "`COPY --from=$이름`을 찾아요.",
        "Finds `COPY --from=$name`.",
    ),
    why: t(
        "`--from`에서는 변수가 펼쳐지지 않아요. 변수가 필요하면 `FROM 이미지:$변수 AS 이름`으로 단계를 하나 만들고 그 이름을 쓰세요.",
        "Variables are not expanded in `--from`. Make a stage of it with `FROM image:$variable AS name` and use that name.",
    ),
    bad: &["ARG V=1.29\nFROM alpine:3.22\nCOPY --from=⟦nginx:$V⟧ /etc/nginx /n\n"],
    good: &["ARG V=1.29\nFROM nginx:$V AS web\nFROM alpine:3.22\nCOPY --from=web /etc/nginx /n\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if let K::FromVariable { name } = kind {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`--from`에 `{name}` 변수를 썼어요.",
                        "`--from` holds the variable `{name}`."
                    ),
                );
            }
        }
    },
};

/// The whole of another stage.
pub(crate) static WHOLE_STAGE: Rule = Rule {
    id: "copy-whole-stage",
    aliases: &["DL3067"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("단계를 통째로 복사", "Copy of a whole stage"),
    what: t(
        "앞 단계의 파일 시스템 전체(`/`)를 복사하는 곳을 찾아요.",
        "Finds a copy of another stage's whole file system (`/`).",
    ),
    why: t(
        "멀티 스테이지의 이점은 필요한 결과만 가져오는 데 있어요. 전체를 복사하면 빌드 도구까지 모두 따라와요.",
        "Several stages pay because only the result is taken along. Copying everything takes the build tools with it.",
    ),
    bad: &["FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build ⟦/⟧ /\n"],
    good: &[
        "FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build /app /app\n",
        "FROM golang:1.26 AS build\nFROM scratch\nCOPY --from=build / /\n",
    ],
    check: |file, sink| {
        for (index, instruction, sources, _) in copies(file) {
            // Into `scratch` it is the known way to flatten an image.
            let scratch = file
                .tree
                .stage_of(index)
                .and_then(|stage| file.image(stage))
                .as_deref()
                == Some("scratch");
            if let (Some(_), [source]) = (instruction.flag("from"), sources)
                && source.value == "/"
                && !scratch
            {
                sink.hit(
                    source.span,
                    say!(
                        file,
                        "다른 단계의 파일 시스템 전체를 복사해요.",
                        "This copies the whole file system of another stage."
                    ),
                );
            }
        }
    },
};
