docker container run --publish=8080:8000/tcp --rm board:latest
