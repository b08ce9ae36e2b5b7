docker run -d --name store -v notes:/notes redis:7
sleep 1
docker exec store redis-cli set monday volumes
docker stop store
docker rm store
docker run -d --name store -v notes:/notes redis:7
sleep 1
