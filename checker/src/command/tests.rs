use proptest::prelude::*;

use super::*;
use crate::Lang;

fn facts(reference: &str, typed: &str) -> Vec<String> {
    let facts = compare(reference, typed, Lang::En);
    facts.into_iter().map(|fact| fact.message).collect()
}

/// Each line: two texts that mean the same.
const EQUAL: &[(&str, &str)] = &[
    (
        "docker run -it --rm alpine sh",
        "docker run -ti --rm alpine sh",
    ),
    (
        "docker run -itd alpine",
        "docker run --detach -i --tty alpine:latest",
    ),
    ("docker run -p 8080:80 nginx", "docker run -p8080:80 nginx"),
    (
        "docker run -p 8080:80 nginx",
        "docker run --publish=8080:80/tcp nginx",
    ),
    ("docker run -p 8080:80 nginx", "docker run -p=8080:80 nginx"),
    (
        "docker run -p 8080:80 nginx",
        "docker run -p 0.0.0.0:8080:80 nginx",
    ),
    (
        "docker run -p 8080:80 nginx",
        "docker run -p target=80,published=8080 nginx",
    ),
    (
        "docker run -d -p 1:2 -p 3:4 nginx",
        "docker run -p 3:4 -dp 1:2 nginx",
    ),
    ("docker run -d nginx", "docker run -d=true nginx"),
    ("docker run nginx", "docker run --detach=false nginx"),
    ("docker run nginx", "docker container run nginx"),
    ("docker run nginx", "sudo docker run nginx"),
    (
        "docker run nginx",
        "docker run --network bridge --restart=no --pull missing nginx",
    ),
    (
        "docker run --network web nginx",
        "docker run --net=web nginx",
    ),
    ("docker run nginx", "docker run docker.io/library/nginx"),
    ("docker run nginx", "docker run 'nginx'  # the server"),
    ("docker run nginx", "docker \\\n  run \\\n  nginx\n"),
    ("docker run nginx", "docker \\\r\n  run nginx\r\n"),
    (
        "docker run --name web nginx",
        "NAME=web\ndocker run --name $NAME nginx",
    ),
    (
        "docker run --name web nginx",
        "docker run --name \"web\" -- nginx",
    ),
    (
        "docker run -e A=1 -e B=2 x",
        "docker run --env B=2 --env=A=1 x",
    ),
    ("docker run -e A=2 x", "docker run -e A=1 -e A=2 x"),
    ("docker run -e 'A=b c' x", "docker run -e A=\"b c\" x"),
    ("docker run --name b x", "docker run --name a --name b x"),
    ("docker run -m 512m x", "docker run --memory=0.5g x"),
    ("docker run -m 512m x", "docker run --memory 512MiB x"),
    ("docker run --cpus 1.5 x", "docker run --cpus=1.50 x"),
    ("docker run -v data:/d x", "docker run --volume data:/d/ x"),
    ("docker run -v data:/d x", "docker run -v data:/d:rw x"),
    (
        "docker run -v data:/d:ro x",
        "docker run --mount type=volume,src=data,dst=/d,readonly x",
    ),
    ("docker run -v .:/app x", "docker run -v \"$PWD\":/app x"),
    (
        "docker run -v ./src:/app x",
        "docker run -v $(pwd)/src:/app x",
    ),
    ("docker run -v ~/x:/app x", "docker run -v $HOME/x:/app x"),
    (
        "docker run --tmpfs /t x",
        "docker run --mount type=tmpfs,target=/t x",
    ),
    ("docker run x echo -e hi", "docker run x echo -e 'hi'"),
    ("docker images", "docker image ls"),
    ("docker images", "docker image list --all=false"),
    ("docker ps -a", "docker container ls --all"),
    ("docker ps -aq", "docker ps -q -a"),
    ("docker rmi nginx", "docker image rm nginx:latest"),
    ("docker rmi -f a b", "docker rmi b a --force"),
    ("docker rm -f a b", "docker container rm b -f a"),
    (
        "docker rm -f $(docker ps -aq)",
        "docker rm --force $(docker container ls --quiet -a)",
    ),
    ("docker rm $(docker ps -aq)", "docker rm `docker ps -a -q`"),
    (
        "docker build -t board:1 .",
        "docker image build . --tag=board:1",
    ),
    (
        "docker build -t board .",
        "docker build -f Dockerfile -t board:latest ./",
    ),
    ("docker build .", "docker build --rm=true --progress=auto ."),
    (
        "docker build --build-arg A=1 --build-arg B=2 .",
        "docker builder build --build-arg B=2 . --build-arg A=1",
    ),
    ("docker pull nginx", "docker image pull nginx:latest"),
    ("docker tag a b", "docker image tag a:latest b:latest"),
    ("docker stop -t 5 web", "docker stop --time=5 web"),
    ("docker start -a -i web", "docker start web -ai"),
    ("docker logs -f web", "docker container logs web --follow"),
    ("docker logs web", "docker logs --tail all -n all web"),
    ("docker exec -it web sh", "docker exec -i -t web sh"),
    (
        "docker cp web:/etc/hosts .",
        "docker container cp web:/etc/hosts ./",
    ),
    ("docker --version", "docker -v"),
    ("docker run --help", "docker help run"),
    ("docker --help", "docker"),
    ("docker volume rm a b", "docker volume remove b a"),
    ("docker compose up -d", "docker compose up --detach"),
    ("docker compose up -d web db", "docker compose up db -d web"),
    (
        "docker compose -f a.yml up",
        "docker compose --file=./a.yml up",
    ),
    (
        "docker compose -f a -f b config",
        "docker compose --file a --file b config",
    ),
    ("docker compose logs -f", "docker compose logs --follow"),
    ("docker compose down -v", "docker compose down --volumes"),
    (
        "docker pull nginx\ndocker run nginx",
        "docker pull nginx && docker run nginx",
    ),
    ("docker ps | grep web", "docker ps | grep web"),
    ("docker ps", "echo hi; docker ps"),
    ("exit", "exit"),
];

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
fn command_lines_that_mean_the_same_are_equal() {
    for (reference, typed) in EQUAL {
        assert_eq!(facts(reference, typed), [""; 0], "{reference} | {typed}");
        assert_eq!(facts(typed, reference), [""; 0], "{typed} | {reference}");
    }
}

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

