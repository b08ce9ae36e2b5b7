docker --version
docker --help
docker run -d httpd:2.4
docker image ls
docker image inspect httpd:2.4
