docker network create board-net
docker run -d --name store --network board-net redis:7
docker run -d --name board --network none nginx
