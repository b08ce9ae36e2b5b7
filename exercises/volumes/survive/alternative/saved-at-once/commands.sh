docker run -d --name store --mount type=volume,source=notes,target=/data redis:7 redis-server --appendonly no
sleep 1
docker exec store redis-cli set monday volumes
docker exec store redis-cli save
docker rm -f store
docker create --name store --mount type=volume,source=notes,target=/data redis:7
docker start store
sleep 1
