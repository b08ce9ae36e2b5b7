//! What a service runs, and when.

use super::{has_anywhere, is_whole, is_whole_service};
use crate::Severity::{Error, Info, Warning};
use crate::compose::{Service, values};
use crate::lint::eol;
use crate::lint::image::Image;
use crate::lint::rule::{Rule, say, t};

/// A service without an image and a build.
pub(crate) static NO_IMAGE: Rule = Rule {
    id: "compose-no-image",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("이미지가 없는 서비스", "Service without an image"),
    what: t(
        "`image`도 `build`도 없는 서비스를 찾아요.",
        "Finds a service with neither `image` nor `build`.",
    ),
    why: t(
        "컨테이너는 이미지에서 만들어져요. 받아 올 이미지는 `image`에, 빌드할 폴더는 `build`에 적어요. 이 서비스는 둘 중 무엇으로 시작해야 할까요?",
        "A container is made from an image. `image` names one to pull, `build` a folder to build. Which of the two does this service start from?",
    ),
    bad: &["services:\n  ⟦web⟧:\n    ports: [\"8080:80\"]\n"],
    good: &["services:\n  web:\n    image: nginx:1.29\n    ports: [\"8080:80\"]\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in &compose.services {
            let node = &service.node;
            // A misspelt key is said by the key itself.
            let misspelt = node.entries().iter().any(|entry| {
                !["image", "build"].contains(&entry.key.as_str())
                    && ["image", "build"]
                        .iter()
                        .any(|key| dockerfile::distance(&entry.key, key, 1).is_some())
            });
            let has = ["image", "build", "provider"]
                .iter()
                .any(|key| node.get(key).is_some());
            // Under `services`, a section of the file is a slip of indentation, and no service.
            let section =
                ["volumes", "networks", "secrets", "configs"].contains(&service.name.text.as_str());
            let map = !node.entries().is_empty();
            let elsewhere = has_anywhere(file, &service.name.text, &["image", "build", "provider"]);
            if map && !has && !misspelt && !section && !elsewhere && is_whole(file, compose) {
                let name = &service.name.text;
                sink.hit(
                    service.name.span,
                    say!(
                        file,
                        "`{name}` 서비스에 `image`도 `build`도 없어요.",
                        "The service `{name}` has neither `image` nor `build`."
                    ),
                );
            }
        }
    },
};

/// The image of a service as far as it is known.
fn image(service: &Service) -> Option<String> {
    values::known(&service.image.as_ref()?.text)
}

/// An image that Docker cannot read.
pub(crate) static IMAGE: Rule = Rule {
    id: "compose-image",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("잘못된 이미지 이름", "Wrong image name"),
    what: t(
        "`저장소:태그` 모양이 아닌 `image`를 찾아요.",
        "Finds an `image` that is not `repository:tag`.",
    ),
    why: t(
        "이미지 이름은 소문자이고 안에 빈칸이 없어요. 태그는 `:` 바로 뒤에 붙여 써요.",
        "An image's name is lower case and holds no blank. The tag follows the `:` at once.",
    ),
    bad: &[
        "services:\n  db:\n    image: ⟦postgres:15 -alpine⟧\n",
        "services:\n  web:\n    image: ⟦Nginx⟧\n",
    ],
    good: &["services:\n  db:\n    image: postgres:15-alpine\n"],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in &compose.services {
            let (Some(node), Some(text)) = (&service.image, image(service)) else {
                continue;
            };
            if Image::new(&text).is_valid() {
                continue;
            }
            let name = &service.name.text;
            let hit = sink.hit(
                node.span,
                say!(
                    file,
                    "`{name}` 서비스의 이미지 `{text}`는 이미지 이름이 아니에요.",
                    "`{text}`, the image of the service `{name}`, is no image name."
                ),
            );
            let joined: String = text.split_whitespace().collect();
            let right = joined != text && Image::new(&joined).is_valid();
            if right && !node.text.contains('$') {
                let title = say!(
                    file,
                    "빈칸을 빼고 `{joined}`로 쓰기",
                    "Without the blank: `{joined}`"
                );
                hit.fix(title, node.span, joined);
            }
        }
    },
};

