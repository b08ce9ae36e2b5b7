docker build front -f front/Dockerfile -t front && docker build front -f front/Dockerfile.dev -t front:dev
docker tag front front:friday; docker image list front
