docker network create front
docker network create back
docker run -d --name vault --network back -p 6379:6379 redis:7
docker run -d --name board --network front -p 8000:8000 python:3.11-slim python -m http.server 8000
docker run -d --name door --network front -p 8080:80 nginx
