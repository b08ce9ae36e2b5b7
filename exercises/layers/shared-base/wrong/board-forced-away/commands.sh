docker build -t evening evening
docker build -t board board
docker build -t memo memo
docker rmi -f memo evening board
docker run --name proof board
docker ps -a
