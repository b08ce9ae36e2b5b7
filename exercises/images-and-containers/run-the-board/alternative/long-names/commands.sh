NAME=monday
docker container run \
  --name="$NAME" \
  --detach --rm=true \
  board:latest && docker container ls
docker container logs --follow "$NAME"
