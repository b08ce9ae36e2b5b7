docker run -d --name registry -p 5000:5000 -v shelf:/var/lib/registry registry:2
docker build -t board:1 .
docker tag board:1 localhost:5000/board:1
docker tag board:1 localhost:5000/board:latest
sleep 1
docker push board:1
docker push board
