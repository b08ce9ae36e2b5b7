docker build -t evening evening
docker build -t board board
docker build -t memo memo
docker run --rm memo
docker image rm evening:latest memo:latest
docker create --name proof board:latest
docker start -a proof
