docker container run --name=web --detach --rm nginx:latest
docker ps --all
docker container logs --follow web
docker exec --interactive --tty web sh
docker start -ai desk
docker container rm --force 4f2a
docker image rm --force nginx
