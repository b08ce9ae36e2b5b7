docker build -t clock .
docker run -d --name clock --stop-timeout 1 clock
sleep 1
docker stop clock
