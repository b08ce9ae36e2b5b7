docker network create front
docker network create --internal back
docker run -d --name door -p 8080:80 nginx
docker network connect front door
docker network disconnect bridge door
docker create --name board --network back python:3.11-slim python -m http.server 8000
docker network connect front board
docker start board
docker run -d --name vault --network back redis:7
