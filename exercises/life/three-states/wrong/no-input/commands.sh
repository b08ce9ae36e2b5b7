docker create --name mon alpine:3.18
docker run -d --name tue alpine:3.18
echo 'exit 3' | docker run -i --name wed alpine:3.18
