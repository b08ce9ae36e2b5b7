docker --version
docker --help
docker image pull Httpd:2.4
docker image ls
docker image inspect httpd:2.4
