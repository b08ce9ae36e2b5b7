docker tag board:1 registry.study.example/mina/board:1
docker push registry.study.example/mina/board:1
