sh evening.sh
docker start web page cache clock
docker run -d --name desk alpine:3.18 sleep infinity
sleep 0.5
