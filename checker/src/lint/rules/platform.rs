//! `FROM --platform`, and `scratch`.

use dockerfile::Kind;

use crate::Severity::{Error, Info, Warning};
use crate::lint::rule::{Rule, say, t};

/// `--platform=$TARGETPLATFORM`.
pub(crate) static REDUNDANT_PLATFORM: Rule = Rule {
    id: "redundant-target-platform",
    aliases: &["RedundantTargetPlatform", "DL3065"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("필요 없는 --platform", "Needless --platform"),
    what: t(
        "`FROM --platform=$TARGETPLATFORM`을 찾아요.",
        "Finds `FROM --platform=$TARGETPLATFORM`.",
    ),
    why: t(
        "`$TARGETPLATFORM`은 원래 기본값이라서 적지 않아도 같아요.",
        "`$TARGETPLATFORM` is the default, so leaving it out means the same.",
    ),
    bad: &["FROM ⟦--platform=$TARGETPLATFORM⟧ alpine:3.22\n"],
    good: &[
        "FROM alpine:3.22\n",
        "FROM --platform=$BUILDPLATFORM alpine:3.22\n",
    ],
    check: |file, sink| {
        for (_, instruction) in file.all(Kind::From) {
            let Some(flag) = instruction.flag("platform") else {
                continue;
            };
            let value = flag.value.as_ref().map_or("", |value| value.value.as_str());
            if matches!(value, "$TARGETPLATFORM" | "${TARGETPLATFORM}") {
                let end = instruction
                    .words()
                    .first()
                    .map_or(flag.span.end, |word| word.span.start);
                sink.hit(
                    flag.span,
                    say!(
                        file,
                        "`--platform=$TARGETPLATFORM`은 기본값과 같아요.",
                        "`--platform=$TARGETPLATFORM` is the default."
                    ),
                )
                .fix(
                    say!(file, "플래그 지우기", "Remove the flag"),
                    dockerfile::Span::new(flag.span.start, end),
                    "",
                );
            }
        }
    },
};

/// A fixed platform.
pub(crate) static CONST_PLATFORM: Rule = Rule {
    id: "constant-platform",
    aliases: &["FromPlatformFlagConstDisallowed", "DL3029"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("고정된 플랫폼", "Fixed platform"),
    what: t(
        "`FROM --platform=linux/amd64`처럼 플랫폼을 못 박은 곳을 찾아요.",
        "Finds a fixed platform, as in `FROM --platform=linux/amd64`.",
    ),
    why: t(
        "다른 CPU를 쓰는 컴퓨터(예: Apple Silicon)에서는 느린 에뮬레이션으로 실행되거나 실행되지 않아요. 한 번만 필요하면 `docker build --platform`으로 주고, 꼭 필요하면 단계 이름에 플랫폼을 드러내 보세요.",
        "On a machine with another CPU (Apple silicon, say) it runs in slow emulation or not at all. Give it to `docker build --platform` when needed; where it must be fixed, let the stage's name say so.",
    ),
    bad: &["FROM ⟦--platform=linux/amd64⟧ alpine:3.22\n"],
    good: &[
        "FROM alpine:3.22\n",
        "FROM --platform=linux/amd64 alpine:3.22 AS build-amd64\n",
        "FROM --platform=$BUILDPLATFORM alpine:3.22\n",
    ],
    check: |file, sink| {
        for stage in &file.tree.stages {
            let instruction = &file.tree.instructions[stage.from];
            let (Some(flag), Some(platform)) = (instruction.flag("platform"), &stage.platform)
            else {
                continue;
            };
            let value = platform.value.as_str();
            let name = stage
                .name
                .as_ref()
                .map_or(String::new(), |name| name.value.to_lowercase());
            let named = value
                .split('/')
                .any(|part| !part.is_empty() && name.contains(part));
            if !value.is_empty() && !value.contains('$') && !named {
                sink.hit(
                    flag.span,
                    say!(
                        file,
                        "플랫폼이 한 가지(`{value}`)로 고정되어 있어요.",
                        "The platform is fixed to `{value}`."
                    ),
                );
            }
        }
    },
};

/// A shell where there is none.
pub(crate) static SCRATCH_SHELL: Rule = Rule {
    id: "scratch-has-no-shell",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("scratch에는 셸이 없음", "No shell in scratch"),
    what: t(
        "`FROM scratch` 단계의 셸 형식 지시어를 찾아요.",
        "Finds shell form in a stage that starts `FROM scratch`.",
    ),
    why: t(
        "`scratch`는 완전히 빈 이미지라서 `/bin/sh`도 없어요. 앞 단계에서 만들고 `COPY --from`으로 가져오거나, 배열(exec 형식)로 써 보세요.",
        "`scratch` is entirely empty: there is no `/bin/sh` in it. Build in an earlier stage and bring the result with `COPY --from`; write commands as arrays (exec form).",
    ),
    bad: &[
        "FROM scratch\nRUN ⟦echo hi⟧\n",
        "FROM scratch\nCMD ⟦/app⟧\n",
    ],
    good: &["FROM scratch\nCOPY app /app\nCMD [\"/app\"]\n"],
    check: |file, sink| {
        for stage in 0..file.tree.stages.len() {
            if file.image(stage).as_deref() != Some("scratch") {
                continue;
            }
            // A shell may well have been brought in from another stage.
            let copied = |i: &dockerfile::Instruction| {
                matches!(i.kind, Kind::Add) || i.flag("from").is_some()
            };
            let instructions = file.tree.stage_instructions(stage);
            if file.scopes.parent(stage).is_some() || instructions.iter().any(copied) {
                continue;
            }
            for instruction in instructions
                .iter()
                .filter(|i| matches!(i.kind, Kind::Run | Kind::Cmd | Kind::Entrypoint))
            {
                if let dockerfile::Body::Shell(word) = &instruction.body {
                    let name = instruction.kind.name();
                    sink.hit(
                        word.span,
                        say!(
                            file,
                            "`scratch`에는 이 `{name}` 지시어를 실행할 셸이 없어요.",
                            "`scratch` has no shell to run this `{name}`."
                        ),
                    );
                }
            }
        }
    },
};
