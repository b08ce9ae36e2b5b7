docker run -d --rm --name web nginx
docker container ls -a
docker logs -f web
docker exec -it web sh
docker start -a -i desk
docker run -f 4f2a
docker rmi -f nginx
