docker build -t front front
docker build -t front:dev front/Dockerfile.dev
docker tag front front:friday
docker images front
