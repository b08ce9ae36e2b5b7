# The image of the front page
docker build -t front front
# The same for development
docker build -t front:dev -f front/Dockerfile.dev front
# The first image, called front:friday too
docker tag front front:friday
# All images of the name front
docker images front
