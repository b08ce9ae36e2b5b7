docker build -t clock .
docker run -d --name clock clock
sleep 1
docker stop clock
