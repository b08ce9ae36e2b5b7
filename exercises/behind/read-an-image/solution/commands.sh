# Thursday: behind the command
docker --version
docker --help
docker image pull httpd:2.4
docker image ls
docker image inspect httpd:2.4
