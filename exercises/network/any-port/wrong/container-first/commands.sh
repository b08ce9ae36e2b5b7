docker run -d --name first -P board
docker port first
docker run -d --name second -p 80:8080 board
docker run -d --name third -p 127.0.0.1:80:8081 board
