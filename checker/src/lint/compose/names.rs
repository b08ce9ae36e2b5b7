//! Names that lead nowhere or stand twice.

use std::collections::HashMap;

use dockerfile::Span;

use super::{declared, is_whole, part};
use crate::Severity::Error;
use crate::compose::{Compose, Service, Text};
use crate::lint::rule::{File, Rule, Sink, say, t};

/// " Did you mean …?"
fn guess<'a>(file: &File<'_>, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    // Whoever declares thousands knows their names; comparing with all would be slow.
    dockerfile::suggest(name, known.take(200)).map_or(String::new(), |near| {
        say!(file, " 혹시 `{near}`인가요?", " Did you mean `{near}`?")
    })
}

/// `db_data:/var/lib/postgresql/data`, and no `db_data` under `volumes`.
pub(crate) static UNDECLARED_VOLUME: Rule = Rule {
    id: "undeclared-volume",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("undeclared-volume"),
    title: t("선언하지 않은 볼륨", "Undeclared volume"),
    what: t(
        "서비스가 쓰지만 맨 위 단계의 `volumes`에 없는 볼륨 이름을 찾아요.",
        "Finds a volume that a service uses and that the top-level `volumes` do not name.",
    ),
    why: t(
        "이름 있는 볼륨은 서비스들이 함께 쓰는 것이라서 서비스 밖, `services`와 같은 단계의 `volumes`에 한 번 적어야 해요. 호스트의 폴더를 붙이려던 것이라면 `./`로 시작해야 해요.",
        "A named volume belongs to no single service, so it is named once outside of them, under `volumes` on the level of `services`. A folder of the host begins with `./`.",
    ),
    bad: &[
        "services:\n  db:\n    image: postgres:17\n    volumes:\n      - ⟦db_data⟧:/var/lib/postgresql/data\n",
        "services:\n  db:\n    image: postgres:17\n    volumes:\n      - ⟦db_data⟧:/var/lib/postgresql/data\nvolumes:\n  db-data:\n",
    ],
    good: &[
        "services:\n  db:\n    image: postgres:17\n    volumes:\n      - db_data:/var/lib/postgresql/data\nvolumes:\n  db_data:\n",
        "services:\n  web:\n    image: nginx:1.29\n    volumes:\n      - ./src:/app/src\n      - /tmp\n      - type: bind\n        source: ./x\n        target: /x\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        if !is_whole(file, compose) {
            return;
        }
        let names = declared(file, "volumes", &compose.volumes);
        let known = set(&names);
        for service in &compose.services {
            for mount in service.mounts.iter().filter(|mount| mount.named) {
                let Some(source) = &mount.source else {
                    continue;
                };
                let (volume, name) = (source.text.as_str(), &service.name.text);
                if known.contains_key(volume) || volume.contains('$') {
                    continue;
                }
                let guess = guess(file, volume, names.iter().map(|v| v.text.as_str()));
                let hit = sink.hit(
                    part(&compose.source, source.span, volume),
                    say!(
                        file,
                        "`{name}` 서비스의 볼륨 `{volume}` 이름이 맨 위 단계의 `volumes`에 없어요.{guess}",
                        "The volume `{volume}` of the service `{name}` is not declared under the top-level `volumes`.{guess}"
                    ),
                );
                let plain = volume
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
                if let Some((at, text)) = declare(compose, volume).filter(|_| plain) {
                    let title = say!(
                        file,
                        "맨 위 단계의 `volumes`에 `{volume}` 적기",
                        "Declare `{volume}` under the top-level `volumes`"
                    );
                    hit.fix(title, Span::new(at, at), text);
                }
            }
        }
    },
};

/// Where a volume is declared, and by what text.
fn declare(compose: &Compose, volume: &str) -> Option<(usize, String)> {
    let root = compose.root.as_ref().filter(|root| !root.flow)?;
    let text = compose.source.text();
    match root.entry("volumes") {
        None => {
            let newline = if text.ends_with('\n') { "" } else { "\n" };
            // After a document's end mark a key would begin another document.
            (root
                .entries()
                .iter()
                .all(|entry| super::indent(&compose.source, entry.span.start) == Some(0))
                && !text.contains("\n..."))
            .then(|| (text.len(), format!("{newline}volumes:\n  {volume}:\n")))
        }
        Some(volumes) => {
            let first = volumes.value.entries().first()?;
            let indent = super::indent(&compose.source, first.span.start)?;
            let blanks = " ".repeat(indent);
            (!volumes.value.flow && !first.merged)
                .then(|| (first.span.start, format!("{volume}:\n{blanks}")))
        }
    }
}

