docker build -t board:1 .
docker save -o board.tar board:1
docker rmi board:1
docker load -i board.tar
docker run -d --name friend board:1
