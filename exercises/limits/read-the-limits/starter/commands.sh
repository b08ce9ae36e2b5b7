# Saturday: limits
docker run -d --name monday --memory 256 --cpus 50% board
docker stats --no-stream monday
docker inspect --format '{{.HostConfig.Memory}}' monday
docker run --memory 128m monday
docker logs monday
