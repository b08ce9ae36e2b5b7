docker run -d --name store -v notes:/data redis:7
sleep 1
docker exec store redis-cli set monday volumes
docker restart store
sleep 1
