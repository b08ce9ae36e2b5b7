docker build -t clock .
docker run -d --init --name clock clock
sleep 1
docker stop clock
