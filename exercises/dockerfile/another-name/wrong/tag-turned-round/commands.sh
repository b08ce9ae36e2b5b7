docker build -t front front
docker build -t front:dev -f front/Dockerfile.dev front
docker tag front:friday front
docker images front