fn set(names: &[Text]) -> HashMap<&str, Span> {
    names
        .iter()
        .map(|name| (name.text.as_str(), name.span))
        .collect()
}

/// `networks: [backend]`, and no such network.
pub(crate) static UNDEFINED_NETWORK: Rule = Rule {
    id: "undefined-network",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("선언하지 않은 네트워크", "Undeclared network"),
    what: t(
        "서비스가 쓰지만 맨 위 단계의 `networks`에 없는 네트워크를 찾아요.",
        "Finds a network that a service uses and that the top-level `networks` do not name.",
    ),
    why: t(
        "네트워크는 서비스 밖, `services`와 같은 단계의 `networks`에 적어야 만들어져요. 적지 않아도 되는 것은 모두가 함께 쓰는 `default`뿐이에요.",
        "A network is made when it is named under `networks` on the level of `services`. Only `default`, which all services share, needs no mention.",
    ),
    bad: &["services:\n  web:\n    image: nginx:1.29\n    networks: [⟦backend⟧]\n"],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    networks: [backend, default]\nnetworks:\n  backend:\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let uses = |service: &Service| service.networks.clone();
        undefined(
            file,
            sink,
            compose,
            &declared(file, "networks", &compose.networks),
            uses,
            |name, network| {
                say!(
                    file,
                    "`{name}` 서비스의 네트워크 `{network}` 이름이 맨 위 단계의 `networks`에 없어요.",
                    "The network `{network}` of the service `{name}` is not declared under the top-level `networks`."
                )
            },
        );
    },
};

/// `secrets: [password]`, and no such secret; the same of configs.
pub(crate) static UNDEFINED_SECRET: Rule = Rule {
    id: "undefined-secret",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "선언하지 않은 시크릿이나 설정",
        "Undeclared secret or config",
    ),
    what: t(
        "서비스가 쓰지만 맨 위 단계의 `secrets`나 `configs`에 없는 이름을 찾아요.",
        "Finds a secret or config that a service uses and that the top-level `secrets` or `configs` do not name.",
    ),
    why: t(
        "시크릿과 설정은 내용이 어디에서 오는지(파일, 환경 변수)를 맨 위 단계에 적어야 서비스가 쓸 수 있어요.",
        "Where the content of a secret or config comes from (a file, a variable) is said once at the top level; then services can use it.",
    ),
    bad: &[
        "services:\n  db:\n    image: postgres:17\n    secrets: [⟦password⟧]\n",
        "services:\n  web:\n    image: nginx:1.29\n    configs:\n      - source: ⟦site⟧\n        target: /etc/nginx/conf.d/default.conf\n",
    ],
    good: &[
        "services:\n  db:\n    image: postgres:17\n    secrets: [password]\nsecrets:\n  password:\n    environment: DB_PASSWORD\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let secrets = |service: &Service| service.secrets.clone();
        undefined(
            file,
            sink,
            compose,
            &declared(file, "secrets", &compose.secrets),
            secrets,
            |name, secret| {
                say!(
                    file,
                    "`{name}` 서비스의 시크릿 `{secret}` 이름이 맨 위 단계의 `secrets`에 없어요.",
                    "The secret `{secret}` of the service `{name}` is not declared under the top-level `secrets`."
                )
            },
        );
        let configs = |service: &Service| service.configs.clone();
        undefined(
            file,
            sink,
            compose,
            &declared(file, "configs", &compose.configs),
            configs,
            |name, config| {
                say!(
                    file,
                    "`{name}` 서비스의 설정 `{config}` 이름이 맨 위 단계의 `configs`에 없어요.",
                    "The config `{config}` of the service `{name}` is not declared under the top-level `configs`."
                )
            },
        );
    },
};

fn undefined(
    file: &File<'_>,
    sink: &mut Sink<'_>,
    compose: &Compose,
    names: &[Text],
    uses: impl Fn(&Service) -> Vec<Text>,
    message: impl Fn(&str, &str) -> String,
) {
    if !is_whole(file, compose) {
        return;
    }
    let known = set(names);
    for service in &compose.services {
        for used in uses(service) {
            let name = used.text.as_str();
            if name != "default" && !name.contains('$') && !known.contains_key(name) {
                let guess = guess(file, name, names.iter().map(|text| text.text.as_str()));
                sink.hit(used.span, message(&service.name.text, name) + &guess);
            }
        }
    }
}

