//! Variables: where they are defined, where they are seen, what must not be in them.

use dockerfile::{Body, Instruction, Kind, PLATFORM_ARGS, Reference, Span, Word, expand, suggest};

use crate::Severity::Warning;
use crate::lint::image::inherited_variables;
use crate::lint::rule::{File, Rule, Sink, say, t};

/// The words of an instruction in which BuildKit expands variables.
fn expanded_words(instruction: &Instruction) -> Vec<&Word> {
    let mut words: Vec<&Word> = Vec::new();
    match (instruction.kind, &instruction.body) {
        (Kind::From, Body::Words(all)) => words.extend(all.first()),
        (Kind::Env | Kind::Label | Kind::Arg, Body::Pairs(pairs)) => {
            for pair in pairs {
                if instruction.kind != Kind::Arg {
                    words.push(&pair.name);
                }
                words.extend(&pair.value);
            }
        }
        (
            Kind::Add
            | Kind::Copy
            | Kind::Expose
            | Kind::User
            | Kind::Volume
            | Kind::Workdir
            | Kind::Stopsignal,
            _,
        ) => {
            words.extend(instruction.words());
        }
        _ => {}
    }
    for name in ["chown", "chmod", "platform"] {
        words.extend(instruction.flag(name).and_then(|flag| flag.value.as_ref()));
    }
    words
}

/// Where a reference inside a word stands in the file.
pub(super) fn place(instruction: &Instruction, word: &Word, reference: &Reference) -> Span {
    // A JSON string is decoded, so only its whole place is known.
    if matches!(instruction.body, Body::Exec(_)) {
        return word.span;
    }
    instruction
        .logical
        .span(word.at + reference.start, word.at + reference.end)
}

/// Calls back with every variable that is named and has no value, in the order of the file.
pub(super) fn unset(file: &File<'_>, mut found: impl FnMut(usize, &Instruction, &Reference, Span)) {
    for (index, instruction) in file.tree.instructions.iter().enumerate() {
        let scope = file.scopes.at(file.tree, index);
        for word in expanded_words(instruction)
            .into_iter()
            .filter(|word| word.value.contains('$'))
        {
            let mut get = |name: &str| {
                scope
                    .get(name)
                    .map(|variable| variable.value.clone().unwrap_or_default())
            };
            let Ok(expanded) = expand(&word.value, file.tree.escape, &mut get) else {
                continue;
            };
            for reference in expanded
                .references
                .iter()
                .filter(|reference| !reference.set)
            {
                found(
                    index,
                    instruction,
                    reference,
                    place(instruction, word, reference),
                );
            }
        }
    }
}

/// Looks for what cannot be expanded.
pub(crate) fn substitution(file: &File<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in file.tree.instructions.iter().enumerate() {
        let scope = file.scopes.at(file.tree, index);
        for word in expanded_words(instruction) {
            let mut get = |name: &str| {
                scope
                    .get(name)
                    .map(|variable| variable.value.clone().unwrap_or_else(|| "x".to_owned()))
            };
            let Err(error) = expand(&word.value, file.tree.escape, &mut get) else {
                continue;
            };
            let span = if matches!(instruction.body, Body::Exec(_)) {
                word.span
            } else {
                instruction
                    .logical
                    .span(word.at + error.start, word.at + error.end)
            };
            let reason = error.reason;
            let text: String = file.text(span).chars().take(40).collect();
            sink.hit(span, say!(file, "변수를 펼칠 수 없어요: `{text}`. 괄호나 따옴표의 짝이 맞지 않거나 모르는 표현이에요.", "`{text}` cannot be expanded: {reason}."));
        }
    }
}

