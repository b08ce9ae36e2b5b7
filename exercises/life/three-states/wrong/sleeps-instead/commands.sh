docker create --name mon alpine:3.18
docker run -d --name tue alpine:3.18 sleep infinity
docker run --name wed alpine:3.18 echo 3
