docker run -d --rm --name web nginx
docker container ls -a
docker logs -f web
docker attach web
docker start -a -i desk
docker rm -f 4f2a
docker rmi -f nginx
