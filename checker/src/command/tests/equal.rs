//! Texts that mean the same.

use super::facts;

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
    (
        "docker run --name web nginx",
        "N=web; docker run --name $N nginx",
    ),
    (
        "docker run --name web nginx",
        "export N=web && docker run --name \"$N\" nginx",
    ),
    (
        "docker run -d -p 8080:80 nginx",
        "docker run -d `\n  -p 8080:80 `\n  nginx",
    ),
    (
        "docker run -d -p 8080:80 nginx",
        "docker run -d ^\r\n  -p 8080:80 nginx",
    ),
    ("docker run -v .:/app x", "docker run -v %cd%:/app x"),
    ("docker run -v .:/app x", "docker run -v ${PWD}:/app x"),
    (
        "docker inspect --type image x",
        "docker inspect --type=image x",
    ),
    ("docker ps", "docker container list"),
    ("docker ps", "docker container ps --no-trunc=0"),
    ("docker rmi a", "docker image remove a"),
    ("docker -H unix:///s ps", "docker --host=unix:///s ps"),
    ("docker -c far ps", "docker --context far container ls"),
    (
        "docker compose -f a -f b up",
        "docker compose --file=a -f ./b up",
    ),
    ("docker rm -f a", "( docker rm -f a )"),
    ("exit", "exit"),
];

#[test]
fn command_lines_that_mean_the_same_are_equal() {
    for (reference, typed) in EQUAL {
        assert_eq!(facts(reference, typed), [""; 0], "{reference} | {typed}");
        assert_eq!(facts(typed, reference), [""; 0], "{typed} | {reference}");
    }
}
