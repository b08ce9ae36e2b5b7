docker run -d --name board --memory 128 --cpus 0.5 nginx
docker run -d --name db --memory 256 --cpus 1 redis:7
