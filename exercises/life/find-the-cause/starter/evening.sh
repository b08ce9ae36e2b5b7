docker run -d --name web nginx ngnix -g 'daemon off;'
docker run -d --name page httpd:2.4 /usr/local/apache2/conf/httpd.conf
docker run -d --name cache redis:7 redis-server --prot 6379
docker run -d --nmae desk alpine:3.18 sleep infinity
docker run -d --name clock alpine:3.18 sh -c 'while true; do date; sleep 1; done'
docker kill clock
