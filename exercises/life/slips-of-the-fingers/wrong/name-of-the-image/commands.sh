docker run -d --rm nginx
docker container ls -a
docker logs -f nginx
docker exec -it nginx sh
docker start -a -i desk
docker rm -f 4f2a
docker rmi -f nginx
