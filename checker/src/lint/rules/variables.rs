//! Variables: where they are defined, where they are seen, what must not be in them.

use std::collections::HashSet;

use dockerfile::{Body, Instruction, Kind, PLATFORM_ARGS, Reference, Span, Word, expand, suggest};

use crate::Severity::{Error, Warning};
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
fn place(instruction: &Instruction, word: &Word, reference: &Reference) -> Span {
    // A JSON string is decoded, so only its whole place is known.
    if matches!(instruction.body, Body::Exec(_)) {
        return word.span;
    }
    instruction
        .logical
        .span(word.at + reference.start, word.at + reference.end)
}

/// Calls back with every variable that is named and has no value, in the order of the file.
fn unset(file: &File<'_>, mut found: impl FnMut(usize, &Instruction, &Reference, Span)) {
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
            sink.hit(span, say!(file, "`{text}`를 변수로 펼칠 수 없어요. 괄호나 따옴표의 짝이 맞지 않거나 모르는 표현이에요.", "`{text}` cannot be expanded: {reason}."));
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
                            "`{name}`라는 변수는 정의된 적이 없어요. 혹시 `{near}` 아닌가요?",
                            "Nothing defines the variable `{name}`. Did you mean `{near}`?"
                        ),
                    )
                    .fix(
                        say!(file, "`{near}`로 바꾸기", "Change it to `{near}`"),
                        span,
                        text,
                    );
                }
                None => {
                    let hit = sink.hit(
                        span,
                        say!(
                            file,
                            "`{name}`라는 변수는 정의된 적이 없어요.",
                            "Nothing defines the variable `{name}`."
                        ),
                    );
                    if PLATFORM_ARGS.contains(&name) {
                        hit.why(say!(file, "`{name}`의 값은 빌더가 알고 있지만, 단계 안에서 쓰려면 먼저 `ARG {name}`이라고 적어야 해요.", "The builder knows the value of `{name}`, but a stage sees it only behind a line `ARG {name}`."));
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
                    sink.hit(span, say!(file, "`FROM`의 `{name}`는 앞에서 `ARG`로 정의하지 않았어요. 혹시 `{near}` 아닌가요?", "No `ARG` before `FROM` defines `{name}`. Did you mean `{near}`?"))
                        .fix(say!(file, "`{near}`로 바꾸기", "Change it to `{near}`"), span, text);
                }
                None => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`FROM`의 `{name}`는 첫 `FROM` 앞에서 `ARG`로 정의하지 않았어요.",
                            "No `ARG` before the first `FROM` defines `{name}`."
                        ),
                    );
                }
            }
        });
    },
};

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
                    "`{name}`는 `FROM` 앞에서 정의한 `ARG`라서 이 단계 안에서는 비어 있어요.",
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
                        "`{name}`라는 자동 변수는 없어요. 혹시 `{known}` 아닌가요?",
                        "The builder fills in no variable `{name}`. Did you mean `{known}`?"
                    ),
                )
                .fix(
                    say!(file, "`{known}`로 바꾸기", "Change it to `{known}`"),
                    pair.name.span,
                    known,
                );
            }
        }
    },
};

