docker run board -d --rm --name monday
docker ps
docker logs monday