#[test]
fn a_command_that_depends_on_the_run_is_not_judged() {
    for (reference, typed) in [
        ("docker run x", "docker run $OPTS x"),
        ("docker rm web", "docker rm $(cat names)"),
        ("docker run --name a x", "docker run --name $NAME x"),
        ("docker rm a", "for c in a; do docker rm $c; done"),
        ("docker rm a", "if true; then docker rm a; fi"),
        ("docker rm a", "docker ps -q | xargs docker rm"),
        ("docker ps", "docker ps > out"),
        ("docker build .", "cd app && docker build ."),
        ("docker run -p 8080:80 x", "docker run -p $P:80 x"),
        ("docker rm a b", "docker rm {a,b}"),
    ] {
        let found = compare(reference, typed, Lang::En);
        assert!(!found.is_empty(), "{typed}");
        assert!(
            found.iter().all(|fact| fact.kind == FactKind::Unjudged),
            "{typed}: {found:?}"
        );
    }
}

#[test]
fn hostile_commands_are_bounded() {
    let big = 1_000_000;
    for text in [
        "x".repeat(big),
        format!("docker run {}", "-".repeat(big)),
        format!("docker run {}", "--rmm ".repeat(big / 6)),
        format!("docker run {}", "-p 1:2 ".repeat(big / 7)),
        format!("docker run {}", "-e A=1 ".repeat(big / 7)),
        format!("docker rm {}", "a ".repeat(big / 2)),
        "docker ps;".repeat(big / 20),
        "a;".repeat(big / 10),
        "$(".repeat(big / 2),
        format!("docker rm {}", "$(docker ps) ".repeat(big / 13)),
        format!("docker rm {}", "{".repeat(big)),
        format!("docker rm {}", "`".repeat(big)),
        "A=1\n".repeat(big / 4),
        "docker run -\0 x".to_owned(),
        "x".repeat(3 * big),
    ] {
        let began = std::time::Instant::now();
        let found = compare("docker run -d nginx", &text, Lang::En);
        assert!(!found.is_empty() && found.len() <= 50);
        let _ = explain(&text, Lang::Ko);
        let head: String = text.chars().take(30).collect();
        assert!(
            began.elapsed().as_secs() < 20,
            "{head}: {:?}",
            began.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn any_command_is_read(typed in "(docker|docker compose|docker-compose)?[ a-z$(){}|&;<>'\"`\\\\\n#=:/.,한–-]{0,60}") {
        for fact in compare("docker run -d -p 8080:80 nginx", &typed, Lang::Ko) {
            prop_assert!(typed.get(fact.start..fact.end).is_some());
        }
        for part in explain(&typed, Lang::En).parts {
            prop_assert!(typed.get(part.start..part.end).is_some());
        }
    }

    #[test]
    fn the_order_of_flags_in_a_command_is_free(flags in Just(vec!["-d", "-it", "--rm", "-p 8080:80", "--publish=443:443",
        "--name web", "-eA=1", "-m 1g", "-v data:/d", "-w /app", "--cpus=2"]).prop_shuffle(), kept in 0usize..11) {
        let some = |flags: &[&str]| format!("docker run {} nginx", flags.join(" "));
        let mut sorted = flags[..kept].to_vec();
        sorted.sort_unstable();
        prop_assert_eq!(facts(&some(&sorted), &some(&flags[..kept])), Vec::<String>::new());
        prop_assert!(!facts(&some(&flags), &some(&flags[1..])).is_empty());
    }
}
