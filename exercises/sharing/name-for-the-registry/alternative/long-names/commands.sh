NAME=registry.study.example/mina/board:1
docker image tag board:1 "$NAME"
docker login --username=mina registry.study.example && docker image push $NAME
