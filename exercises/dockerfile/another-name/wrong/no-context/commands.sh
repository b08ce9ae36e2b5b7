docker build -t front front
docker build -t front:dev -f front/Dockerfile.dev
docker tag front front:friday
docker images front
