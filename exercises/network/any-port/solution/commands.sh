# Three boards on one machine
docker run -d --name first -P board
docker port first
docker run -d --name second -p 8080:80 board
docker run -d --name third -p 127.0.0.1:8081:80 board
