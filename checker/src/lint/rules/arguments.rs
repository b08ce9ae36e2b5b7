//! `ARG`: where it is seen, and which names the builder fills in.

use dockerfile::{Body, Kind, PLATFORM_ARGS, Span};

use super::variables::unset;
use crate::Severity::Warning;
use crate::lint::rule::{Rule, say, t};

/// An `ARG` from before `FROM`, used in a stage.
pub(crate) static GLOBAL_ARG: Rule = Rule {
    id: "arg-before-from",
    aliases: &["UndefinedVar"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("FROM 앞의 ARG", "ARG before FROM"),
    what: t(
        "`FROM` 앞에서만 정의한 `ARG`를 단계 안에서 쓴 곳을 찾아요.",
        "Finds an `ARG` from before `FROM` that a stage uses without declaring it again.",
    ),
    why: t(
        "첫 `FROM` 앞의 `ARG`는 `FROM` 줄에서만 보여요. 단계 안에서는 빈 값이 되니, 쓰기 전에 값 없이 `ARG 이름`을 한 번 더 적어 주세요. 값은 앞의 것을 이어받아요.",
        "An `ARG` before the first `FROM` is seen in `FROM` lines only; in a stage it is empty. Write `ARG name` again there, without a value: it takes the one from above.",
    ),
    bad: &[
        "ARG VERSION=3.22\nFROM alpine:$VERSION\nRUN echo \"⟦$VERSION⟧\"\n",
        "ARG DIR=/app\nFROM alpine:3.22\nWORKDIR ⟦${DIR}⟧\n",
    ],
    good: &[
        "ARG VERSION=3.22\nFROM alpine:$VERSION\nARG VERSION\nRUN echo \"$VERSION\"\n",
        "ARG V=1\nFROM alpine:3.22\nRUN V=2; echo $V '$V'\n",
    ],
    check: |file, sink| {
        let mut found: Vec<(usize, Span, String)> = Vec::new();
        unset(file, |index, instruction, reference, span| {
            if instruction.kind != Kind::From && file.scopes.global(&reference.name).is_some() {
                found.push((index, span, reference.name.clone()));
            }
        });
        for (index, instruction) in file.all(Kind::Run) {
            let Body::Shell(word) = &instruction.body else {
                continue;
            };
            if file.scopes.global_names().next().is_none() {
                break;
            }
            let scope = file.scopes.at(file.tree, index);
            // The script may well set the name itself.
            let sets = |name: &str| {
                let script = &word.value;
                script.contains(&format!("{name}="))
                    || script.contains(&format!("for {name} "))
                    || script.contains(&format!("read {name}"))
            };
            for (name, start, end) in shell_variables(&word.value) {
                if file.scopes.global(name).is_some() && scope.get(name).is_none() && !sets(name) {
                    found.push((
                        index,
                        instruction.logical.span(word.at + start, word.at + end),
                        name.to_owned(),
                    ));
                }
            }
        }
        for (index, span, name) in found {
            let hit = sink.hit(
                span,
                say!(
                    file,
                    "`{name}` 변수는 `FROM` 앞에서 정의한 `ARG`라서 이 단계 안에서는 비어 있어요.",
                    "`{name}` is an `ARG` from before `FROM`, so it is empty in this stage."
                ),
            );
            if let Some(stage) = file.tree.stage_of(index) {
                let end = file.tree.instructions[file.tree.stages[stage].from]
                    .span
                    .end;
                hit.fix(
                    say!(
                        file,
                        "`FROM` 다음에 `ARG {name}` 넣기",
                        "Insert `ARG {name}` behind `FROM`"
                    ),
                    Span::new(end, end),
                    format!("\nARG {name}"),
                );
            }
        }
    },
};

/// `$NAME` and `${NAME` in a shell script, outside single quotes.
fn shell_variables(script: &str) -> Vec<(&str, usize, usize)> {
    let bytes = script.as_bytes();
    let (mut found, mut at, mut double) = (Vec::new(), 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => double = !double,
            b'\'' if !double => {
                at += script[at + 1..]
                    .find('\'')
                    .map_or(bytes.len(), |length| length + 1)
            }
            b'$' => {
                let brace = bytes.get(at + 1) == Some(&b'{');
                let start = at + 1 + usize::from(brace);
                let length = script.as_bytes()[start.min(bytes.len())..]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                    .count();
                let name = &script[start.min(bytes.len())..(start + length).min(bytes.len())];
                let closed = usize::from(brace && bytes.get(start + length) == Some(&b'}'));
                if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
                    found.push((name, at, start + length + closed));
                }
                at = start + length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// A slip in the name of a variable that the builder fills in.
pub(crate) static PLATFORM_TYPO: Rule = Rule {
    id: "targetarch-typo",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: Some("targetarch-typo"),
    title: t("플랫폼 변수의 오타", "Misspelt platform variable"),
    what: t(
        "`TAGETARCH`처럼 자동 플랫폼 변수와 한두 글자만 다른 `ARG`를 찾아요.",
        "Finds an `ARG` that is one or two letters away from a platform variable, such as `TAGETARCH`.",
    ),
    why: t(
        "빌더는 `TARGETARCH`, `TARGETOS`처럼 정해진 이름에만 값을 채워 줘요. 철자가 다르면 오류 없이 빈 값이 돼요.",
        "The builder fills in `TARGETARCH`, `TARGETOS` and their kin by exactly these names. Any other spelling stays empty, without an error.",
    ),
    bad: &[
        "FROM alpine:3.22\nARG ⟦TAGETARCH⟧\nRUN echo $TAGETARCH\n",
        "FROM alpine:3.22\nARG ⟦TARGET_OS⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nARG TARGETARCH\nRUN echo $TARGETARCH\n",
        "FROM alpine:3.22\nARG TARGET\n",
    ],
    check: |file, sink| {
        for (_, instruction) in file.all(Kind::Arg) {
            for pair in instruction
                .pairs()
                .iter()
                .filter(|pair| pair.value.is_none())
            {
                let name = pair.name.value.as_str();
                if PLATFORM_ARGS.contains(&name) || name.len() < 7 {
                    continue;
                }
                let near = PLATFORM_ARGS
                    .into_iter()
                    .filter_map(|known| Some((dockerfile::distance(name, known, 2)?, known)))
                    .min();
                let Some((_, known)) = near.filter(|&(cost, known)| cost * 5 <= known.len()) else {
                    continue;
                };
                sink.hit(
                    pair.name.span,
                    say!(
                        file,
                        "`{name}` 같은 자동 변수는 없어요. 혹시 `{known}` 아닌가요?",
                        "The builder fills in no variable `{name}`. Did you mean `{known}`?"
                    ),
                )
                .fix(
                    say!(file, "바꾸기: `{known}`", "Change it to `{known}`"),
                    pair.name.span,
                    known,
                );
            }
        }
    },
};
