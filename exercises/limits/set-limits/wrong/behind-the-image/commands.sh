docker run -d --name board --memory 128m --cpus 0.5 nginx
docker run -d --name db redis:7 --memory 256m --cpus 1
sleep 0.5