/// A variable that nothing defines.
pub(crate) static UNDEFINED: Rule = Rule {
    id: "undefined-variable",
    aliases: &["UndefinedVar"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("정의되지 않은 변수", "Undefined variable"),
    what: t(
        "앞에서 `ARG`나 `ENV`로 정의하지 않은 변수를 찾아요.",
        "Finds a variable that no `ARG` or `ENV` before it defines.",
    ),
    why: t(
        "정의되지 않은 변수는 오류 없이 빈 문자열이 돼요. 이름의 철자를 확인하고, 정의가 이 줄보다 앞에, 같은 단계 안에 있는지 살펴보세요.",
        "An undefined variable becomes an empty text, without an error. Check its spelling, and that its definition stands before this line, in the same stage.",
    ),
    bad: &[
        "FROM alpine:3.22\nENV APP_DIR=/app\nWORKDIR ⟦$APP_DRI⟧\n",
        "FROM alpine:3.22\nWORKDIR /app/⟦${NAME}⟧/x\n",
    ],
    good: &[
        "FROM alpine:3.22\nENV APP_DIR=/app\nWORKDIR $APP_DIR\n",
        "FROM alpine:3.22\nENV PATH=/app/bin:$PATH\n",
        "FROM alpine:3.22\nARG DIR\nWORKDIR /app/$DIR\n",
        "FROM python:3.13\nLABEL v=$PYTHON_VERSION\n",
    ],
    check: |file, sink| {
        unset(file, |index, instruction, reference, span| {
            let name = reference.name.as_str();
            let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
            let inherited = matches!(name, "PATH" | "HOME" | "HOSTNAME")
                || file
                    .tree
                    .stage_of(index)
                    .and_then(|stage| file.image(stage))
                    .is_some_and(|image| {
                        inherited_variables(&image)
                            .iter()
                            .any(|start| name.starts_with(start))
                    });
            if instruction.kind == Kind::From
                || !is_name
                || inherited
                || file.scopes.global(name).is_some()
            {
                return;
            }
            let names = file.scopes.at(file.tree, index).names();
            match suggest(name, names.iter().copied().chain(["PATH"])) {
                Some(near) => {
                    let text = file.text(span).replacen(name, near, 1);
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`{name}` 변수는 정의된 적이 없어요. 혹시 `{near}` 아닌가요?",
                            "Nothing defines the variable `{name}`. Did you mean `{near}`?"
                        ),
                    )
                    .fix(
                        say!(file, "바꾸기: `{near}`", "Change it to `{near}`"),
                        span,
                        text,
                    );
                }
                None => {
                    let hit = sink.hit(
                        span,
                        say!(
                            file,
                            "`{name}` 변수는 정의된 적이 없어요.",
                            "Nothing defines the variable `{name}`."
                        ),
                    );
                    if PLATFORM_ARGS.contains(&name) {
                        hit.why(say!(file, "`{name}`의 값은 빌더가 알고 있지만, 단계 안에서 쓰려면 먼저 `ARG {name}` 줄을 적어야 해요.", "The builder knows the value of `{name}`, but a stage sees it only behind a line `ARG {name}`."));
                    }
                }
            }
        });
    },
};

/// A variable in `FROM` that no `ARG` before it defines.
pub(crate) static UNDEFINED_IN_FROM: Rule = Rule {
    id: "undefined-arg-in-from",
    aliases: &["UndefinedArgInFrom"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("FROM의 정의되지 않은 변수", "Undefined variable in FROM"),
    what: t(
        "첫 `FROM`보다 앞에서 `ARG`로 정의하지 않은 변수를 `FROM`에서 쓴 곳을 찾아요.",
        "Finds a variable in `FROM` that no `ARG` before the first `FROM` defines.",
    ),
    why: t(
        "`FROM`은 첫 `FROM`보다 앞에 있는 `ARG`만 볼 수 있어요. 단계 안의 `ARG`나 `ENV`는 보이지 않아요.",
        "`FROM` sees only the `ARG`s before the first `FROM`, not an `ARG` or `ENV` inside a stage.",
    ),
    bad: &[
        "ARG VERSION=3.22\nFROM alpine:⟦${VERSOIN}⟧\n",
        "FROM alpine:3.22\nARG TAG=1\nFROM nginx:⟦$TAG⟧\n",
    ],
    good: &[
        "ARG VERSION=3.22\nFROM alpine:${VERSION}\n",
        "FROM --platform=$BUILDPLATFORM alpine:3.22\n",
    ],
    check: |file, sink| {
        unset(file, |_, instruction, reference, span| {
            let name = reference.name.as_str();
            if instruction.kind != Kind::From || PLATFORM_ARGS.contains(&name) {
                return;
            }
            let mut globals: Vec<&str> = file.scopes.global_names().chain(PLATFORM_ARGS).collect();
            globals.sort_unstable();
            match suggest(name, globals) {
                Some(near) => {
                    let text = file.text(span).replacen(name, near, 1);
                    sink.hit(span, say!(file, "`FROM`의 `{name}` 변수를 앞에서 `ARG`로 정의하지 않았어요. 혹시 `{near}` 아닌가요?", "No `ARG` before `FROM` defines `{name}`. Did you mean `{near}`?"))
                        .fix(say!(file, "바꾸기: `{near}`", "Change it to `{near}`"), span, text);
                }
                None => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`FROM`의 `{name}` 변수를 첫 `FROM` 앞에서 `ARG`로 정의하지 않았어요.",
                            "No `ARG` before the first `FROM` defines `{name}`."
                        ),
                    );
                }
            }
        });
    },
};
