docker volume create shelf
docker create --name registry --publish 5000:5000 --mount type=volume,source=shelf,target=/var/lib/registry registry:2
docker start registry
docker build -t board .
docker tag board localhost:5000/board
docker tag board localhost:5000/board:1
sleep 1
docker push localhost:5000/board
docker push localhost:5000/board:1
