docker --version && docker help
docker image pull docker.io/library/httpd:2.4; docker image list
docker image inspect httpd:2.4
