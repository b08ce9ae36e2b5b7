# Monday evening
docker run -d -rm board
docker ps -a
docker logs board
