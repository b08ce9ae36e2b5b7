//! `FROM` and the names of stages.

use dockerfile::{Kind, ProblemKind as K, Span, Word};

use crate::Severity::Error;
use crate::lint::rule::{Rule, say, t};

/// A tag that a blank splits off its image.
pub(crate) static FROM_SPACE: Rule = Rule {
    id: "from-space",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("from-space"),
    title: t("공백으로 갈라진 태그", "A tag split by a blank"),
    what: t(
        "`FROM python:3.11 -slim`처럼 이미지 이름과 태그 사이에 공백이 든 `FROM`을 찾아요.",
        "Finds a `FROM` in which a blank splits the tag, as in `FROM python:3.11 -slim`.",
    ),
    why: t(
        "`-slim`은 따로 붙이는 옵션이 아니라 태그 이름의 일부예요. Docker는 공백에서 낱말을 나누니, 태그가 두 조각이 되어 빌드가 멈춰요. 이미지 이름에서 태그가 어디부터 어디까지인지 살펴보세요.",
        "`-slim` is no option but a part of the tag's name. Docker cuts words at blanks, so the tag falls into two pieces and the build stops. Where does the tag begin and end in an image's name?",
    ),
    bad: &[
        "FROM python:3.11 ⟦-slim⟧\n",
        "FROM python:3.11 ⟦-slim⟧ AS build\n",
        "FROM python ⟦:3.11-slim⟧\n",
        "FROM python: ⟦3.11-slim⟧\n",
        "FROM node ⟦20-alpine⟧\n",
    ],
    good: &[
        "FROM python:3.11-slim\n",
        "FROM python:3.11-slim AS build\n",
    ],
    check: |file, sink| {
        for (_, instruction) in file.all(Kind::From) {
            let words = instruction.words();
            if let Some(joined) = split_tag(words) {
                let (first, second) = (&words[0], &words[1]);
                let (image, rest) = (&first.value, &second.value);
                sink.hit(
                    second.span,
                    say!(
                        file,
                        "`{image}` 다음의 공백 때문에 태그가 나뉘어 `{rest}` 부분이 따로 떨어졌어요.",
                        "The blank between `{image}` and `{rest}` splits the tag in two."
                    ),
                )
                .fix(
                    say!(file, "붙이기: `{joined}`", "Join it to `{joined}`"),
                    Span::new(first.span.end, second.span.end),
                    &joined[image.len()..],
                );
            }
        }
    },
};

/// The whole reference, where the second word belongs to the first.
fn split_tag(words: &[Word]) -> Option<String> {
    let shape = match words {
        [_, _] => true,
        [_, _, keyword, _] => keyword.value.eq_ignore_ascii_case("as"),
        _ => false,
    };
    let (first, second) = (&words.first()?.value, &words.get(1)?.value);
    if !shape || second.eq_ignore_ascii_case("as") || second.starts_with('#') {
        return None;
    }
    let tag_letters = second
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-:@".contains(c));
    let last_part = first.rsplit('/').next().unwrap_or(first);
    if !tag_letters {
        return None;
    }
    if second.starts_with(['-', '.', ':', '@']) || first.ends_with([':', '-', '.', '@']) {
        return Some(format!("{first}{second}"));
    }
    // `FROM node 20-alpine`: a version behind a name without a tag.
    (!last_part.contains(':') && second.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| format!("{first}:{second}"))
}

