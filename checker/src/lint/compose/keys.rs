//! Keys and values that the Compose specification does not know.

use crate::Lang;
use crate::Severity::Error;
use crate::compose::schema::{Misfit, MisfitKind as K, Type};
use crate::compose::{Node, Value, values};
use crate::lint::rule::{File, Rule, say, t};

fn misfits<'a>(file: &File<'a>) -> impl Iterator<Item = &'a Misfit> {
    file.compose
        .into_iter()
        .flat_map(|compose| &compose.misfits)
}

/// Where a misfit stands, in words: its service, or the section, or the top.
fn place(path: &[String], lang: Lang) -> String {
    let within = path.get(..path.len().saturating_sub(1)).unwrap_or(&[]);
    match (within, lang) {
        ([first, service, rest @ ..], _) if first == "services" => {
            let rest: String = rest.iter().map(|key| format!(".{key}")).collect();
            match (lang, rest.is_empty()) {
                (Lang::Ko, true) => format!("`{service}` 서비스에"),
                (Lang::Ko, false) => format!("`{service}{rest}` 안에"),
                (Lang::En, true) => format!("the service `{service}`"),
                (Lang::En, false) => format!("`{service}{rest}`"),
            }
        }
        ([], Lang::Ko) => "파일의 맨 위 단계에".to_owned(),
        ([], Lang::En) => "the top level".to_owned(),
        (keys, Lang::Ko) => format!("`{}` 안에", keys.join(".")),
        (keys, Lang::En) => format!("`{}`", keys.join(".")),
    }
}

/// `imag: nginx`.
pub(crate) static UNKNOWN_KEY: Rule = Rule {
    id: "compose-unknown-key",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("알 수 없는 키", "Unknown key"),
    what: t(
        "Compose 명세에 없는 키를 찾아요.",
        "Finds a key that the Compose specification does not have.",
    ),
    why: t(
        "Compose는 모르는 키가 하나라도 있으면 파일 전체를 거절해요. 철자와 들여쓰기를 살펴보세요. 맞는 키라도 다른 단계에 있으면 모르는 키예요. 메모로 두려는 키는 `x-`로 시작하면 돼요.",
        "Compose refuses the whole file because of one unknown key. Look at the spelling and at the indentation: a right key on a wrong level is unknown, too. A key of your own begins with `x-`.",
    ),
    bad: &[
        "services:\n  web:\n    ⟦imag⟧: nginx:1.29\n    build: .\n",
        "⟦service⟧:\n  web:\n    image: nginx:1.29\n",
        "services:\n  web:\n    image: nginx:1.29\n  volumes:\n    ⟦data⟧:\n",
        "services:\n  web:\n    build: .\n    ⟦dockerfile⟧: web.Dockerfile\n",
        "services:\n  web:\n    image: nginx:1.29\n    ⟦environments⟧:\n      A: b\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    build: .\n",
        "x-note: anything\nservices:\n  web:\n    image: nginx:1.29\n    x-owner: board\n",
    ],
    check: |file, sink| {
        for misfit in misfits(file) {
            let K::UnknownKey { near, elsewhere } = misfit.kind else {
                continue;
            };
            let key = misfit.path.last().map_or("", String::as_str);
            let place = place(&misfit.path, file.lang);
            let mut message = say!(
                file,
                "{place} `{key}` 키는 쓸 수 없어요.",
                "The key `{key}` does not exist in {place}."
            );
            match (near, elsewhere) {
                (Some(near), _) => {
                    message += &say!(file, " 혹시 `{near}`인가요?", " Did you mean `{near}`?");
                }
                (None, Some("services")) => {
                    message += &say!(
                        file,
                        " 서비스 안에 쓰는 키예요. 들여쓰기를 확인해 보세요.",
                        " It belongs in a service: look at the indentation."
                    );
                }
                (None, Some(home)) => {
                    message += &say!(
                        file,
                        " `{home}` 안에 쓰는 키예요.",
                        " It belongs under `{home}`."
                    );
                }
                _ => {}
            }
            let hit = sink.hit(misfit.span, message);
            if ["environments", "configuration", "deployments"]
                .contains(&key.to_lowercase().as_str())
            {
                hit.mistake("compose-keys");
            }
            if let Some(near) = near {
                let title = say!(file, "`{near}`로 바꾸기", "Change it to `{near}`");
                hit.fix(title, misfit.span, near);
            }
        }
    },
};

fn type_name(kind: Type, lang: Lang) -> &'static str {
    let (ko, en) = match kind {
        Type::Nothing => ("빈 값", "nothing"),
        Type::YesNo => ("참·거짓", "true or false"),
        Type::Number => ("숫자", "a number"),
        Type::Text => ("글자", "a text"),
        Type::List => ("목록", "a list"),
        Type::Map => ("매핑", "a mapping"),
    };
    match lang {
        Lang::Ko => ko,
        Lang::En => en,
    }
}

