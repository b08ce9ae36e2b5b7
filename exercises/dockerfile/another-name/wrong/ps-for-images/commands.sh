docker build -t front front
docker build -t front:dev -f front/Dockerfile.dev front
docker tag front front:friday
docker ps -a
