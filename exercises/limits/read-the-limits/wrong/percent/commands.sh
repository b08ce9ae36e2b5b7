docker run -d --name monday --memory 256m --cpus 50% board
docker stats --no-stream monday
docker inspect --format '{{.HostConfig.Memory}}' monday
docker update --memory 128m monday
docker inspect --format '{{.State.OOMKilled}}' monday
