# Thursday: behind the command
docker --version
docker -help
docker run Httpd:2.4
docker image ls
docker inspect image httpd:2.4
