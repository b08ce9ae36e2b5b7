//! Addresses of databases.

use dockerfile::Span;

use crate::Severity::Error;
use crate::compose::{Node, Value};
use crate::lint::rule::{Rule, say, t};

const SCHEMES: &[&str] = &[
    "postgresql",
    "postgres",
    "mysql",
    "mariadb",
    "mongodb",
    "redis",
    "amqp",
];

/// `postgresql://user.pass@db`.
pub(crate) static DB_URL: Rule = Rule {
    id: "db-url",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("db-url"),
    title: t(
        "점으로 이은 이름과 비밀번호",
        "User and password joined by a dot",
    ),
    what: t(
        "`postgresql://user.pass@db`처럼 사용자 이름과 비밀번호 사이에 `:` 대신 `.`이 있는 데이터베이스 주소를 찾아요.",
        "Finds a database address whose user and password are joined by `.` instead of `:`, as in `postgresql://user.pass@db`.",
    ),
    why: t(
        "주소에서 `@` 앞은 `사용자:비밀번호`예요. 점은 이름의 일부로 읽혀서, 비밀번호 없이 `user.pass`라는 사용자로 접속하려다 거절당해요. 둘을 가르는 기호가 무엇인지 다시 살펴보세요.",
        "Before the `@` of an address stands `user:password`. A dot is part of the name, so the program logs in as `user.pass` without a password and is refused. Look again at the sign that parts the two.",
    ),
    bad: &[
        "services:\n  api:\n    build: ./api\n    environment:\n      DATABASE_URL: postgresql://⟦user.pass⟧@db:5432/notes\n",
    ],
    good: &[
        "services:\n  api:\n    build: ./api\n    environment:\n      DATABASE_URL: postgresql://user:pass@db:5432/notes\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in &compose.services {
            let name = &service.name.text;
            let mut nodes = Vec::new();
            for key in ["environment", "command"] {
                texts(service.node.get(key), &mut nodes);
            }
            let args = service
                .node
                .get("build")
                .and_then(|build| build.get("args"));
            texts(args, &mut nodes);
            for node in nodes {
                for (span, user) in dotted(compose.source.slice(node.span), node.span.start) {
                    let hit = sink.hit(
                        span,
                        say!(
                            file,
                            "`{name}` 서비스의 주소에서 `@` 앞이 `{user}`예요. 이름과 비밀번호를 가르는 `:`이 없어요.",
                            "In an address of the service `{name}` the part before `@` is `{user}`: no `:` parts user and password."
                        ),
                    );
                    if user.matches('.').count() == 1 {
                        let right = user.replace('.', ":");
                        let title = say!(file, "`{right}`로 바꾸기", "Change it to `{right}`");
                        hit.fix(title, span, right);
                    }
                }
            }
        }
    },
};

/// All texts in a value.
fn texts<'a>(node: Option<&'a Node>, found: &mut Vec<&'a Node>) {
    let Some(node) = node else { return };
    match &node.value {
        Value::Scalar(..) => found.push(node),
        Value::List(items) => items.iter().for_each(|item| texts(Some(item), found)),
        Value::Map(entries) => entries
            .iter()
            .for_each(|entry| texts(Some(&entry.value), found)),
        Value::Null => {}
    }
}

/// The users with a dot and no password in the addresses of a text that starts at a place.
pub(crate) fn dotted(text: &str, start: usize) -> Vec<(Span, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        // A scheme is short; what stands before it does not matter.
        let near = (at.saturating_sub(32)..=at).find(|from| text.is_char_boundary(*from));
        let scheme = &text[near.unwrap_or(at)..at];
        if !SCHEMES.iter().any(|known| {
            scheme.ends_with(known)
                || scheme
                    .rsplit_once('+')
                    .is_some_and(|(before, _)| before.ends_with(known))
        }) {
            continue;
        }
        let rest = &text[at + 3..];
        let end = rest
            .find(|c: char| c == '/' || c.is_whitespace() || "\"'?#,".contains(c))
            .unwrap_or(rest.len());
        if let Some(sign) = rest[..end].rfind('@') {
            let user = &rest[..sign];
            let inner = user.trim_matches('.');
            if inner.contains('.') && !user.contains([':', '$', '@']) {
                let from = start + at + 3;
                found.push((Span::new(from, from + user.len()), user));
            }
        }
    }
    found
}
