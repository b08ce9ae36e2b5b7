//! Keys that take a list or a mapping and were given one text, and the old `version`.

use dockerfile::Span;

use crate::Severity::{Error, Warning};
use crate::compose::{Compose, Entry, Service, Value};
use crate::lint::rule::{File, Rule, Sink, say, t};

/// `version: "3.8"`.
pub(crate) static VERSION: Rule = Rule {
    id: "compose-version",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: Some("compose-version"),
    title: t("쓰지 않는 `version`", "Obsolete version"),
    what: t(
        "맨 위의 `version` 키를 찾아요.",
        "Finds the `version` key at the top.",
    ),
    why: t(
        "예전 Compose는 이 번호로 파일 형식을 골랐어요. 지금의 Compose는 무시하고 경고만 해요. 지워도 아무것도 달라지지 않아요.",
        "Compose used to choose a file format by this number. Today it ignores the key and warns. Without it everything stays as it is.",
    ),
    bad: &["⟦version: \"3.8 \"⟧\nservices:\n  web:\n    image: nginx:1.29\n"],
    good: &["services:\n  web:\n    image: nginx:1.29\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let root = compose.root.as_ref();
        let Some(entry) = root.and_then(|root| root.entry("version")) else {
            return;
        };
        let text = entry.value.text().unwrap_or("");
        let message = if text != text.trim() {
            say!(
                file,
                "`version`은 더 이상 쓰지 않아요. 게다가 값 `\"{text}\"` 안에 빈칸이 있어요.",
                "`version` is obsolete; besides, its value `\"{text}\"` holds a blank."
            )
        } else {
            say!(
                file,
                "`version`은 더 이상 쓰지 않는 키예요.",
                "`version` is obsolete and has no effect."
            )
        };
        let span = entry.span.to(entry.value.span);
        let hit = sink.hit(span, message);
        let line = compose.source.line(compose.source.line_of(span.start));
        let rest = compose
            .source
            .slice(Span::new(span.end, line.end.max(span.end)));
        let alone = span.start == line.start && span.end <= line.end && rest.trim().is_empty();
        if alone && !entry.value.flow {
            let after = compose.source.text()[line.end..]
                .find('\n')
                .map_or(line.end, |newline| line.end + newline + 1);
            let title = say!(file, "이 줄을 지우기", "Remove this line");
            hit.fix(title, Span::new(line.start, after), "");
        }
    },
};

/// Every service whose key holds one text.
fn scalars<'a>(file: &File<'a>, key: &'a str) -> Vec<(&'a Compose, &'a Service, &'a Entry)> {
    let Some(compose) = file.compose else {
        return Vec::new();
    };
    let entries = compose.services.iter().filter_map(|service| {
        let entry = service.node.entry(key)?;
        let scalar = matches!(entry.value.value, Value::Scalar(..));
        scalar.then_some((compose, service, entry))
    });
    entries.collect()
}

/// Makes list items of a value, one for each text.
fn list_fix(compose: &Compose, entry: &Entry, items: &[&str]) -> Option<(Span, String)> {
    let source = &compose.source;
    let between = Span::new(entry.span.end, entry.value.span.start);
    let colon = source.slice(between);
    if entry.value.flow || entry.merged || !colon.trim_start().starts_with(':') {
        return None;
    }
    // An anchor, a tag or a comment stays where it is: then nothing is offered.
    if colon.trim() != ":" {
        return None;
    }
    let key = super::indent(source, entry.span.start)?;
    let own_line = colon.contains('\n');
    let (span, indent) = if own_line {
        let indent = super::indent(source, entry.value.span.start)?;
        (entry.value.span, indent)
    } else {
        let start = entry.span.end + colon.find(':')? + 1;
        (Span::new(start, entry.value.span.end), key + 2)
    };
    let blanks = " ".repeat(indent);
    let lines: Vec<String> = items.iter().map(|item| format!("- {item}")).collect();
    let text = lines.join(&format!("\n{blanks}"));
    Some(match own_line {
        true => (span, text),
        false => (span, format!("\n{blanks}{text}")),
    })
}

/// Says that a list is missing around the text of a key, and offers it.
fn scalar(file: &File<'_>, sink: &mut Sink<'_>, key: &str) {
    for (compose, service, entry) in scalars(file, key) {
        let name = &service.name.text;
        let raw = compose.source.slice(entry.value.span);
        let hit = sink.hit(
            entry.value.span,
            say!(
                file,
                "`{name}` 서비스의 `{key}` 값이 목록이 아니라 글자 하나예요.",
                "`{key}` of the service `{name}` is one text and no list."
            ),
        );
        if !raw.contains('\n')
            && let Some((span, text)) = list_fix(compose, entry, &[raw])
        {
            let title = say!(file, "목록의 항목으로 바꾸기", "Make it an item of a list");
            hit.fix(title, span, text);
        }
    }
}

/// `ports: "3000:3000"`.
pub(crate) static PORTS_SCALAR: Rule = Rule {
    id: "compose-ports-scalar",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("compose-ports-scalar"),
    title: t("목록이 아닌 `ports`", "Ports that are no list"),
    what: t(
        "`ports`에 목록 대신 글자 하나를 쓴 곳을 찾아요.",
        "Finds `ports` with one text instead of a list.",
    ),
    why: t(
        "서비스 하나가 포트를 여러 개 게시할 수 있어서 `ports`는 언제나 목록이에요. 포트가 하나뿐이어도 그래요. YAML에서 목록의 항목은 무엇으로 시작할까요?",
        "A service can publish several ports, so `ports` is always a list, even for one. What does an item of a list begin with in YAML?",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    ports: ⟦\"3000:3000\"⟧\n",
        "services:\n  web:\n    image: nginx:1.29\n    ports: ⟦80⟧\n",
    ],
    good: &["services:\n  web:\n    image: nginx:1.29\n    ports:\n      - \"3000:3000\"\n"],
    check: |file, sink| scalar(file, sink, "ports"),
};

