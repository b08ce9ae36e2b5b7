docker container run --detach --publish-all --name=first board:latest
docker container port first
docker run --publish 8080:80/tcp --name second -d board && docker run --name third --publish=127.0.0.1:8081:80 -d board
