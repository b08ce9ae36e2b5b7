sh evening.sh
docker rm web page cache
docker run -d --name web nginx
docker run -d --name page httpd:2.4
docker run -d --name cache redis:7
docker run -d --name desk alpine:3.18 sleep infinity
docker start clock
