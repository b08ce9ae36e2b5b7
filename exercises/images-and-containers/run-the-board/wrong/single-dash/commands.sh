docker run -d -rm --name monday board
docker ps
docker logs monday