/// `depends_on: [databse]`.
pub(crate) static UNDEFINED_SERVICE: Rule = Rule {
    id: "undefined-service",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("없는 서비스", "Service that does not exist"),
    what: t(
        "`depends_on`, `links`, `volumes_from`, `network_mode`에 적혔지만 파일에 없는 서비스를 찾아요.",
        "Finds a service that `depends_on`, `links`, `volumes_from` or `network_mode` names and the file does not hold.",
    ),
    why: t(
        "여기에는 이미지나 컨테이너의 이름이 아니라 `services` 아래에 적은 이름을 써요. 철자를 살펴보세요.",
        "Here stands the name under `services`, not that of an image or a container. Look at the spelling.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    depends_on: [⟦apii⟧]\n  api:\n    build: ./api\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    depends_on: [api]\n  api:\n    build: ./api\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        if !is_whole(file, compose) {
            return;
        }
        let own: Vec<Text> = compose
            .services
            .iter()
            .map(|one| one.name.clone())
            .collect();
        let all = declared(file, "services", &own);
        let known = set(&all);
        for service in &compose.services {
            for used in edges(service) {
                let (name, other) = (&service.name.text, used.text.as_str());
                if known.contains_key(other) || other.contains('$') {
                    continue;
                }
                let services = all.iter().map(|service| service.text.as_str());
                let guess = guess(file, other, services);
                sink.hit(
                    part(&compose.source, used.span, other),
                    say!(
                        file,
                        "`{name}` 서비스가 찾는 `{other}` 서비스가 이 파일에 없어요.{guess}",
                        "The service `{name}` names the service `{other}`, which is not in this file.{guess}"
                    ),
                );
            }
        }
    },
};

/// The services that one names, with the places.
pub(super) fn edges(service: &Service) -> impl Iterator<Item = &Text> {
    let depends = service
        .depends_on
        .iter()
        .map(|dependency| &dependency.service);
    depends.chain(&service.others)
}

/// Two containers of one name, or a name that Docker does not take.
pub(crate) static CONTAINER_NAME: Rule = Rule {
    id: "compose-container-name",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "쓸 수 없는 컨테이너 이름",
        "Container name that does not work",
    ),
    what: t(
        "두 서비스에 같이 쓴 `container_name`과 Docker가 받지 않는 이름을 찾아요.",
        "Finds a `container_name` that two services have, and one that Docker does not take.",
    ),
    why: t(
        "컨테이너의 이름은 엔진 전체에서 하나뿐이에요. 서비스끼리는 서비스 이름으로 서로를 찾으니 `container_name`은 보통 필요 없어요.",
        "A container's name exists once in the whole engine. Services find each other by the service's name, so most need no `container_name`.",
    ),
    bad: &[
        "services:\n  web:\n    image: nginx:1.29\n    container_name: board\n  api:\n    build: ./api\n    container_name: ⟦board⟧\n",
        "services:\n  web:\n    image: nginx:1.29\n    container_name: ⟦my board⟧\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n    container_name: board-web\n  api:\n    build: ./api\n    container_name: board-api\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let mut taken: HashMap<&str, &Service> = HashMap::new();
        for service in &compose.services {
            let Some(node) = service.node.get("container_name") else {
                continue;
            };
            let Some(text) = node.text().filter(|text| !text.contains('$')) else {
                continue;
            };
            let name = &service.name.text;
            let valid = text.len() > 1
                && text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
            if !valid {
                sink.hit(
                    node.span,
                    say!(
                        file,
                        "`{name}` 서비스의 `container_name` 값 `{text}`는 이름이 될 수 없어요. 영문자와 숫자, `_`, `.`, `-`를 두 글자 이상 쓸 수 있어요.",
                        "`{text}`, the `container_name` of the service `{name}`, is no name: letters, digits, `_`, `.` and `-` make one, two or more of them."
                    ),
                );
            } else if let Some(other) = taken.insert(text, service) {
                let before = &other.name.text;
                sink.hit(
                    node.span,
                    say!(
                        file,
                        "`{name}` 서비스의 컨테이너 이름 `{text}`를 `{before}` 서비스도 써요.",
                        "The container name `{text}` of the service `{name}` is also that of the service `{before}`."
                    ),
                );
            }
        }
    },
};
