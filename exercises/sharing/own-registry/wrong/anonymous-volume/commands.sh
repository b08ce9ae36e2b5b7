docker run -d --name registry -p 5000:5000 registry:2
docker build -t localhost:5000/board:1 .
docker tag localhost:5000/board:1 localhost:5000/board:latest
sleep 1
docker push localhost:5000/board:1
docker push localhost:5000/board:latest
