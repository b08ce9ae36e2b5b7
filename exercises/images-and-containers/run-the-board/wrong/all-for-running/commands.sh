docker run -d --rm --name monday board
docker ps -a
docker logs monday
