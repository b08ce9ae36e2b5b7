docker run -d --name board --memory 128m --cpus 0.5 nginx
docker run -d --name db --memory 256m --cpus 1 redis:7
