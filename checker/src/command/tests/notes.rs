//! Every mistake of the study notes: seen in a command where a command can show it.

use std::collections::BTreeSet;

use super::super::{FactKind, compare, mistakes};
use crate::Lang;

/// Seen in the text alone: the id, the text, the marked piece.
const ALONE: &[(&str, &str, &str)] = &[
    ("single-dash-rm", "docker run -rm nginx:1.27", "-rm"),
    (
        "rmi-container-name",
        "docker run --name pg postgres:17\ndocker rmi -f pg",
        "pg",
    ),
    (
        "dot-is-context",
        "docker build -t board",
        "docker build -t board",
    ),
    (
        "dot-is-context",
        "docker build -t board ./Dockerfile",
        "./Dockerfile",
    ),
    (
        "run-container-id",
        "docker run --name web nginx; docker run web",
        "web",
    ),
    ("attach-vs-exec", "docker attach web bash", "bash"),
    ("compose-config", "docker exec config", "docker exec config"),
    (
        "restart-old-image",
        "docker compose build web && docker compose restart web",
        "docker compose restart",
    ),
    ("tmpfs-typo", "docker run --tmfs /t x", "--tmfs"),
    (
        "tmpfs-typo",
        "docker run --mount type=tmfs,target=/t x",
        "--mount type=tmfs,target=/t",
    ),
    ("run-f", "docker run -f 3f2a", "-f"),
    (
        "targetarch-typo",
        "docker build --build-arg TAGETARCH=arm64 .",
        "--build-arg TAGETARCH=arm64",
    ),
    ("relative-bind", "docker run -v .:/app x", "-v .:/app"),
    (
        "relative-bind",
        "docker run -v ../site:/app x",
        "-v ../site:/app",
    ),
    ("eol-base", "docker run node:14", "node:14"),
    ("eol-base", "docker pull openjdk:17-slim", "openjdk:17-slim"),
    ("run-for-build", "docker run -t my-node-app .", "."),
    (
        "dockerfile-typo",
        "docker build -f Dokcerfile .",
        "-f Dokcerfile",
    ),
    ("volume-carries-over", "docker run -v /data x", "-v /data"),
    (
        "pg18-mount",
        "docker run -v pg:/var/lib/postgresql/data postgres",
        "-v pg:/var/lib/postgresql/data",
    ),
    (
        "image-is-container-name",
        "docker run -d nginx\ndocker stop nginx",
        "nginx",
    ),
    ("registry-is-image", "docker login nginx", "nginx"),
    ("compose-v1", "docker-compose up", "docker-compose"),
    (
        "own-image-as-node",
        "docker build -t node:14 .",
        "-t node:14",
    ),
    (
        "expose-opens",
        "docker run --expose 80 nginx",
        "--expose 80",
    ),
    (
        "db-url",
        "docker run -e DB=postgresql://user.pass@db/notes x",
        "-e DB=postgresql://user.pass@db/notes",
    ),
    ("from-space", "docker pull python:3.13 -slim", "-slim"),
    ("from-space", "docker run python:3.13 -slim", "-slim"),
];

/// Seen where another command was wanted: the id, the wanted command, the typed one.
const INSTEAD: &[(&str, &str, &str)] = &[
    ("run-as-download", "docker pull nginx", "docker run nginx"),
    (
        "rmi-container-name",
        "docker rm my-nginx",
        "docker rmi my-nginx",
    ),
    ("run-builds", "docker build -t board .", "docker run node"),
    ("ps-after-build", "docker images", "docker ps -a"),
    ("run-container-id", "docker start web", "docker run web"),
    ("anonymous-lifetime", "docker rm -v web", "docker rm web"),
    (
        "attach-vs-exec",
        "docker exec -it web sh",
        "docker attach web",
    ),
    (
        "down-keeps-volumes",
        "docker compose down -v",
        "docker compose down",
    ),
    (
        "restart-old-image",
        "docker compose up -d --build",
        "docker compose restart",
    ),
    (
        "up-rebuilds",
        "docker compose up --build",
        "docker compose up",
    ),
    (
        "image-is-container-name",
        "docker run --name nginx nginx",
        "docker run nginx",
    ),
    ("ps-a-running", "docker ps", "docker ps -a"),
    (
        "expose-opens",
        "docker run -p 80:80 nginx",
        "docker run --expose 80 nginx",
    ),
];

/// Mistakes that stand in a Dockerfile or a Compose file.
pub(crate) const IN_FILES: &[&str] = &[
    "compose-version",
    "compose-ports-scalar",
    "compose-volumes-scalar",
    "compose-env-string",
    "compose-depends-scalar",
    "undeclared-volume",
    "depends-not-ready",
    "json-single-quotes",
    "cmd-once",
    "volume-shares-host",
    "exposer",
    "run-requirements",
    "compose-keys",
];

