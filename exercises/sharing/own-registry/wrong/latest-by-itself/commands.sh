docker run -d --name registry -p 5000:5000 -v shelf:/var/lib/registry registry:2
docker build -t localhost:5000/board:1 .
sleep 1
docker push localhost:5000/board:1
