# Wednesday, late
docker run -d -rm nginx
docker container ls -a
docker logs -f nginx
docker exec -it web sh
docker run desk
docker run -f 4f2a
docker rmi -f web