/// `FROM` with other words than it takes.
pub(crate) static FROM_ARGUMENTS: Rule = Rule {
    id: "from-arguments",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("FROM의 인자", "Arguments of FROM"),
    what: t(
        "`FROM 이미지`도 `FROM 이미지 AS 이름`도 아닌 `FROM`을 찾아요.",
        "Finds a `FROM` that is neither `FROM image` nor `FROM image AS name`.",
    ),
    why: t(
        "`FROM`은 이미지 하나를 받고, 그 단계(stage)에 이름을 줄 때만 `AS 이름`이 더 와요. 이름을 주려던 것인지, 남은 글자인지 살펴보세요.",
        "`FROM` takes one image; `AS name` follows only to name the stage. Is this meant as a name, or is it left over?",
    ),
    bad: &[
        "FROM alpine:3.22 ⟦build⟧\n",
        "FROM alpine:3.22 ⟦AS⟧\n",
        "FROM alpine:3.22 ⟦AS build stage⟧\n",
    ],
    good: &["FROM alpine:3.22 AS build\n"],
    check: |file, sink| {
        for (_, instruction) in file.all(Kind::From) {
            let words = instruction.words();
            let good =
                words.len() < 2 || (words.len() == 3 && words[1].value.eq_ignore_ascii_case("as"));
            if good
                || split_tag(words).is_some()
                || words.iter().any(|word| word.value.starts_with('#'))
            {
                continue;
            }
            let span = words[1].span.to(words[words.len() - 1].span);
            let second = &words[1].value;
            if words.len() == 2 && second.eq_ignore_ascii_case("as") {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`AS` 뒤에 단계의 이름이 없어요.",
                        "No name follows `AS`."
                    ),
                );
            } else if words.len() == 2 {
                sink.hit(span, say!(file, "이미지 뒤에 `{second}`, 이렇게 낱말이 하나 더 있어요. 단계의 이름이라면 앞에 `AS`가 필요해요.", "`{second}` follows the image. If it is the stage's name, `AS` belongs before it."));
            } else {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`FROM`에 낱말이 너무 많아요.",
                        "`FROM` has too many words."
                    ),
                );
            }
        }
    },
};

/// A comment at the end of an instruction.
pub(crate) static TRAILING_COMMENT: Rule = Rule {
    id: "trailing-comment",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("줄 끝의 주석", "Comment at the end of a line"),
    what: t(
        "지시어와 같은 줄에 쓴 `#` 주석을 찾아요.",
        "Finds a `#` comment on the line of an instruction.",
    ),
    why: t(
        "Dockerfile에서는 줄의 맨 앞에 있는 `#`만 주석이에요. 뒤에 붙이면 인자로 읽혀요. 주석을 윗줄로 옮겨 보세요.",
        "Only a `#` at the start of a line is a comment in a Dockerfile. Behind an instruction it is read as an argument. Move it to a line of its own.",
    ),
    bad: &[
        "FROM alpine:3.22 ⟦# small image⟧\n",
        "FROM alpine:3.22\nEXPOSE 8000 ⟦# web⟧\n",
        "FROM alpine:3.22\nWORKDIR /app ⟦# code⟧\n",
    ],
    good: &[
        "# small image\nFROM alpine:3.22\n",
        "FROM alpine:3.22\nLABEL colour=\"#fff\"\n",
    ],
    check: |file, sink| {
        for instruction in &file.tree.instructions {
            let kinds = [
                Kind::From,
                Kind::Expose,
                Kind::Workdir,
                Kind::User,
                Kind::Copy,
                Kind::Add,
                Kind::Stopsignal,
                Kind::Volume,
                Kind::Env,
                Kind::Arg,
                Kind::Label,
            ];
            if !kinds.contains(&instruction.kind)
                || matches!(instruction.body, dockerfile::Body::Exec(_))
            {
                continue;
            }
            let (start, end) = instruction.arguments_at;
            let text = &instruction.logical.text[start..end];
            // A `#` inside quotes is no slip, so the text before it must hold whole quotes.
            let hash = text
                .match_indices('#')
                .map(|(at, _)| at)
                .take(50)
                .find(|&at| {
                    let before = &text[..at];
                    before.ends_with([' ', '\t'])
                        && before.matches('"').count() % 2 == 0
                        && before.matches('\'').count() % 2 == 0
                });
            let Some(hash) = hash else { continue };
            let legacy = instruction.pairs().iter().any(|pair| pair.legacy);
            if legacy {
                continue;
            }
            let span = instruction.logical.span(start + hash, end);
            let end_before = start + text[..hash].trim_end().len();
            let name = instruction.kind.name();
            sink.hit(
                span,
                say!(
                    file,
                    "`{name}` 줄 끝의 `#`은 주석이 아니라 인자로 읽혀요.",
                    "The `#` at the end of this `{name}` is read as an argument, not as a comment."
                ),
            )
            .fix(
                say!(file, "주석 지우기", "Remove the comment"),
                instruction.logical.span(end_before, end),
                "",
            );
        }
    },
};

