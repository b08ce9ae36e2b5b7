docker network create board-net
docker run -d --name store -p 6379:6379 redis:7
docker run -d --name board --network board-net nginx
