docker --version
docker --help
docker image pull httpd:2.4
docker ps -a
docker inspect image httpd:2.4