/// Whether a rule of its own explains this.
fn has_own_rule(misfit: &Misfit, found: Type) -> bool {
    let scalar = matches!(found, Type::Text | Type::Number | Type::YesNo);
    match misfit.path.as_slice() {
        [first, _, key] if first == "services" => {
            scalar && ["ports", "volumes", "environment", "depends_on"].contains(&key.as_str())
        }
        [only] => only == "version" || only == "services" && found == Type::Nothing,
        _ => false,
    }
}

/// A list where a text should stand, and the like.
pub(crate) static WRONG_TYPE: Rule = Rule {
    id: "compose-type",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("맞지 않는 종류의 값", "Value of the wrong kind"),
    what: t(
        "글자, 숫자, 목록, 매핑 가운데 그 자리에 올 수 없는 값을 찾아요.",
        "Finds a text, number, list or mapping where something else has to stand.",
    ),
    why: t(
        "키마다 올 수 있는 값의 종류가 정해져 있어요. 목록은 줄마다 `- `로 시작하고, 매핑은 `키: 값`이고, 숫자처럼 생긴 글자는 따옴표로 감싸요. `:` 뒤에 빈칸이 있는지도 확인해 보세요.",
        "Each key takes certain kinds of values. The lines of a list begin with `- `, a mapping is `key: value`, and a text that looks like a number needs quotes. Look also whether a blank follows the `:`.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    container_name: ⟦2024⟧\n",
        "services:\n  web:\n    image: nginx:1.29\n    ⟦ports⟧:\n",
        "services:\n  web:\n    ⟦image:nginx⟧\n",
        "services:\n  web:\n    image: ⟦[nginx]⟧\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    container_name: \"2024\"\n",
        "services:\n  web:\n    image: nginx:1.29\n    ports: [\"80\"]\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for misfit in misfits(file) {
            let K::WrongType {
                expected,
                found,
                value,
            } = &misfit.kind
            else {
                continue;
            };
            if has_own_rule(misfit, *found) {
                continue;
            }
            let names: Vec<&str> = expected
                .iter()
                .map(|kind| type_name(*kind, file.lang))
                .collect();
            let wanted = names.join(file.lang.pick("이나 ", " or "));
            let found_name = type_name(*found, file.lang);
            let key = misfit.path.last().map_or("", String::as_str);
            let place = place(&misfit.path, file.lang);
            let mut message = if misfit.path.is_empty() {
                say!(
                    file,
                    "파일 전체가 매핑이어야 하는데, {found_name}이에요.",
                    "The file has to be a mapping and is {found_name}."
                )
            } else {
                say!(
                    file,
                    "{place} 있는 `{key}`의 값은 {wanted}이어야 해요. 지금은 {found_name}이에요.",
                    "`{key}` in {place} takes {wanted} and has {found_name}."
                )
            };
            let raw = compose.source.slice(*value);
            let glued = *found == Type::Text
                && !expected.contains(&Type::Text)
                && raw.contains(':')
                && !raw.starts_with(['"', '\'']);
            if glued {
                message += &say!(
                    file,
                    " `:` 뒤에 빈칸이 빠졌나요?",
                    " Is the blank after `:` missing?"
                );
            }
            let hit = sink.hit(misfit.span, message);
            let scalar = matches!(found, Type::Number | Type::YesNo);
            if scalar && expected.contains(&Type::Text) {
                let title = say!(file, "따옴표로 감싸기", "Put it in quotes");
                hit.fix(title, *value, format!("\"{raw}\""));
            }
        }
    },
};

/// `condition: healthy`.
pub(crate) static UNKNOWN_WORD: Rule = Rule {
    id: "compose-unknown-value",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("알 수 없는 값", "Unknown value"),
    what: t(
        "정해진 몇 가지 값만 받는 키에서 다른 값을 찾아요.",
        "Finds a value that is none of the few that a key takes.",
    ),
    why: t(
        "이 키는 정해진 낱말만 받아요. Compose는 다른 낱말을 만나면 파일을 거절해요. 철자를 살펴보세요.",
        "This key takes certain words only, and Compose refuses any other. Look at the spelling.",
    ),
    bad: &[
        "services:\n  api:\n    build: .\n    depends_on:\n      db:\n        condition: ⟦service_healty⟧\n  db:\n    image: postgres:17\n    healthcheck:\n      test: pg_isready\n",
    ],
    good: &[
        "services:\n  api:\n    build: .\n    depends_on:\n      db:\n        condition: service_healthy\n  db:\n    image: postgres:17\n    healthcheck:\n      test: pg_isready\n",
    ],
    check: |file, sink| {
        for misfit in misfits(file) {
            let K::UnknownWord { word, words, near } = &misfit.kind else {
                continue;
            };
            let key = misfit.path.last().map_or("", String::as_str);
            let all = words.join("`, `");
            let mut message = say!(
                file,
                "`{key}` 키는 `{word}` 값을 받지 않아요. 쓸 수 있는 값: `{all}`.",
                "`{key}` does not take `{word}`; it takes `{all}`."
            );
            if let Some(near) = near {
                message += &say!(file, " 혹시 `{near}`인가요?", " Did you mean `{near}`?");
            }
            let hit = sink.hit(misfit.span, message);
            if let Some(near) = near {
                let title = say!(file, "`{near}`로 바꾸기", "Change it to `{near}`");
                hit.fix(title, misfit.span, *near);
            }
        }
    },
};

