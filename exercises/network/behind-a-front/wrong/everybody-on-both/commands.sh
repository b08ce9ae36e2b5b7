docker network create front
docker network create back
docker run -d --name vault --network back redis:7
docker run -d --name board --network front python:3.11-slim python -m http.server 8000
docker run -d --name door --network front -p 8080:80 nginx
docker network connect back board
docker network connect back door
