//! Texts that differ, and how it is told.

use super::super::compare;
use super::facts;
use crate::Lang;

/// Each line: a reference, another text, and a piece of what is said.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "docker run -p 8080:80 x",
        "docker run -p 80:80 x",
        "The host port is 80, expected 8080.",
    ),
    (
        "docker run -p 8080:80 x",
        "docker run -p 80:8080 x",
        "swapped",
    ),
    (
        "docker run -p 8080:80 x",
        "docker run -p 8080:81 x",
        "container port is 81, expected 80",
    ),
    (
        "docker run -p 8080:80 x",
        "docker run -P x",
        "`--publish`(`-p`) is missing",
    ),
    (
        "docker run -p 80:80 x",
        "docker run -p 80:80/udp x",
        "protocol is udp",
    ),
    (
        "docker run -p 80:80 x",
        "docker run -p 127.0.0.1:80:80 x",
        "host address is 127.0.0.1",
    ),
    (
        "docker run -p 80:80 x",
        "docker run -p 80 x",
        "host port is left open",
    ),
    ("docker run --rm x", "docker run x", "`--rm` is missing"),
    (
        "docker run x",
        "docker run -d x",
        "`--detach`(`-d`) is not expected",
    ),
    (
        "docker run --name a x",
        "docker run --name b x",
        "is `b`, expected `a`",
    ),
    (
        "docker run -e A=1 x",
        "docker run -e A=2 x",
        "`A=2`, expected `A=1`",
    ),
    (
        "docker run -e A=1 x",
        "docker run -e B=1 x",
        "is missing, expected `A=1`",
    ),
    (
        "docker run -v d:/a x",
        "docker run -v d:/b x",
        "path in the container is `/b`",
    ),
    (
        "docker run -v d:/a:ro x",
        "docker run -v d:/a x",
        "access is `rw`",
    ),
    (
        "docker run -v d:/a x",
        "docker run -v ./d:/a x",
        "kind of mount is `bind`",
    ),
    (
        "docker run nginx:1.27",
        "docker run nginx",
        "image is `nginx`, expected `nginx:1.27`",
    ),
    (
        "docker run x sh",
        "docker run x bash",
        "command for the container is `bash`",
    ),
    (
        "docker run --rm x",
        "docker run x --rm",
        "goes to the container",
    ),
    (
        "docker run -d x",
        "docker run x -d",
        "`--detach`(`-d`) is missing",
    ),
    (
        "docker rm web",
        "docker rm",
        "container is missing, expected `web`",
    ),
    ("docker rm a", "docker rm a b", "`b` is not expected"),
    (
        "docker tag a b",
        "docker tag b a",
        "image is `b`, expected `a`",
    ),
    ("docker cp a:/x .", "docker cp . a:/x", "source path is `.`"),
    (
        "docker stop web",
        "docker kill web",
        "is `docker kill`, expected `docker stop`",
    ),
    (
        "docker compose up",
        "docker compose start",
        "`docker compose start`, expected `docker compose up`",
    ),
    (
        "docker compose -f a -f b up",
        "docker compose -f b -f a up",
        "is `b`, expected `a`",
    ),
    (
        "docker compose -f a up",
        "docker compose up -f a",
        "stands before the subcommand",
    ),
    (
        "docker pull x\ndocker run x",
        "docker run x",
        "`docker pull` is missing",
    ),
    (
        "docker run x",
        "docker pull x; docker run x",
        "`docker pull` is not expected",
    ),
    ("docker run x", "", "`docker run` is missing"),
    ("docker ps", "docekr ps", "Did you mean `docker`?"),
    ("exit", "ls", "`exit` is missing"),
    ("docker build .", "docker build ..", "build context is `..`"),
];

#[test]
fn command_lines_that_differ_are_told_how() {
    for (reference, typed, says) in DIFFERENT {
        let found = facts(reference, typed);
        assert!(
            found.iter().any(|f| f.contains(says)),
            "{reference} | {typed}: {found:?}"
        );
        let korean = compare(reference, typed, Lang::Ko);
        assert_eq!(korean.len(), found.len());
        assert!(
            korean
                .iter()
                .all(|fact| fact.message.contains(|c| ('가'..='힣').contains(&c)))
        );
    }
}
