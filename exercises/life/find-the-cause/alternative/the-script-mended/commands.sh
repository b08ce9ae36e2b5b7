docker run -d --name web nginx nginx -g 'daemon off;'
docker run -d --name page httpd:2.4 httpd-foreground
docker run -d --name cache redis:7 redis-server --port 6379
docker run -dit --name desk alpine:3.18
docker run -d --name clock alpine:3.18 sh -c 'while true; do date; sleep 1; done'
