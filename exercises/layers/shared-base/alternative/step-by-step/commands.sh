docker build -t evening evening && docker build -t board board
docker rmi evening
docker build -t evening evening
docker build -t memo memo
docker run --name other memo
docker rm other
docker rmi -f memo evening
docker run -d --name proof board
docker wait proof
