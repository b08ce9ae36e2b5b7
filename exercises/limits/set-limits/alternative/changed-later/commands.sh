docker run -d --name board nginx
docker run -d --name db -m 268435456 --cpus=1.0 redis:7
docker update --memory 128m --memory-swap 128m --cpus .5 board