/// `image: nginx`.
pub(crate) static LATEST: Rule = Rule {
    id: "compose-latest",
    aliases: &["DL3006", "DL3007"],
    severity: Info,
    on: true,
    mistake: None,
    title: t("정해지지 않은 태그", "Tag that is left open"),
    what: t(
        "태그가 없거나 `latest`인 이미지를 찾아요.",
        "Finds an image without a tag, or with `latest`.",
    ),
    why: t(
        "태그가 없으면 `latest`예요. 언제 받느냐에 따라 다른 버전이 오고, 어제 되던 것이 오늘 안 될 수 있어요. 쓰고 있는 버전을 적어 두세요.",
        "Without a tag it is `latest`: another version on another day, and what ran yesterday may not run today. Write down the version that you use.",
    ),
    bad: &[
        "services:\n  web:\n    image: ⟦nginx⟧\n",
        "services:\n  web:\n    image: ⟦nginx:latest⟧\n",
    ],
    good: &[
        "services:\n  web:\n    image: nginx:1.29\n",
        "services:\n  web:\n    image: board-web\n    build: .\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in compose.services.iter().filter(|service| !service.built) {
            let (Some(node), Some(text)) = (&service.image, image(service)) else {
                continue;
            };
            let reference = Image::new(&text);
            let open =
                reference.digest.is_none() && reference.tag.is_none_or(|tag| tag == "latest");
            if open && reference.is_valid() {
                let name = &service.name.text;
                sink.hit(
                    node.span,
                    say!(
                        file,
                        "`{name}` 서비스의 이미지 `{text}`에 정해진 버전이 없어요.",
                        "The image `{text}` of the service `{name}` names no version."
                    ),
                );
            }
        }
    },
};

/// `image: node:14`.
pub(crate) static EOL: Rule = Rule {
    id: "compose-eol-image",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: Some("eol-base"),
    title: t("지원이 끝난 이미지", "Image out of support"),
    what: t(
        "보안 업데이트가 끝난 버전의 공식 이미지를 쓰는 서비스를 찾아요.",
        "Finds a service with an official image of a version that gets no more security updates.",
    ),
    why: t(
        "지원이 끝난 버전은 새로 알려지는 취약점이 고쳐지지 않아요. 지금 지원되는 버전을 Docker Hub에서 찾아 보세요. 데이터베이스라면 태그만 바꾸기 전에 데이터를 옮기는 방법도 확인하세요.",
        "Newly found holes are no longer mended in it. Look up a maintained version on Docker Hub; of a database, look up how its data moves to that version before you change the tag.",
    ),
    bad: &[
        "services:\n  web:\n    image: ⟦node:14⟧\n",
        "services:\n  db:\n    image: ⟦postgres:12-alpine⟧\n",
    ],
    good: &[
        "services:\n  web:\n    image: node:24\n",
        "services:\n  web:\n    image: board-web:14\n    build: .\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in compose.services.iter().filter(|service| !service.built) {
            let (Some(node), Some(text)) = (&service.image, image(service)) else {
                continue;
            };
            let reference = Image::new(&text);
            let ended = reference
                .official()
                .zip(reference.tag)
                .and_then(|(name, tag)| eol::ended(name, tag));
            if let Some(ended) = ended {
                let name = &service.name.text;
                sink.hit(
                    node.span,
                    say!(
                        file,
                        "`{name}` 서비스의 이미지 `{text}`는 지원이 끝났어요({ended}).",
                        "`{text}`, the image of the service `{name}`, is out of support ({ended})."
                    ),
                );
            }
        }
    },
};

/// Official images of servers that take a while until they answer.
const SLOW: &[&str] = &[
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "valkey",
    "rabbitmq",
    "elasticsearch",
    "cassandra",
    "neo4j",
    "influxdb",
];

