# Thursday evening
docker login -u mina registry.study.example
docker tag board:1 registry.study.example/mina/board:1
docker push registry.study.example/mina/board:1