/// A stage name that BuildKit refuses.
pub(crate) static STAGE_NAME: Rule = Rule {
    id: "stage-name",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("단계의 이름", "Name of a stage"),
    what: t(
        "쓸 수 없는 글자가 든 단계(stage) 이름을 찾아요.",
        "Finds a stage name with letters that it cannot hold.",
    ),
    why: t(
        "단계의 이름은 영문자로 시작하고, 영문자와 숫자, `-`, `_`, `.`만 쓸 수 있어요. 숫자로 시작하면 단계의 번호와 헷갈리기 때문이에요.",
        "A stage name starts with a letter and holds letters, digits, `-`, `_` and `.` only. A digit first would look like a stage's number.",
    ),
    bad: &[
        "FROM alpine:3.22 AS ⟦1st⟧\n",
        "FROM alpine:3.22 AS ⟦빌드⟧\n",
    ],
    good: &["FROM alpine:3.22 AS first\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if let K::BadStageName { name } = kind {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`{name}` 같은 이름은 단계에 쓸 수 없어요.",
                        "`{name}` cannot name a stage."
                    ),
                );
            }
        }
    },
};

/// Two stages of one name.
pub(crate) static DUPLICATE_STAGE: Rule = Rule {
    id: "duplicate-stage-name",
    aliases: &["DuplicateStageName", "DL3024"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("같은 이름의 단계", "Two stages of one name"),
    what: t(
        "같은 이름을 두 번 쓴 단계를 찾아요.",
        "Finds a stage name that is used twice.",
    ),
    why: t(
        "`COPY --from=이름`과 `--target 이름`이 어느 단계를 뜻하는지 알 수 없게 돼요. 하는 일에 맞춰 이름을 다르게 지어 보세요.",
        "`COPY --from=name` and `--target name` can then mean either. Name each stage for what it does.",
    ),
    bad: &["FROM alpine:3.22 AS build\nFROM alpine:3.22 AS ⟦build⟧\n"],
    good: &["FROM alpine:3.22 AS build\nFROM alpine:3.22 AS run\n"],
    check: |file, sink| {
        let mut seen = std::collections::HashMap::new();
        for stage in &file.tree.stages {
            let Some(name) = &stage.name else { continue };
            let line = file.tree.source.line_of(name.span.start);
            if let Some(first) = seen.insert(name.value.to_lowercase(), line) {
                let text = &name.value;
                sink.hit(
                    name.span,
                    say!(
                        file,
                        "`{text}` 이름은 {first}번째 줄의 단계가 이미 쓰고 있어요.",
                        "The stage on line {first} already has the name `{text}`."
                    ),
                );
            }
        }
    },
};

/// Names that BuildKit keeps for itself.
pub(crate) static RESERVED_STAGE: Rule = Rule {
    id: "reserved-stage-name",
    aliases: &["ReservedStageName", "DL3063"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("예약된 단계 이름", "Reserved stage name"),
    what: t(
        "단계의 이름으로 쓴 `scratch`, `context`를 찾아요.",
        "Finds `scratch` and `context` as names of stages.",
    ),
    why: t(
        "`scratch`는 빈 이미지를, `context`는 빌드 컨텍스트를 뜻하는 정해진 말이에요. 다른 이름을 지어 주세요.",
        "`scratch` means the empty image and `context` the build context. Choose another name.",
    ),
    bad: &["FROM alpine:3.22 AS ⟦scratch⟧\n"],
    good: &["FROM alpine:3.22 AS empty\n"],
    check: |file, sink| {
        for name in file
            .tree
            .stages
            .iter()
            .filter_map(|stage| stage.name.as_ref())
        {
            if matches!(name.value.to_lowercase().as_str(), "scratch" | "context") {
                let text = &name.value;
                sink.hit(
                    name.span,
                    say!(
                        file,
                        "`{text}` 이름은 예약되어 있어요.",
                        "`{text}` is a reserved name."
                    ),
                );
            }
        }
    },
};
