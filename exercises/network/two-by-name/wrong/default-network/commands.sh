docker network create board-net
docker run -d --name store redis:7
docker run -d --name board nginx