/// `volumes: ./a:/b`.
pub(crate) static VOLUMES_SCALAR: Rule = Rule {
    id: "compose-volumes-scalar",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("compose-volumes-scalar"),
    title: t("목록이 아닌 `volumes`", "Volumes that are no list"),
    what: t(
        "서비스의 `volumes`에 목록 대신 글자 하나를 쓴 곳을 찾아요.",
        "Finds the `volumes` of a service with one text instead of a list.",
    ),
    why: t(
        "컨테이너 하나에 여러 볼륨과 폴더를 붙일 수 있어서 `volumes`는 목록이에요. 하나뿐이어도 `-`로 시작하는 항목으로 적어야 해요.",
        "A container can have several volumes and folders, so `volumes` is a list. Even a single one is an item that begins with `-`.",
    ),
    bad: &["services:\n  web:\n    image: nginx:1.29\n    volumes: ⟦./src:/app/src⟧\n"],
    good: &["services:\n  web:\n    image: nginx:1.29\n    volumes:\n      - ./src:/app/src\n"],
    check: |file, sink| scalar(file, sink, "volumes"),
};

/// `environment: KEY=value`.
pub(crate) static ENV_STRING: Rule = Rule {
    id: "compose-env-string",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("compose-env-string"),
    title: t("글자로 쓴 `environment`", "Environment as a text"),
    what: t(
        "`environment`에 매핑이나 목록 대신 `KEY=value` 글자를 그대로 쓴 곳을 찾아요.",
        "Finds `environment` with `KEY=value` as a bare text instead of a mapping or a list.",
    ),
    why: t(
        "환경 변수는 `KEY: value`로 적은 매핑이거나 `- KEY=value`로 적은 목록이에요. 둘 다 아니면 YAML은 여러 줄을 이어서 긴 글자 하나로 읽어요.",
        "Environment variables are a mapping of `KEY: value`, or a list of `- KEY=value`. Otherwise YAML joins the lines to one long text.",
    ),
    bad: &[
        "services:\n  db:\n    image: postgres:17\n    environment:\n      ⟦POSTGRES_USER=user\n      POSTGRES_DB=notes⟧\n",
        "services:\n  db:\n    image: postgres:17\n    environment: ⟦POSTGRES_USER=user⟧\n",
    ],
    good: &[
        "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_USER: user\n      POSTGRES_DB: notes\n",
        "services:\n  db:\n    image: postgres:17\n    environment:\n      - POSTGRES_USER=user\n",
    ],
    check: |file, sink| {
        for (compose, service, entry) in scalars(file, "environment") {
            let name = &service.name.text;
            let text = entry.value.text().unwrap_or("");
            let pairs: Vec<&str> = text.split_whitespace().collect();
            let count = pairs.len();
            let message = if count > 1 {
                say!(
                    file,
                    "`{name}` 서비스의 `environment` 값이 매핑도 목록도 아니에요. {count}줄이 글자 하나로 이어져요.",
                    "`environment` of the service `{name}` is neither a mapping nor a list; its {count} parts are joined to one text."
                )
            } else {
                say!(
                    file,
                    "`{name}` 서비스의 `environment` 값이 매핑도 목록도 아니에요.",
                    "`environment` of the service `{name}` is neither a mapping nor a list."
                )
            };
            let hit = sink.hit(entry.value.span, message);
            let plain = matches!(entry.value.value, Value::Scalar(_, true));
            if plain
                && pairs.iter().all(|pair| is_pair(pair))
                && let Some((span, text)) = list_fix(compose, entry, &pairs)
            {
                let title = say!(
                    file,
                    "`KEY=value`의 목록으로 바꾸기",
                    "Make it a list of `KEY=value`"
                );
                hit.fix(title, span, text);
            }
        }
    },
};

/// Whether a text is `KEY=value` and stays so as a list item.
fn is_pair(text: &str) -> bool {
    let key = text.split_once('=').map_or("", |(key, _)| key);
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.ends_with(':')
}

/// `depends_on: backend`.
pub(crate) static DEPENDS_SCALAR: Rule = Rule {
    id: "compose-depends-scalar",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("compose-depends-scalar"),
    title: t("목록이 아닌 `depends_on`", "Dependency that is no list"),
    what: t(
        "`depends_on`에 목록이나 매핑 대신 서비스 이름 하나를 쓴 곳을 찾아요.",
        "Finds `depends_on` with a bare name instead of a list or a mapping.",
    ),
    why: t(
        "서비스는 여러 서비스를 기다릴 수 있어요. 그래서 `depends_on`은 이름의 목록이거나, 무엇을 기다릴지도 적는 매핑이에요.",
        "A service can wait for several others. So `depends_on` is a list of names, or a mapping that also says what to wait for.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    depends_on: ⟦api⟧\n  api:\n    build: ./api\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    depends_on:\n      - api\n  api:\n    build: ./api\n",
    ],
    check: |file, sink| scalar(file, sink, "depends_on"),
};
