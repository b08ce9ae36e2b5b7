docker rmi redis:7
docker image pull redis:7
docker image ls redis
