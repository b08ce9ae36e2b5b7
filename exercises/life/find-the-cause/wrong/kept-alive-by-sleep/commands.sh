sh evening.sh
docker rm web page cache
docker run -d --name web nginx sleep infinity
docker run -d --name page httpd:2.4
docker run -d --name cache redis:7
docker run -d --name desk alpine:3.18
docker run -d clock
sleep 0.5