/// A start before the database answers.
pub(crate) static NOT_READY: Rule = Rule {
    id: "depends-not-ready",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: Some("depends-not-ready"),
    title: t(
        "시작만 기다리는 `depends_on`",
        "Dependency that waits for the start only",
    ),
    what: t(
        "데이터베이스를 기다리면서 `condition: service_healthy`와 `healthcheck`를 쓰지 않은 `depends_on`을 찾아요.",
        "Finds a `depends_on` on a database without `condition: service_healthy` and a `healthcheck`.",
    ),
    why: t(
        "`depends_on`은 시작하는 순서만 정해요. 컨테이너가 시작된 것과 데이터베이스가 접속을 받는 것은 달라서, 그 사이에 시작한 프로그램은 접속하지 못할 수 있어요. 무엇이 \"준비됨\"을 알려 줄 수 있을까요?",
        "`depends_on` gives the order of starts. A started container is not yet a database that answers, and a program that starts in between cannot connect. What could tell that the database is ready?",
    ),
    bad: &[
        "services:\n  api:\n    build: ./api\n    depends_on:\n      - ⟦db⟧\n  db:\n    image: postgres:17\n",
        "services:\n  api:\n    build: ./api\n    depends_on:\n      db:\n        condition: ⟦service_healthy⟧\n  db:\n    image: postgres:17\n",
    ],
    good: &[
        "services:\n  api:\n    build: ./api\n    depends_on:\n      db:\n        condition: service_healthy\n  db:\n    image: postgres:17\n    healthcheck:\n      test: [\"CMD\", \"pg_isready\", \"-U\", \"postgres\"]\n      interval: 5s\n",
        "services:\n  web:\n    build: ./web\n    depends_on: [api]\n  api:\n    build: ./api\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        let by_name: std::collections::HashMap<&str, &Service> = compose
            .services
            .iter()
            .map(|service| (service.name.text.as_str(), service))
            .collect();
        for service in &compose.services {
            for dependency in &service.depends_on {
                let Some(other) = by_name.get(dependency.service.text.as_str()) else {
                    continue;
                };
                let slow = image(other).is_some_and(|image| {
                    Image::new(&image)
                        .official()
                        .is_some_and(|name| SLOW.contains(&name))
                });
                if !slow || !is_whole_service(file, compose, other) {
                    continue;
                }
                let check = other.node.get("healthcheck");
                let checked = check.is_some_and(|check| check.get("test").is_some());
                let (name, db) = (&service.name.text, &dependency.service.text);
                match &dependency.condition {
                    Some(condition) if condition.text == "service_healthy" => {
                        if !checked {
                            sink.hit(
                                condition.span,
                                say!(
                                    file,
                                    "`{name}` 서비스는 `{db}` 서비스가 건강해지기를 기다리는데, `{db}`에는 `healthcheck`가 없어요.",
                                    "The service `{name}` waits until `{db}` is healthy, but `{db}` has no `healthcheck`."
                                ),
                            );
                        }
                    }
                    Some(condition) if condition.text != "service_started" => {}
                    _ => {
                        sink.hit(
                            dependency.service.span,
                            say!(
                                file,
                                "`{name}` 서비스는 `{db}` 서비스가 시작되기만 기다리고, 접속을 받을 때까지는 기다리지 않아요.",
                                "The service `{name}` waits until `{db}` has started, not until it answers."
                            ),
                        );
                    }
                }
            }
        }
    },
};

/// Postgres 18 on the folder of Postgres 17.
pub(crate) static PG18_MOUNT: Rule = Rule {
    id: "pg18-mount",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("pg18-mount"),
    title: t("Postgres 18의 데이터 폴더", "Data folder of Postgres 18"),
    what: t(
        "태그가 없거나 18 이상인 `postgres` 이미지에 `/var/lib/postgresql/data`를 붙인 곳을 찾아요.",
        "Finds a mount on `/var/lib/postgresql/data` with a `postgres` image that has no tag, or 18 and later.",
    ),
    why: t(
        "18부터 이미지의 데이터 폴더가 `/var/lib/postgresql/18/docker`처럼 바뀌었어요. 예전 자리에 볼륨을 붙이면 컨테이너가 시작하지 않아요. 버전을 17까지로 정하거나, 한 단계 위의 폴더를 붙여 보세요.",
        "From 18 on the image keeps its data in a folder like `/var/lib/postgresql/18/docker`, and does not start with a volume on the old place. Pin a version up to 17, or mount the folder one level up.",
    ),
    bad: &[
        "services:\n  db:\n    image: postgres:18\n    volumes:\n      - pg:⟦/var/lib/postgresql/data⟧\nvolumes:\n  pg:\n",
        "services:\n  db:\n    image: postgres\n    volumes:\n      - type: volume\n        source: pg\n        target: ⟦/var/lib/postgresql/data⟧\nvolumes:\n  pg:\n",
    ],
    good: &[
        "services:\n  db:\n    image: postgres:18\n    volumes:\n      - pg:/var/lib/postgresql\nvolumes:\n  pg:\n",
        "services:\n  db:\n    image: postgres:17\n    volumes:\n      - pg:/var/lib/postgresql/data\nvolumes:\n  pg:\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for service in &compose.services {
            let Some(text) = image(service) else { continue };
            let reference = Image::new(&text);
            let new = match reference.tag {
                None | Some("latest" | "alpine" | "bookworm" | "trixie") => {
                    reference.digest.is_none()
                }
                Some(tag) => {
                    let digits = tag.find(|c: char| !c.is_ascii_digit()).unwrap_or(tag.len());
                    tag[..digits].parse::<u32>().is_ok_and(|major| major >= 18)
                }
            };
            if !new || reference.official() != Some("postgres") {
                continue;
            }
            for mount in &service.mounts {
                let target = mount.target.text.as_str();
                if target.trim_end_matches('/') != "/var/lib/postgresql/data" {
                    continue;
                }
                let name = &service.name.text;
                let span = super::part(&compose.source, mount.target.span, target);
                sink.hit(
                    span,
                    say!(
                        file,
                        "`{name}` 서비스의 `{text}` 이미지는 이 폴더에 데이터를 두지 않아요.",
                        "`{text}`, the image of the service `{name}`, no longer keeps its data in this folder."
                    ),
                );
            }
        }
    },
};
