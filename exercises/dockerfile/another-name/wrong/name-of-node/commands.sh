docker build -t node:22-slim front
docker build -t front:dev -f front/Dockerfile.dev front
docker tag node:22-slim front:friday
docker images front
