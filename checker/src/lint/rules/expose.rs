//! `EXPOSE`.

use dockerfile::{Kind, Word};

use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, say, t};

/// The ports of all `EXPOSE`s as far as they are known, without quotes.
fn ports<'a>(file: &File<'a>) -> Vec<(&'a Word, String)> {
    let mut found = Vec::new();
    for (index, instruction) in file.all(Kind::Expose) {
        let scope = file.scopes.at(file.tree, index);
        for word in instruction
            .words()
            .iter()
            .take_while(|word| !word.value.starts_with('#'))
        {
            found.extend(
                scope
                    .known(&word.value, file.tree.escape)
                    .map(|port| (word, port)),
            );
        }
    }
    found
}

/// `EXPOSE 8080:80`.
pub(crate) static EXPOSE_MAPPING: Rule = Rule {
    id: "expose-mapping",
    aliases: &["ExposeInvalidFormat"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("EXPOSE에 쓴 포트 연결", "Port mapping in EXPOSE"),
    what: t(
        "`EXPOSE 8080:80`처럼 호스트 포트나 IP를 적은 `EXPOSE`를 찾아요.",
        "Finds an `EXPOSE` with a host port or an address, as in `EXPOSE 8080:80`.",
    ),
    why: t(
        "`EXPOSE`는 컨테이너 안의 포트를 메모해 둘 뿐, 호스트의 포트와 이어 주지 않아요. 이어 주는 것은 실행할 때예요. `docker run`의 어느 플래그가 `호스트:컨테이너`를 받을까요?",
        "`EXPOSE` only notes a port of the container; it connects nothing to the host. That happens at run time: which flag of `docker run` takes `host:container`?",
    ),
    bad: &[
        "FROM nginx:1.29\nEXPOSE ⟦8080:80⟧\n",
        "FROM nginx:1.29\nEXPOSE ⟦127.0.0.1:80:80/tcp⟧\n",
    ],
    good: &[
        "FROM nginx:1.29\nEXPOSE 80\n",
        "FROM nginx:1.29\nEXPOSE 80/tcp 7000-7010/udp\n",
    ],
    check: |file, sink| {
        for (word, port) in ports(file) {
            if !port.contains(':') {
                continue;
            }
            let inner = port.rsplit(':').next().unwrap_or("").to_owned();
            let hit = sink.hit(
                word.span,
                say!(
                    file,
                    "`EXPOSE`에 `{port}`처럼 `:`으로 이은 포트가 있어요.",
                    "`EXPOSE` holds `{port}`, two parts joined by `:`."
                ),
            );
            if inner.starts_with(|c: char| c.is_ascii_digit()) {
                hit.fix(
                    say!(
                        file,
                        "컨테이너의 포트 `{inner}`만 남기기",
                        "Keep the container's port `{inner}` only"
                    ),
                    word.span,
                    inner.as_str(),
                );
            }
        }
    },
};

/// A port that is none.
pub(crate) static EXPOSE_PORT: Rule = Rule {
    id: "expose-port",
    aliases: &["DL3011"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("잘못된 포트 번호", "Wrong port number"),
    what: t(
        "0~65535의 숫자가 아닌 포트를 `EXPOSE`에서 찾아요.",
        "Finds what is no number from 0 to 65535 in `EXPOSE`.",
    ),
    why: t(
        "포트는 0부터 65535까지의 숫자이고, 범위는 `7000-7010`, 프로토콜은 `/tcp`, `/udp`, `/sctp`로 써요. 여러 개는 쉼표 없이 공백으로 띄워요.",
        "A port is a number from 0 to 65535; a range is written `7000-7010`, a protocol `/tcp`, `/udp` or `/sctp`. Several are parted by blanks, not by commas.",
    ),
    bad: &[
        "FROM nginx:1.29\nEXPOSE ⟦80000⟧\n",
        "FROM nginx:1.29\nEXPOSE ⟦80,443⟧\n",
        "FROM nginx:1.29\nEXPOSE ⟦http⟧\n",
        "FROM nginx:1.29\nEXPOSE ⟦80/http⟧ ⟦90-80⟧\n",
    ],
    good: &[
        "FROM nginx:1.29\nEXPOSE 80 443\n",
        "FROM nginx:1.29\nARG PORT\nEXPOSE $PORT 7000-7010\n",
        "FROM nginx:1.29\nEXPOSE 80/TCP\n",
    ],
    check: |file, sink| {
        for (word, port) in ports(file) {
            if port.contains(':') || port.is_empty() {
                continue;
            }
            let (numbers, protocol) = port.split_once('/').unwrap_or((&port, "tcp"));
            let (low, high) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let number = |text: &str| {
                text.parse::<u16>()
                    .ok()
                    .filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
            };
            if let (Some(low), Some(high)) = (number(low), number(high))
                && low <= high
            {
                if !["tcp", "udp", "sctp"].contains(&protocol.to_lowercase().as_str()) {
                    sink.hit(
                        word.span,
                        say!(
                            file,
                            "`EXPOSE`가 모르는 프로토콜이에요: `{protocol}`.",
                            "`{protocol}` is no protocol that `EXPOSE` knows."
                        ),
                    );
                }
                continue;
            }
            let split: Vec<&str> = port.split(',').collect();
            let hit = sink.hit(
                word.span,
                say!(
                    file,
                    "포트 번호가 아니에요: `{port}`.",
                    "`{port}` is no port number."
                ),
            );
            if split.len() > 1 && split.iter().all(|part| number(part).is_some()) {
                hit.fix(
                    say!(file, "쉼표 대신 공백으로 띄우기", "Part them by blanks"),
                    word.span,
                    split.join(" "),
                );
            }
        }
    },
};

/// `EXPOSE 80/TCP`.
pub(crate) static EXPOSE_CASING: Rule = Rule {
    id: "expose-protocol-casing",
    aliases: &["ExposeProtoCasing"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("프로토콜의 대문자", "Capital letters in a protocol"),
    what: t(
        "`EXPOSE 80/TCP`처럼 대문자로 쓴 프로토콜을 찾아요.",
        "Finds a protocol in capital letters, as in `EXPOSE 80/TCP`.",
    ),
    why: t(
        "프로토콜은 소문자로 적는 것이 약속이고, 도구에 따라 대문자를 모를 수 있어요.",
        "Protocols are written in small letters; some tools do not know them otherwise.",
    ),
    bad: &["FROM nginx:1.29\nEXPOSE ⟦80/TCP⟧\n"],
    good: &["FROM nginx:1.29\nEXPOSE 80/tcp\n"],
    check: |file, sink| {
        for (word, port) in ports(file) {
            let Some((_, protocol)) = port.split_once('/') else {
                continue;
            };
            let lower = protocol.to_lowercase();
            if lower != protocol && ["tcp", "udp", "sctp"].contains(&lower.as_str()) {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "프로토콜 `{protocol}`에 대문자가 있어요.",
                        "The protocol `{protocol}` has capital letters."
                    ),
                )
                .fix(
                    say!(file, "소문자로 바꾸기", "Write it in small letters"),
                    word.span,
                    port.to_lowercase(),
                );
            }
        }
    },
};
