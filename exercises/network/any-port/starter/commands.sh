# Three boards on one machine
docker run -d --name first -p board
docker port board
docker run -d --name second -p 80:8080 board
docker run -d --name third -p 8081 board
