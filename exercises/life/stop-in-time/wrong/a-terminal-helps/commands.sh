docker build -t clock .
docker run -dit --name clock clock
sleep 1
docker stop -t 1 clock
