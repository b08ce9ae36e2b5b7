docker build -t board:1 .
docker run -d --name mine board:1
docker export -o board.tar mine
docker rm -f mine
docker rmi board:1
docker import board.tar board:1
docker run -d --name friend board:1 httpd -f -p 8000 -h /www