/// `ENV` that uses a value from the same line.
pub(crate) static SELF_REFERENCE: Rule = Rule {
    id: "env-self-reference",
    aliases: &["DL3044"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("같은 ENV 안의 변수", "Variable from the same ENV"),
    what: t(
        "같은 `ENV` 지시어 안에서 막 정의한 변수를 쓰는 곳을 찾아요.",
        "Finds an `ENV` that uses a variable which the same `ENV` defines.",
    ),
    why: t(
        "한 `ENV` 안의 값은 모두 그 지시어가 시작하기 전의 값으로 펼쳐져요. 그래서 방금 정한 값이 아니라 옛 값이나 빈 값이 들어가요. `ENV`를 두 줄로 나눠 보세요.",
        "All values of one `ENV` are expanded with what was set before it began: the old value comes in, or nothing. Split it into two `ENV` lines.",
    ),
    bad: &["FROM alpine:3.22\nENV HOME_DIR=/app LOG_DIR=⟦$HOME_DIR⟧/log\n"],
    good: &[
        "FROM alpine:3.22\nENV HOME_DIR=/app\nENV LOG_DIR=$HOME_DIR/log\n",
        "FROM alpine:3.22\nENV PATH=/app/bin:$PATH\n",
        "FROM alpine:3.22\nENV A=1\nENV A=2 B=$C C=$A\n",
    ],
    check: |file, sink| {
        for (index, instruction) in file.all(Kind::Env) {
            let scope = file.scopes.at(file.tree, index);
            let mut own: HashSet<&str> = HashSet::new();
            for pair in instruction.pairs() {
                if let Some(value) = &pair.value
                    && let Ok(expanded) = expand(&value.value, file.tree.escape, &mut |_| None)
                {
                    for reference in &expanded.references {
                        let name = reference.name.as_str();
                        if own.contains(name) && scope.get(name).is_none() {
                            sink.hit(place(instruction, value, reference), say!(file, "`{name}`는 같은 `ENV` 안에서 정의해서 아직 값이 없어요.", "`{name}` is defined in this same `ENV`, so it has no value yet."));
                        }
                    }
                }
                own.insert(&pair.name.value);
            }
        }
    },
};

/// `ENV NAME value`.
pub(crate) static LEGACY_FORM: Rule = Rule {
    id: "legacy-key-value",
    aliases: &["LegacyKeyValueFormat"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("옛 형식의 ENV와 LABEL", "Old form of ENV and LABEL"),
    what: t(
        "`=` 없이 공백으로 쓴 `ENV 이름 값`, `LABEL 이름 값`을 찾아요.",
        "Finds `ENV name value` and `LABEL name value`, with a blank and no `=`.",
    ),
    why: t(
        "옛 형식은 한 줄에 하나만 쓸 수 있고, 뒤에 오는 모든 글자가 값이 돼요. `ENV A=1 B=2`를 뜻하며 `ENV A 1 B 2`라고 쓰면 값이 `1 B 2`가 돼요.",
        "In the old form everything behind the name is the value: `ENV A 1 B 2` gives A the value `1 B 2`. With `=` it is clear where a value ends.",
    ),
    bad: &[
        "FROM alpine:3.22\nENV ⟦LANG C.UTF-8⟧\n",
        "FROM alpine:3.22\nLABEL ⟦title Study board⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nENV LANG=C.UTF-8\n",
        "FROM alpine:3.22\nLABEL title=\"Study board\"\n",
    ],
    check: |file, sink| {
        for instruction in &file.tree.instructions {
            for pair in instruction.pairs().iter().filter(|pair| pair.legacy) {
                let (Some(value), name) = (&pair.value, instruction.kind.name()) else {
                    continue;
                };
                let (key, text) = (&pair.name.value, &value.value);
                let hit = sink.hit(
                    pair.span,
                    say!(
                        file,
                        "`{name}`를 `=` 없이 옛 형식으로 썼어요.",
                        "This `{name}` is in the old form, without `=`."
                    ),
                );
                let simple = !text.contains(['"', '\'', '\\', file.tree.escape])
                    && !key.contains(['"', '\'']);
                if simple {
                    let value = if text.contains(char::is_whitespace) {
                        format!("\"{text}\"")
                    } else {
                        text.clone()
                    };
                    hit.fix(
                        say!(file, "`=`로 잇기", "Join with `=`"),
                        pair.span,
                        format!("{key}={value}"),
                    );
                }
            }
        }
    },
};

/// Secrets in `ENV` and `ARG`.
pub(crate) static SECRET: Rule = Rule {
    id: "secret-in-env",
    aliases: &["SecretsUsedInArgOrEnv", "DL3064"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("이미지에 남는 비밀 값", "A secret that stays in the image"),
    what: t(
        "이름으로 보아 비밀번호, 토큰, 키로 보이는 `ENV`와 `ARG`를 찾아요.",
        "Finds `ENV` and `ARG` whose name says password, token or key.",
    ),
    why: t(
        "`ENV`와 `ARG`의 값은 이미지 기록에 남아서, 이미지를 가진 누구나 `docker history`나 `docker inspect`로 볼 수 있어요. 실행할 때 `-e`나 비밀 파일로 주거나, 빌드에만 필요하면 `RUN --mount=type=secret`을 알아보세요.",
        "Values of `ENV` and `ARG` stay in the image's history, where everybody who has the image can read them. Give them at run time (`-e`, a secret file), or look up `RUN --mount=type=secret` for builds.",
    ),
    bad: &[
        "FROM alpine:3.22\nENV ⟦DB_PASSWORD⟧=1234\n",
        "FROM alpine:3.22\nARG ⟦API_TOKEN⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nENV DB_HOST=db\n",
        "FROM postgres:17\nENV POSTGRES_PASSWORD_FILE=/run/secrets/db\n",
        "FROM alpine:3.22\nENV PUBLIC_KEY=abc MONKEY=1\n",
    ],
    check: |file, sink| {
        const DENY: [&str; 10] = [
            "apikey",
            "auth",
            "credential",
            "credentials",
            "key",
            "password",
            "pword",
            "passwd",
            "secret",
            "token",
        ];
        for instruction in file
            .tree
            .instructions
            .iter()
            .filter(|i| matches!(i.kind, Kind::Env | Kind::Arg))
        {
            for pair in instruction.pairs() {
                let name = pair.name.value.to_lowercase();
                let has = |words: &[&str]| name.split('_').any(|part| words.contains(&part));
                if has(&DENY) && !has(&["public", "file", "version"]) {
                    let (kind, name) = (instruction.kind.name(), &pair.name.value);
                    sink.hit(
                        pair.name.span,
                        say!(
                            file,
                            "`{kind}`에 비밀 값으로 보이는 `{name}`가 있어요.",
                            "`{kind}` holds `{name}`, which looks like a secret."
                        ),
                    );
                }
            }
        }
    },
};
