# The image of the front page
docker build -t node:22-slim -f front/Dokcerfile .
# The same for development
docker build -t front:dev front/Dockerfile.dev
# The first image, called front:friday too
docker tag front:friday front
# All images of the name front
docker ps -a
