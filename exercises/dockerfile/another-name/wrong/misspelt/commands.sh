docker build -t front -f front/Dokcerfile front
docker build -t front:dev -f front/Dockerfile.dev front
docker tag front front:friday
docker images front
