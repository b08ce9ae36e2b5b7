docker container create --name mon alpine:3.18 sleep 5
docker create -i --name tue alpine:3.18 sh
docker start tue
docker run --name wed alpine:3.18 sh -c 'exit 3' || docker container ls -a
