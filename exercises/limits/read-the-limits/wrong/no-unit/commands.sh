docker run -d --name monday --memory 256 --cpus 0.5 board
docker stats --no-stream monday
docker inspect --format '{{.HostConfig.Memory}}' monday
docker update --memory 128m monday
docker inspect --format '{{.State.OOMKilled}}' monday
