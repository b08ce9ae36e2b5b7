docker create --name evening busybox sleep 600
docker start evening
