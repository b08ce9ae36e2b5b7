docker login -u mina registry.study.example
docker tag registry.study.example/mina/board:1 board:1
docker push registry.study.example/mina/board:1