/// Mistaken ideas that no text can show, and why not: the same words are right or wrong with what somebody thinks.
pub(crate) const IDEAS: &[(&str, &str)] = &[
    (
        "ctrl-c",
        "The same run is right or wrong by what somebody expects of the key.",
    ),
    (
        "only-some-make-layers",
        "A thought about what a build makes; the file is right either way.",
    ),
    ("cmd-at-create", "When CMD runs is not written in the file."),
    (
        "compose-only-creates",
        "A thought about what Compose can do; no file and no command is wrong by it.",
    ),
    (
        "writable-layer-owner",
        "What is lost with a container shows when it is removed, not in a text.",
    ),
    (
        "image-not-an-archive",
        "How an image is stored stands in no file of the learner.",
    ),
    (
        "host-is-vm",
        "Where the daemon runs stands in no file and no command.",
    ),
    (
        "no-overhead",
        "Speed is measured, and is not written anywhere.",
    ),
    (
        "thin-layer-runs",
        "What makes a container run is a thought, not a text.",
    ),
    (
        "repository-is-image",
        "A word that is used wrongly; the commands with it are right.",
    ),
    (
        "login-like-git-config",
        "A comparison; the command docker login itself is right.",
    ),
    (
        "mount-reloads",
        "Whether the process watches its files is in the program, not in the mount.",
    ),
    (
        "tokens-reset",
        "Where the program keeps its sessions is in its code.",
    ),
    (
        "dockerfile-name-fixed",
        "Who keeps to the default name writes a right command.",
    ),
    (
        "compose-name-fixed",
        "Who keeps to one of the default names writes a right command.",
    ),
    (
        "entrypoint-timing",
        "When ENTRYPOINT and CMD run is not written in the file.",
    ),
    (
        "update-appends-layer",
        "The same build command, whatever somebody thinks that it does.",
    ),
    (
        "rmi-all-layers",
        "The command is right; what it leaves shows in the engine.",
    ),
    (
        "same-everywhere",
        "Only a machine with another processor shows it; a fixed platform is another rule.",
    ),
    (
        "using-cache",
        "What the builder prints is not what the learner writes.",
    ),
    (
        "alpine-faster",
        "A choice with reasons on both sides; the file is right.",
    ),
    (
        "volume-is-host-folder",
        "Where a volume lies stands in no file and no command.",
    ),
    (
        "flag-is-tag",
        "A word that is used wrongly; the command with it is right.",
    ),
    (
        "node-is-framework",
        "A word for a program; it stands in no file and no command.",
    ),
];

/// The ids of the study notes' mistakes.
pub(crate) fn known() -> BTreeSet<&'static str> {
    let text = include_str!("../../../../lessons/coverage.yaml");
    text.lines()
        .skip_while(|line| *line != "mistakes:")
        .skip(1)
        .map_while(|line| line.strip_prefix("  - "))
        .collect()
}

/// The mistakes that a command shows.
pub(crate) fn in_commands() -> BTreeSet<&'static str> {
    ALONE.iter().chain(INSTEAD).map(|(id, ..)| *id).collect()
}

#[test]
fn every_mistake_of_the_notes_has_its_place() {
    let known = known();
    assert!(known.len() > 50);
    let told = in_commands();
    let ideas = IDEAS.iter().map(|(id, _)| *id);
    let others: BTreeSet<&str> = IN_FILES.iter().copied().chain(ideas).collect();
    assert!(told.is_disjoint(&others));
    assert_eq!(told.union(&others).copied().collect::<BTreeSet<_>>(), known);
}

#[test]
fn mistakes_in_a_command_are_named_with_their_place() {
    for (id, typed, marked) in ALONE {
        for lang in [Lang::En, Lang::Ko] {
            let found = mistakes(typed, lang);
            let fact = found.iter().find(|fact| fact.mistake == Some(id));
            let fact = fact.unwrap_or_else(|| panic!("{id}: {typed}: {found:?}"));
            assert_eq!(&typed[fact.start..fact.end], *marked, "{typed}");
            assert_eq!(found.len(), 1, "{typed}: {found:?}");
            assert!(fact.message.chars().count() > 25, "{typed}");
        }
    }
}

#[test]
fn mistakes_beside_a_reference_are_named() {
    for (id, reference, typed) in INSTEAD {
        for lang in [Lang::En, Lang::Ko] {
            let found = compare(reference, typed, lang);
            assert!(
                found.iter().any(|fact| fact.mistake == Some(id)),
                "{id}: {typed}: {found:?}"
            );
            assert!(found.iter().any(|fact| fact.kind != FactKind::Note));
        }
    }
}

/// What the notes should have said is found no fault with.
#[test]
fn the_right_commands_are_left_alone() {
    for right in [
        "docker run --rm -it python:3.13-slim",
        "docker build -t board .",
        "docker build -f Dockerfile.dev -t my/node .",
        "docker build -f docker/Dockerfile docker",
        "docker login",
        "docker login ghcr.io",
        "docker login localhost:5000",
        "docker login localhost",
        "docker run -v pg:/var/lib/postgresql/data postgres:17",
        "docker run -v pg:/var/lib/postgresql postgres",
        "docker run -e DB=postgresql://user:pass@db/notes x",
        "docker run -d --name nginx nginx\ndocker stop nginx",
        "docker run --expose 80 -P nginx",
        "docker compose build && docker compose up -d && docker compose restart",
        "docker build --build-arg TARGETARCH=arm64 --build-arg TARGET=x .",
        "docker tag node:22 my/node:22",
        "docker attach web",
        "docker run --mount type=tmpfs,target=/t x",
    ] {
        let found = mistakes(right, Lang::En);
        let named: Vec<_> = found.iter().filter(|fact| fact.mistake.is_some()).collect();
        assert!(named.is_empty(), "{right}: {found:?}");
    }
}
