//! What stands in `ENV` and `LABEL`.

use std::collections::HashSet;

use dockerfile::{Kind, expand};

use super::variables::place;
use crate::Severity::{Error, Warning};
use crate::lint::rule::{Rule, say, t};

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
    bad: &[
        "FROM alpine:3.22\nENV HOME_DIR=/app LOG_DIR=⟦$HOME_DIR⟧/log\n",
        "FROM alpine:3.22\nENV A=1\nENV A=2 B=⟦$A⟧\n",
    ],
    good: &[
        "FROM alpine:3.22\nENV HOME_DIR=/app\nENV LOG_DIR=$HOME_DIR/log\n",
        "FROM alpine:3.22\nENV PATH=/app/bin:$PATH\n",
        "FROM alpine:3.22\nENV A=1\nENV B=$A A=2\n",
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
                        if !own.contains(name) {
                            continue;
                        }
                        let span = place(instruction, value, reference);
                        if scope.get(name).is_some() {
                            sink.hit(span, say!(file, "`{name}` 변수를 같은 `ENV` 안에서 새로 정했지만, 여기에는 옛 값이 들어가요.", "This `ENV` gives `{name}` a new value, but the old one comes in here."));
                        } else {
                            sink.hit(span, say!(file, "`{name}` 변수를 같은 `ENV` 안에서 정했기 때문에 여기서는 아직 값이 없어요.", "`{name}` is defined in this same `ENV`, so it has no value yet."));
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
                        "`{name}` 지시어를 `=` 없이 옛 형식으로 썼어요.",
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
                            "`{kind}`에 비밀 값으로 보이는 `{name}` 변수가 있어요.",
                            "`{kind}` holds `{name}`, which looks like a secret."
                        ),
                    );
                }
            }
        }
    },
};
