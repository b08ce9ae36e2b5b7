//! What is wrong with a command by itself.

use super::super::{compare, mistakes};
use super::facts;
use crate::Lang;

/// Slips, each with the notes' mistake, the marked text, and a piece of what is said.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (
        "docker run -rm nginx",
        "single-dash-rm",
        "-rm",
        "read as the letters `-r` and `-m`",
    ),
    ("docker run -f web", "run-f", "-f", "belongs to `docker rm`"),
    (
        "docker run -t board .",
        "run-for-build",
        ".",
        "`docker build`",
    ),
    (
        "docker-compose up",
        "compose-v1",
        "docker-compose",
        "`docker compose`",
    ),
    (
        "docker exec config",
        "compose-config",
        "docker exec config",
        "`docker compose config`",
    ),
    (
        "docker run --name web nginx; docker rmi web",
        "rmi-container-name",
        "web",
        "names a container",
    ),
    (
        "docker run --name web nginx\ndocker run web",
        "run-container-id",
        "web",
        "names a container",
    ),
    ("docker run –rm nginx", "", "–rm", "typographic dash"),
    ("docker rnu nginx", "", "rnu", "Did you mean `run`?"),
    ("docker container lss", "", "lss", "Did you mean `ls`?"),
    ("docker compose upp", "", "upp", "Did you mean `up`?"),
    (
        "docker run --detatch x",
        "",
        "--detatch",
        "Did you mean `--detach`?",
    ),
    ("docker run --d x", "", "--d", "Did you mean `-d`?"),
    (
        "docker run -name web x",
        "",
        "-name",
        "Did you mean `--name`?",
    ),
    (
        "docker run -detach x",
        "",
        "-detach",
        "did you mean `--detach`?",
    ),
    ("docker logs -F web", "", "-F", "Did you mean `-f`?"),
    ("docker ps -D", "", "-D", "before the subcommand"),
    ("docker run -p", "", "-p", "needs a value"),
    ("docker run -d=maybe x", "", "-d=maybe", "`true` or `false`"),
    ("docker run -m 12x x", "", "-m 12x", "a size is"),
    ("docker run --cpus abc x", "", "--cpus abc", "a number"),
    ("docker run -p 99999:1 x", "", "-p 99999:1", "65535"),
    ("docker run -e =1 x", "", "-e =1", "NAME=value"),
    ("docker run Nginx", "", "Nginx", "lower case"),
    ("docker run", "", "docker run", "`IMAGE` is missing"),
    ("docker ps x", "", "x", "takes no arguments"),
    ("docker logs a b", "", "b", "at most 1"),
    ("docker run nginx -d", "", "-d", "as its command"),
    ("docker run 'nginx", "", "'nginx", "never closed"),
    ("$ docker ps", "", "$", "prompt"),
    ("docker swarm init", "", "swarm", "not judged"),
];

#[test]
fn slips_in_a_command_are_named_with_their_place() {
    for (typed, mistake, marked, says) in SLIPS {
        let found = mistakes(typed, Lang::En);
        let fact = found.iter().find(|fact| fact.message.contains(says));
        let fact = fact.unwrap_or_else(|| panic!("{typed}: {found:?}"));
        assert_eq!(fact.mistake.unwrap_or(""), *mistake, "{typed}");
        assert_eq!(&typed[fact.start..fact.end], *marked, "{typed}");
        assert_eq!(found.len(), 1, "{typed}: {found:?}");
        assert_eq!(mistakes(typed, Lang::Ko).len(), 1);
    }
}

#[test]
fn one_command_slip_hides_nothing_and_is_told_once() {
    let found = facts(
        "docker run --rm -p 8080:80 nginx",
        "docker run -rm -p 80:80 nginx",
    );
    assert_eq!(found.len(), 2, "{found:?}");
    let ids = |reference, typed| -> Vec<_> {
        compare(reference, typed, Lang::En)
            .into_iter()
            .map(|fact| fact.mistake)
            .collect()
    };
    assert_eq!(
        ids("docker rm my-nginx", "docker rmi my-nginx"),
        [Some("rmi-container-name")]
    );
    assert_eq!(
        ids("docker start web", "docker run web"),
        [Some("run-container-id")]
    );
    assert_eq!(
        ids("docker rm -f web", "docker run -f web"),
        [Some("run-f")]
    );
    assert_eq!(
        ids("docker build -t b .", "docker run -t b ."),
        [Some("run-for-build")]
    );
    assert_eq!(
        ids("docker compose up", "docker-compose up"),
        [Some("compose-v1")]
    );
    assert_eq!(
        ids("docker compose config", "docker exec config"),
        [Some("compose-config")]
    );
}
