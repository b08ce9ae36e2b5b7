docker -v
docker --help
docker pull httpd:2.4
docker images
docker inspect httpd:2.4
