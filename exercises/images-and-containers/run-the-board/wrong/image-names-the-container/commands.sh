docker run -d --rm board
docker ps
docker logs board
