# Thursday evening
docker login -u mina
docker tag mina/board:1 board:1
docker push board
