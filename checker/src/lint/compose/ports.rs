//! Published ports.

use std::collections::HashMap;

use crate::Severity::{Error, Warning};
use crate::compose::ports::PortError as E;
use crate::compose::{Port, Service, Value};
use crate::lint::rule::{Rule, say, t};

/// `22:22` without quotes.
pub(crate) static BASE_60: Rule = Rule {
    id: "compose-port-base-60",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("따옴표 없는 포트", "Port without quotes"),
    what: t(
        "`22:22`처럼 예전 YAML이 60진법 숫자로 읽는 포트를 찾아요.",
        "Finds a port like `22:22` that older YAML reads as a number in base 60.",
    ),
    why: t(
        "YAML 1.1은 `22:22`를 시각처럼 60진법으로 읽어 숫자 1342로 만들어요. 지금의 Compose는 글자로 읽지만, 같은 파일을 읽는 다른 도구는 그렇지 않을 수 있어요. 포트는 언제나 따옴표로 감싸는 것이 안전해요.",
        "YAML 1.1 reads `22:22` like a time, in base 60: the number 1342. Today's Compose takes it for a text, other programs that read the file may not. It is safe to put ports in quotes always.",
    ),
    bad: &["services:\n  git:\n    image: gitea/gitea:1.24\n    ports:\n      - ⟦22:22⟧\n"],
    good: &["services:\n  git:\n    image: gitea/gitea:1.24\n    ports:\n      - \"22:22\"\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in &compose.services {
            let Some(ports) = service.node.get("ports") else {
                continue;
            };
            let only = matches!(ports.value, Value::Scalar(..)).then_some(ports);
            for node in ports.items().iter().chain(only) {
                let Value::Scalar(text, true) = &node.value else {
                    continue;
                };
                let mut parts = text.split(':');
                let first = parts.next().unwrap_or("");
                let rest: Vec<&str> = parts.collect();
                let digits =
                    |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let sixty = |text: &&str| {
                    digits(text) && text.len() <= 2 && text.parse::<u8>().is_ok_and(|n| n < 60)
                };
                if rest.is_empty()
                    || !digits(first)
                    || first.starts_with('0')
                    || !rest.iter().all(sixty)
                {
                    continue;
                }
                let value = rest
                    .iter()
                    .fold(first.parse().unwrap_or(0u64), |sum, part| {
                        sum.saturating_mul(60)
                            .saturating_add(part.parse().unwrap_or(0))
                    });
                let name = &service.name.text;
                let hit = sink.hit(
                    node.span,
                    say!(
                        file,
                        "`{name}` 서비스의 포트 `{text}`에 따옴표가 없어요. YAML 1.1은 숫자 {value}로 읽어요.",
                        "The port `{text}` of the service `{name}` has no quotes; YAML 1.1 reads the number {value}."
                    ),
                );
                let title = say!(file, "따옴표로 감싸기", "Put it in quotes");
                hit.fix(title, node.span, format!("\"{text}\""));
            }
        }
    },
};

/// A port that is none.
pub(crate) static PORT: Rule = Rule {
    id: "compose-port",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("잘못된 포트", "Wrong port"),
    what: t(
        "`[IP:][호스트:]컨테이너[/프로토콜]` 모양이 아니거나 1~65535를 벗어난 포트를 찾아요.",
        "Finds a port that is not `[IP:][HOST:]CONTAINER[/PROTOCOL]`, or lies outside of 1 to 65535.",
    ),
    why: t(
        "왼쪽이 호스트의 포트, 오른쪽이 컨테이너의 포트예요. 범위는 `8000-8002`처럼 쓰고 양쪽의 길이가 같아야 해요.",
        "Left is the port of the host, right that of the container. A range is written `8000-8002`, and both sides have the same length.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    ports:\n      - ⟦\"8080:80000\"⟧\n",
        "services:\n  web:\n    image: nginx:1.29\n    ports: [⟦\"8080:http\"⟧, ⟦\"90-80\"⟧, ⟦\"1-3:1-2\"⟧, ⟦\"80/http\"⟧]\n",
        "services:\n  web:\n    image: nginx:1.29\n    ports:\n      - ⟦published: 8080⟧\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    ports:\n      - \"8080:8000\"\n",
        "services:\n  web:\n    image: nginx:1.29\n    ports: [\"127.0.0.1:8080:80/tcp\", 9000, \"${PORT}:81\", \"8000-8002:90-92\"]\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in &compose.services {
            let name = &service.name.text;
            for (span, error) in &service.ports {
                let Err(error) = error else { continue };
                let what = match error {
                    E::Number(part) if part.is_empty() => {
                        say!(file, "포트 번호가 빠졌어요", "a port number is missing")
                    }
                    E::Number(part) => {
                        say!(
                            file,
                            "`{part}` 부분이 숫자가 아니에요",
                            "`{part}` is no number"
                        )
                    }
                    E::Range(part) => say!(
                        file,
                        "`{part}` 포트는 1~65535 안에 있지 않아요",
                        "`{part}` is not within 1 to 65535"
                    ),
                    E::Backwards(part) => say!(
                        file,
                        "`{part}` 범위의 끝이 처음보다 작아요",
                        "the range `{part}` ends before it starts"
                    ),
                    E::Lengths => say!(
                        file,
                        "두 범위의 길이가 달라요",
                        "the two ranges differ in length"
                    ),
                    E::Protocol(protocol) => say!(
                        file,
                        "`{protocol}` 프로토콜은 없어요. `tcp`나 `udp`를 쓸 수 있어요",
                        "there is no protocol `{protocol}`; `tcp` and `udp` exist"
                    ),
                    E::Address(address) => say!(
                        file,
                        "`{address}` 부분은 IP 주소가 아니에요",
                        "`{address}` is no IP address"
                    ),
                    E::Blank => say!(file, "안에 빈칸이 있어요", "it holds a blank"),
                    E::NoTarget => say!(
                        file,
                        "컨테이너의 포트인 `target`이 없어요",
                        "it has no `target`, the container's port"
                    ),
                };
                sink.hit(
                    *span,
                    say!(
                        file,
                        "`{name}` 서비스의 포트가 잘못됐어요. {what}.",
                        "A port of the service `{name}` is wrong: {what}."
                    ),
                );
            }
        }
    },
};

