//! What is wrong with a Compose file as YAML.

use dockerfile::Span;

use crate::Severity::Error;
use crate::compose::yaml::ProblemKind as K;
use crate::compose::{Node, Value};
use crate::lint::rule::{File, Rule, say, t};

/// The problems of a file.
fn problems<'a>(file: &File<'a>) -> impl Iterator<Item = (&'a K, Span)> {
    let compose = file.compose.into_iter();
    compose
        .flat_map(|compose| &compose.problems)
        .map(|problem| (&problem.kind, problem.span))
}

/// A file without a service.
pub(crate) static EMPTY: Rule = Rule {
    id: "compose-empty",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "서비스가 없는 Compose 파일",
        "Compose file without a service",
    ),
    what: t(
        "`services`가 없거나 비어 있는 Compose 파일을 찾아요.",
        "Finds a Compose file whose `services` are missing or empty.",
    ),
    why: t(
        "Compose는 `services` 아래에 적힌 컨테이너들을 띄워요. 서비스가 하나도 없으면 할 일이 없어요. 내용을 썼는데 비어 있다면 저장했는지, 들여쓰기가 맞는지 확인해 보세요.",
        "Compose starts the containers that stand under `services`. Without one there is nothing to do. If you wrote some, look whether the file was saved and how the lines are indented.",
    ),
    bad: &[
        "⟦⟧",
        "⟦⟧# services:\n",
        "⟦services⟧: {}\n",
        "⟦volumes⟧:\n  data:\n",
    ],
    good: &["services:\n  web:\n    image: nginx:1.29\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        if !compose.whole || !compose.problems.is_empty() || !compose.services.is_empty() {
            return;
        }
        let Some(root) = &compose.root else {
            let hit = say!(file, "이 파일은 비어 있어요.", "This file is empty.");
            sink.hit(Span::new(0, 0), hit);
            return;
        };
        let entry = root.entry("services").or(root.entries().first());
        // What has another shape than a Compose file is said by its shape; `compose.override.yaml` stands on another.
        let stands_on_another = super::middle(file.path).is_some_and(|middle| !middle.is_empty());
        let silent = match entry {
            Some(entry) if entry.key == "services" => {
                stands_on_another
                    || !matches!(&entry.value.value, Value::Map(entries) if entries.is_empty())
            }
            Some(_) => stands_on_another,
            None => !matches!(root.value, Value::Null | Value::Map(_)),
        };
        let silent = silent
            || root
                .entries()
                .iter()
                .any(|entry| entry.key != "services" && is_service(&entry.value));
        if !silent {
            sink.hit(
                entry.map_or(Span::new(0, 0), |entry| entry.span),
                say!(
                    file,
                    "이 파일에는 서비스가 하나도 없어요.",
                    "This file holds no service."
                ),
            );
        }
    },
};

/// A service at the top level, where its name is the unknown key.
fn is_service(node: &Node) -> bool {
    node.get("image").is_some() || node.get("build").is_some()
}

/// A file that is too large or too deep to be a Compose file.
pub(crate) static TOO_LARGE: Rule = Rule {
    id: "compose-too-large",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("너무 큰 Compose 파일", "Compose file too large"),
    what: t(
        "1 MiB보다 크거나, 64단계보다 깊거나, 앵커를 모두 풀었을 때 값이 10만 개를 넘는 파일은 읽지 않아요.",
        "A file of more than 1 MiB, of more than 64 levels, or of more than 100,000 values once its aliases are resolved is not read.",
    ),
    why: t(
        "Compose 파일은 보통 몇십 줄짜리 텍스트예요. 다른 파일을 고르지 않았는지, 별칭(`*이름`)이 별칭을 여러 번 부르지 않는지 확인해 보세요.",
        "A Compose file is a text of some dozen lines. Look whether another file was chosen, or whether aliases (`*name`) hold aliases many times over.",
    ),
    bad: &[],
    good: &["services:\n  web:\n    image: nginx:1.29\n"],
    check: |file, sink| {
        for (kind, span) in problems(file) {
            let message = match kind {
                K::TooLarge => say!(
                    file,
                    "파일이 너무 커요. 1 MiB까지만 읽어요.",
                    "The file is too large: at most 1 MiB is read."
                ),
                K::TooDeep => say!(
                    file,
                    "여기서부터 너무 깊어요. 64단계까지만 읽어요.",
                    "From here on the nesting is too deep: at most 64 levels are read."
                ),
                K::TooMany => say!(
                    file,
                    "별칭을 풀면 값이 너무 많아져요. 여기까지만 읽었어요.",
                    "With its aliases resolved the file holds too many values. It was read up to here."
                ),
                _ => continue,
            };
            sink.hit(span, message);
        }
    },
};

/// Bytes that are no text.
pub(crate) static NOT_TEXT: Rule = Rule {
    id: "compose-not-text",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "텍스트가 아닌 Compose 파일",
        "Compose file that is not text",
    ),
    what: t(
        "UTF-8이 아닌 바이트나 제어 문자를 찾아요.",
        "Finds bytes that are not UTF-8, and control characters.",
    ),
    why: t(
        "Compose 파일은 UTF-8 텍스트여야 해요. 편집기에서 인코딩을 UTF-8로 바꿔 다시 저장해 보세요.",
        "A Compose file is UTF-8 text. Save it again as UTF-8.",
    ),
    bad: &["services:\n  web:\n    image: ngi⟦\0⟧nx\n"],
    good: &["# 게시판\nservices:\n  web:\n    image: nginx:1.29\n"],
    check: |file, sink| {
        for (_, span) in problems(file).filter(|(kind, _)| matches!(kind, K::NotText)) {
            sink.hit(
                span,
                say!(
                    file,
                    "UTF-8 텍스트가 아닌 글자가 있어요. 여기가 첫 번째예요.",
                    "Something here is not UTF-8 text; this is the first place."
                ),
            );
        }
    },
};

