docker container run --detach --cpus=0.5 -m 256m --name monday board:latest
docker container stats monday --no-stream
docker inspect -f '{{.HostConfig.Memory}}' monday
docker container update -m 128m monday; docker inspect monday
