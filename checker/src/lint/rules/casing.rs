//! Letter case.

use dockerfile::Kind;

use crate::Severity::Warning;
use crate::lint::rule::{File, Rule, Sink, say, t};

/// Capital letters in a stage name.
pub(crate) static STAGE_CASING: Rule = Rule {
    id: "stage-name-casing",
    aliases: &["StageNameCasing"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("단계 이름의 대문자", "Capital letters in a stage name"),
    what: t(
        "대문자가 든 단계 이름을 찾아요.",
        "Finds capital letters in a stage's name.",
    ),
    why: t(
        "빌더는 이름을 소문자로 바꿔 기억해요. 처음부터 소문자로 쓰면 지시어와도 눈에 잘 구별돼요.",
        "The builder keeps the name in small letters. Written so from the start, it is also told apart from instructions.",
    ),
    bad: &["FROM alpine:3.22 AS ⟦Build⟧\n"],
    good: &["FROM alpine:3.22 AS build\n"],
    check: |file, sink| {
        for name in file
            .tree
            .stages
            .iter()
            .filter_map(|stage| stage.name.as_ref())
        {
            let lower = name.value.to_lowercase();
            if lower != name.value {
                let text = &name.value;
                sink.hit(
                    name.span,
                    say!(
                        file,
                        "단계 이름 `{text}`에 대문자가 있어요.",
                        "The stage name `{text}` has capital letters."
                    ),
                )
                .fix(
                    say!(file, "바꾸기: `{lower}`", "Change it to `{lower}`"),
                    name.span,
                    lower.as_str(),
                );
            }
        }
    },
};

/// `FROM … as` and `from … AS`.
pub(crate) static AS_CASING: Rule = Rule {
    id: "from-as-casing",
    aliases: &["FromAsCasing"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("FROM과 AS의 대소문자", "Letter case of FROM and AS"),
    what: t(
        "`FROM`과 `AS`의 대소문자가 다른 줄을 찾아요.",
        "Finds `FROM` and `AS` in different letter case.",
    ),
    why: t(
        "둘 다 대문자면 이미지와 단계의 이름만 소문자로 남아 읽기 쉬워요.",
        "With both in capitals, only the names of image and stage stand in small letters, which reads well.",
    ),
    bad: &["FROM alpine:3.22 ⟦as⟧ build\n"],
    good: &[
        "FROM alpine:3.22 AS build\n",
        "from alpine:3.22 as build\nrun ls\n",
    ],
    check: |file, sink| {
        for (_, instruction) in file.all(Kind::From) {
            let [_, keyword, _] = instruction.words() else {
                continue;
            };
            let from = &instruction.keyword.value;
            let right = if *from == from.to_uppercase() {
                "AS"
            } else if *from == from.to_lowercase() {
                "as"
            } else {
                continue;
            };
            if keyword.value.eq_ignore_ascii_case("as") && keyword.value != right {
                let wrong = &keyword.value;
                sink.hit(
                    keyword.span,
                    say!(
                        file,
                        "`{from}` 다음의 `{wrong}` 글자가 대소문자가 달라요.",
                        "`{from}` and `{wrong}` differ in letter case."
                    ),
                )
                .fix(
                    say!(file, "바꾸기: `{right}`", "Change it to `{right}`"),
                    keyword.span,
                    right,
                );
            }
        }
    },
};

/// Instructions in mixed letter case.
pub(crate) static INSTRUCTION_CASING: Rule = Rule {
    id: "instruction-casing",
    aliases: &["ConsistentInstructionCasing"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("지시어의 대소문자", "Letter case of instructions"),
    what: t(
        "다른 지시어들과 대소문자가 다른 지시어를 찾아요.",
        "Finds an instruction in another letter case than most.",
    ),
    why: t(
        "지시어는 대소문자를 가리지 않지만, 모두 대문자로 쓰면 인자와 한눈에 구별돼요.",
        "Letter case does not matter to Docker. Instructions in capitals are told apart from their arguments at a glance.",
    ),
    bad: &[
        "FROM alpine:3.22\n⟦copy⟧ . /app\nRUN ls\n",
        "FROM alpine:3.22\n⟦Run⟧ ls\n",
    ],
    good: &[
        "FROM alpine:3.22\nCOPY . /app\nRUN ls\n",
        "from alpine:3.22\nrun ls\n",
    ],
    check: casing,
};

fn casing(file: &File<'_>, sink: &mut Sink<'_>) {
    // BuildKit counts what stands behind the first FROM, and lets the smaller part follow the larger.
    let known = || {
        file.tree
            .instructions
            .iter()
            .filter(|i| i.kind != Kind::Unknown)
    };
    let is = |upper: bool, text: &str| {
        text == if upper {
            text.to_uppercase()
        } else {
            text.to_lowercase()
        }
    };
    let lower = known().filter(|i| is(false, &i.keyword.value)).count();
    let upper = known().filter(|i| is(true, &i.keyword.value)).count();
    let to_upper = lower <= upper;
    for keyword in known()
        .map(|i| &i.keyword)
        .filter(|keyword| !is(to_upper, &keyword.value))
    {
        let right = if to_upper {
            keyword.value.to_uppercase()
        } else {
            keyword.value.to_lowercase()
        };
        let wrong = &keyword.value;
        sink.hit(
            keyword.span,
            say!(
                file,
                "`{wrong}`의 대소문자가 다른 지시어들과 달라요.",
                "`{wrong}` is in another letter case than the other instructions."
            ),
        )
        .fix(
            say!(file, "바꾸기: `{right}`", "Change it to `{right}`"),
            keyword.span,
            right.as_str(),
        );
    }
}
