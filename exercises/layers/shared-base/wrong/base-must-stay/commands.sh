docker build -t evening evening
docker build -t board board
docker build -t memo memo
docker rmi memo
docker run --name proof board