/// Two services on one port of the host.
pub(crate) static PORT_CLASH: Rule = Rule {
    id: "compose-port-clash",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("겹치는 호스트 포트", "Host port taken twice"),
    what: t(
        "두 서비스가 호스트의 같은 포트를 게시하는 곳을 찾아요.",
        "Finds two services that publish the same port of the host.",
    ),
    why: t(
        "호스트의 포트 하나는 컨테이너 하나만 쓸 수 있어요. 두 번째 컨테이너는 `port is already allocated` 오류로 시작하지 못해요. 컨테이너의 포트는 같아도 되니, 왼쪽 번호만 바꿔 보세요.",
        "A port of the host serves one container; the second cannot start (`port is already allocated`). The containers' ports may be the same, so change the left number only.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    ports: [\"8080:80\"]\n  api:\n    build: .\n    ports: [⟦\"8080:8000\"⟧]\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    ports: [\"8080:80\"]\n  api:\n    build: .\n    ports: [\"8081:8000\", \"8080:8000/udp\"]\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let mut taken: HashMap<(String, u16), Vec<(&Service, &Port)>> = HashMap::new();
        let mut work = 0;
        for service in &compose.services {
            for (_, port) in &service.ports {
                let Ok(port) = port else { continue };
                // Of several ports of the host for one of the container, Docker takes one that is free.
                let Some((first, last)) = port
                    .host
                    .filter(|(first, last)| first == last || port.container.0 != port.container.1)
                else {
                    continue;
                };
                let mut clash = None;
                for number in first..=last {
                    work += 1;
                    let holders = taken.entry((port.protocol.clone(), number)).or_default();
                    let other = holders
                        .iter()
                        .take(20)
                        .find(|(other, held)| meets(service, port, other, held));
                    clash = clash.or(other.map(|(other, _)| (number, *other)));
                    if holders.len() < 20 {
                        holders.push((service, port));
                    }
                }
                if let Some((number, other)) = clash {
                    let (name, before) = (&service.name.text, &other.name.text);
                    let line = compose.source.line_of(other.name.span.start);
                    sink.hit(
                        port.span,
                        say!(
                            file,
                            "`{name}` 서비스의 호스트 포트 {number}번은 {line}번째 줄의 `{before}` 서비스가 이미 쓰고 있어요.",
                            "Port {number} of the host, for the service `{name}`, is taken by the service `{before}` of line {line}."
                        ),
                    );
                }
                // Whoever publishes more ports than a machine has gets no further answer.
                if work > 4 * 65_536 {
                    return;
                }
            }
        }
    },
};

/// Whether two ports of the host are one, and both services can run at once.
fn meets(service: &Service, port: &Port, other: &Service, held: &Port) -> bool {
    let any = |address: &str| matches!(address, "" | "0.0.0.0" | "::");
    let address = any(&port.address) || any(&held.address) || port.address == held.address;
    let own = &service.profiles;
    let together = own.is_empty()
        || other.profiles.is_empty()
        || own
            .iter()
            .any(|profile| other.profiles.iter().any(|name| name.text == profile.text));
    address && together && service.name.text != other.name.text
}
