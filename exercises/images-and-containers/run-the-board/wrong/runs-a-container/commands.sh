docker run -d --rm --name monday board
docker ps
docker run monday
