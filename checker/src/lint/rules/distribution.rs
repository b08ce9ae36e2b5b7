//! What the base image's distribution has, and what it lacks.

use dockerfile::Kind;

use super::packages::find;
use crate::Severity::Error;
use crate::lint::image::Image;
use crate::lint::rule::{Rule, say, t};

/// A package manager that the base image does not have.
pub(crate) static WRONG_MANAGER: Rule = Rule {
    id: "package-manager-of-base",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "베이스에 없는 패키지 관리자",
        "Package manager that the base lacks",
    ),
    what: t(
        "Alpine 이미지의 `apt-get`, Debian 이미지의 `apk`처럼 베이스에 없는 패키지 관리자를 찾아요.",
        "Finds a package manager that the base does not have: `apt-get` on Alpine, `apk` on Debian.",
    ),
    why: t(
        "배포판마다 패키지 관리자가 달라요. Alpine은 `apk`, Debian과 Ubuntu는 `apt-get`이에요. 베이스 이미지의 태그에 `alpine`이 있는지 살펴보세요.",
        "Each distribution has its own: Alpine `apk`, Debian and Ubuntu `apt-get`. Does the base image's tag say `alpine`?",
    ),
    bad: &[
        "FROM python:3.13-alpine\nRUN ⟦apt-get⟧ update\n",
        "FROM python:3.13-slim\nRUN ⟦apk⟧ add curl\n",
        "FROM debian:13\nRUN ⟦dnf⟧ install -y curl\n",
    ],
    good: &[
        "FROM python:3.13-alpine\nRUN apk add --no-cache curl\n",
        "FROM python:3.13-slim\nRUN apt-get update\n",
        "FROM study/base:1\nRUN apk add --no-cache curl\n",
    ],
    check: |file, sink| {
        for (index, command) in file.commands() {
            let (family, right) = match file
                .tree
                .stage_of(index)
                .and_then(|stage| file.image(stage))
                .as_deref()
                .and_then(family)
            {
                Some(Family::Alpine) => ("Alpine", "apk"),
                Some(Family::Debian) => ("Debian", "apt-get"),
                None => continue,
            };
            let program = command.program();
            let wrong = match right {
                "apk" => matches!(
                    program,
                    "apt-get" | "apt" | "yum" | "dnf" | "microdnf" | "zypper"
                ),
                _ => matches!(program, "apk" | "yum" | "dnf" | "microdnf" | "zypper"),
            };
            if wrong {
                sink.hit(command.argv()[0].span, say!(file, "베이스 이미지가 {family} 계열이라 `{program}` 명령어가 없어요. 여기서는 `{right}` 명령어를 써요.", "The base image is of the {family} family and has no `{program}`; there it is `{right}`."));
            }
        }
    },
};

enum Family {
    Alpine,
    Debian,
}

/// The distribution of an official image, where its name and tag tell.
fn family(image: &str) -> Option<Family> {
    let parts = Image::new(image);
    let (name, tag) = (parts.official()?, parts.tag.unwrap_or(""));
    if name == "alpine" || (tag.contains("alpine") && OFFICIAL.contains(&name)) {
        return Some(Family::Alpine);
    }
    let debian = matches!(name, "debian" | "ubuntu")
        || (OFFICIAL.contains(&name)
            && !["windows", "nanoserver", "oracle", "ubi"]
                .iter()
                .any(|word| tag.contains(word)));
    debian.then_some(Family::Debian)
}

/// Official images that stand on Debian or Ubuntu unless their tag says `alpine`.
const OFFICIAL: [&str; 11] = [
    "python",
    "node",
    "nginx",
    "golang",
    "rust",
    "ruby",
    "php",
    "httpd",
    "postgres",
    "redis",
    "eclipse-temurin",
];

/// bash on Alpine.
pub(crate) static NO_BASH: Rule = Rule {
    id: "bash-on-alpine",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("Alpine에 없는 bash", "No bash on Alpine"),
    what: t(
        "Alpine 이미지에서 설치하지 않은 `bash`를 쓰는 곳을 찾아요.",
        "Finds `bash` on Alpine where it was not installed.",
    ),
    why: t(
        "작은 이미지에는 `/bin/sh`만 있고 `bash`가 없어요. `sh`로 충분한지 보고, 꼭 필요하면 `apk add --no-cache bash`로 설치하세요.",
        "Small images have `/bin/sh` and no `bash`. Will `sh` do? If not, install it with `apk add --no-cache bash`.",
    ),
    bad: &[
        "FROM alpine:3.22\nRUN ⟦bash⟧ setup.sh\n",
        "FROM node:22-alpine\nCMD [⟦\"/bin/bash\"⟧]\n",
    ],
    good: &[
        "FROM alpine:3.22\nRUN sh setup.sh\n",
        "FROM alpine:3.22\nRUN apk add --no-cache bash && bash setup.sh\n",
        "FROM node:22\nCMD [\"/bin/bash\"]\n",
    ],
    check: |file, sink| {
        for stage in 0..file.tree.stages.len() {
            if !file
                .image(stage)
                .as_deref()
                .and_then(family)
                .is_some_and(|family| matches!(family, Family::Alpine))
            {
                continue;
            }
            let first = file.tree.stages[stage].from;
            let instructions = file.tree.stage_instructions(stage);
            if file.scopes.parent(stage).is_some() {
                continue;
            }
            for (index, instruction) in instructions
                .iter()
                .enumerate()
                .map(|(at, instruction)| (first + at, instruction))
            {
                let mut installed = false;
                for command in &file.commands[index] {
                    installed |= command.program() == "apk" && find(command, "bash").is_some();
                    if command.program() == "bash" && !installed {
                        sink.hit(
                            command.argv()[0].span,
                            say!(
                                file,
                                "이 베이스 이미지에는 `bash`가 없어요.",
                                "This base image has no `bash`."
                            ),
                        );
                    }
                }
                if installed || instruction.flag("from").is_some() {
                    break;
                }
                if let (Kind::Cmd | Kind::Entrypoint | Kind::Shell, dockerfile::Body::Exec(words)) =
                    (instruction.kind, &instruction.body)
                    && let Some(word) = words
                        .first()
                        .filter(|word| matches!(word.value.as_str(), "bash" | "/bin/bash"))
                {
                    sink.hit(
                        word.span,
                        say!(
                            file,
                            "이 베이스 이미지에는 `bash`가 없어요.",
                            "This base image has no `bash`."
                        ),
                    );
                }
            }
        }
    },
};
