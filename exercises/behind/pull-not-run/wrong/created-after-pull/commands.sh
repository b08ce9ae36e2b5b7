docker pull redis:7
docker create --name tomorrow redis:7