/// What YAML cannot read.
pub(crate) static SYNTAX: Rule = Rule {
    id: "yaml-syntax",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("YAML 문법 오류", "YAML syntax error"),
    what: t(
        "YAML로 읽을 수 없는 곳을 찾아요. 그 뒤는 읽지 못해요.",
        "Finds the place from which the file cannot be read as YAML.",
    ),
    why: t(
        "YAML은 들여쓰기로 무엇이 무엇 안에 있는지 나타내요. 같은 단계의 줄은 같은 칸에서 시작하고, 탭은 쓸 수 없고, `키: 값`의 `:` 뒤에는 빈칸이 있어야 해요. 이 줄과 바로 윗줄을 비교해 보세요.",
        "YAML shows by indentation what belongs to what. Lines of one level start in one column, tabs are not allowed, and a blank follows the `:` of `key: value`. Compare this line with the one above.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n   ⟦ports: [80]⟧\n",
        "services:\n⟦\t⟧web:\n    image: nginx:1.29\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    ports: [\"80\"]\n",
        "services:\n  web:\n    image: nginx:1.29\n",
    ],
    check: |file, sink| {
        for (kind, span) in problems(file) {
            let message = match kind {
                K::Tab => say!(
                    file,
                    "들여쓰기에 탭이 있어요. YAML은 빈칸만 받아요.",
                    "This line is indented with a tab; YAML takes blanks only."
                ),
                K::OpenQuote => say!(
                    file,
                    "따옴표가 닫히지 않았거나 따옴표 안을 읽을 수 없어요.",
                    "A quote is not closed, or what is in the quotes cannot be read."
                ),
                K::OpenBracket => say!(
                    file,
                    "괄호가 닫히지 않았거나 괄호 안에 쉼표가 빠졌어요.",
                    "A bracket is not closed, or a comma is missing in it."
                ),
                K::Layout => say!(
                    file,
                    "들여쓰기가 윗줄과 맞지 않거나 `:`이 빠졌어요. 여기부터 읽을 수 없어요.",
                    "The indentation does not fit the lines above, or a `:` is missing. The file cannot be read from here on."
                ),
                K::ComplexKey => say!(
                    file,
                    "목록이나 매핑은 키가 될 수 없어요.",
                    "A list or a mapping cannot be a key here."
                ),
                K::Syntax => say!(
                    file,
                    "여기부터 YAML로 읽을 수 없어요.",
                    "The file cannot be read as YAML from here on."
                ),
                _ => continue,
            };
            sink.hit(span, message);
        }
    },
};

/// Aliases that lead nowhere, or to themselves.
pub(crate) static ALIAS: Rule = Rule {
    id: "yaml-alias",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("갈 곳 없는 별칭", "Alias that leads nowhere"),
    what: t(
        "앵커(`&이름`) 없이 쓴 별칭(`*이름`)과 자기 자신을 담는 별칭을 찾아요.",
        "Finds an alias (`*name`) without its anchor (`&name`), and one that holds itself.",
    ),
    why: t(
        "별칭은 파일의 더 위쪽에 있는 앵커의 값을 그대로 가져와요. 이름의 철자를 살펴보세요. `*`로 시작하는 글자를 쓰려던 것이라면 따옴표로 감싸세요.",
        "An alias takes the value of an anchor that stands further up. Look at the spelling of its name. A text that begins with `*` needs quotes.",
    ),
    bad: &[
        "services:\n  web:\n    image: ⟦*base⟧\n",
        "services: &all\n  web: ⟦*all⟧\n",
    ],
    good: &["x-image: &base nginx:1.29\nservices:\n  web:\n    image: *base\n"],
    check: |file, sink| {
        for (kind, span) in problems(file) {
            let message = match kind {
                K::UnknownAlias => say!(
                    file,
                    "이 별칭의 앵커가 위쪽에 없어요.",
                    "There is no anchor for this alias above it."
                ),
                K::Endless => say!(
                    file,
                    "이 별칭은 자기 자신을 담고 있어서 끝이 없어요.",
                    "This alias holds itself and has no end."
                ),
                _ => continue,
            };
            sink.hit(span, message);
        }
    },
};

/// A key that stands twice in one mapping.
pub(crate) static DUPLICATE_KEY: Rule = Rule {
    id: "yaml-duplicate-key",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("두 번 쓴 키", "Key that stands twice"),
    what: t(
        "한 매핑 안에 같은 키가 두 번 있는 곳을 찾아요.",
        "Finds a key that stands twice in one mapping.",
    ),
    why: t(
        "한 키에는 값이 하나예요. Compose는 이런 파일을 거절해요. 두 값을 한 키 아래로 모으거나, 둘 중 하나의 이름을 바꿔 보세요.",
        "A key has one value, and Compose refuses such a file. Bring both values together under one key, or give one of them another name.",
    ),
    bad: &["services:\n  web:\n    image: nginx:1.29\n    ⟦image⟧: nginx:1.28\n"],
    good: &["services:\n  web:\n    image: nginx:1.29\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for (kind, span) in problems(file) {
            if let K::DuplicateKey { key, before } = kind {
                let line = compose.source.line_of(before.start);
                sink.hit(
                    span,
                    say!(
                        file,
                        "`{key}` 키가 {line}번째 줄에 이미 있어요.",
                        "The key `{key}` already stands on line {line}."
                    ),
                );
            }
        }
    },
};