/// `interval: 30`.
pub(crate) static DURATION: Rule = Rule {
    id: "compose-duration",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("단위가 없는 시간", "Duration without a unit"),
    what: t(
        "`30s`, `1m30s`처럼 쓰지 않은 시간을 찾아요.",
        "Finds a duration that is not written like `30s` or `1m30s`.",
    ),
    why: t(
        "Compose는 시간을 숫자와 단위로 읽어요. 단위는 `ms`, `s`, `m`, `h`이고 숫자와 단위 사이에 빈칸이 없어요.",
        "Compose reads a duration as numbers with units: `ms`, `s`, `m`, `h`, and no blank between number and unit.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    stop_grace_period: ⟦30⟧\n",
        "services:\n  web:\n    image: nginx:1.29\n    stop_grace_period: ⟦1min⟧\n",
    ],
    good: &["services:\n  web:\n    image: nginx:1.29\n    stop_grace_period: 30s\n"],
    check: |file, sink| {
        for misfit in misfits(file) {
            let K::Duration(text) = &misfit.kind else {
                continue;
            };
            let key = misfit.path.last().map_or("", String::as_str);
            let hit = sink.hit(
                misfit.span,
                say!(
                    file,
                    "`{key}`의 값 `{text}`를 시간으로 읽을 수 없어요.",
                    "`{key}` has `{text}`, which is no duration."
                ),
            );
            let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if number {
                let title = say!(
                    file,
                    "초로 읽어 `{text}s`로 바꾸기",
                    "Take it for seconds: `{text}s`"
                );
                hit.fix(title, misfit.span, format!("{text}s"));
            }
        }
    },
};

/// `mem_limit: lots`.
pub(crate) static SIZE: Rule = Rule {
    id: "compose-size",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("읽을 수 없는 크기", "Size that cannot be read"),
    what: t(
        "`512m`, `1.5g`처럼 쓰지 않은 크기를 찾아요.",
        "Finds a size that is not written like `512m` or `1.5g`.",
    ),
    why: t(
        "메모리 크기는 바이트 수이거나 `k`, `m`, `g`가 붙은 숫자예요.",
        "A size is a number of bytes, or a number with `k`, `m` or `g`.",
    ),
    bad: &["services:\n  web:\n    image: nginx:1.29\n    mem_limit: ⟦512megs⟧\n"],
    good: &["services:\n  web:\n    image: nginx:1.29\n    mem_limit: 512m\n"],
    check: |file, sink| {
        for misfit in misfits(file) {
            let K::Size(text) = &misfit.kind else {
                continue;
            };
            let key = misfit.path.last().map_or("", String::as_str);
            sink.hit(
                misfit.span,
                say!(
                    file,
                    "`{key}`의 값 `{text}`를 크기로 읽을 수 없어요.",
                    "`{key}` has `{text}`, which is no size."
                ),
            );
        }
    },
};

/// `${NAME`.
pub(crate) static VARIABLE: Rule = Rule {
    id: "compose-variable",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("읽을 수 없는 변수", "Variable that cannot be read"),
    what: t(
        "닫히지 않았거나 이름이 잘못된 `${…}`를 찾아요.",
        "Finds a `${…}` that is not closed or has no proper name.",
    ),
    why: t(
        "Compose는 파일을 읽을 때 `${이름}`과 `${이름:-기본값}`을 값으로 바꿔요. `$` 글자를 그대로 쓰려면 `$$`로 적어요.",
        "Compose puts in the values of `${NAME}` and `${NAME:-default}` when it reads the file. A plain `$` is written `$$`.",
    ),
    bad: &["services:\n  web:\n    image: nginx:⟦${TAG⟧\n"],
    good: &["services:\n  web:\n    image: nginx:${TAG:-1.29}\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let mut found = Vec::new();
        if let Some(root) = &compose.root {
            variables(root, &mut found);
        }
        for (node, at, length) in found {
            let text = node.text().unwrap_or("");
            let variable = &text[at..at + length];
            let span = super::part(&compose.source, node.span, variable);
            sink.hit(
                span,
                say!(
                    file,
                    "`{variable}`는 변수로 읽을 수 없어요.",
                    "`{variable}` cannot be read as a variable."
                ),
            );
        }
    },
};

fn variables<'a>(node: &'a Node, found: &mut Vec<(&'a Node, usize, usize)>) {
    match &node.value {
        Value::Scalar(text, _) => {
            found.extend(values::bad_variable(text).map(|(at, length)| (node, at, length)));
        }
        Value::List(items) => items.iter().for_each(|item| variables(item, found)),
        Value::Map(entries) => entries
            .iter()
            .for_each(|entry| variables(&entry.value, found)),
        Value::Null => {}
    }
}
