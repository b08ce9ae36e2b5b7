docker run -d --name board -p 8080:80 nginx
docker create --name store redis:7
docker network create --driver bridge board-net
docker network connect board-net store
docker network connect board-net board
docker start store
