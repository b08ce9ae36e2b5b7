docker run --name mon alpine:3.18 true
docker run -dit --name tue alpine:3.18
docker run -dit --name wed alpine:3.18
docker stop -t 0 wed
