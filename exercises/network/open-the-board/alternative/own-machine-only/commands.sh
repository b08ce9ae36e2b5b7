docker create --name web --publish 127.0.0.1:8080:80/tcp nginx
docker run -d --name files -p 9000:5000 python:3.11-slim python -m http.server 5000
docker run -d --name spare -p 80 nginx
docker start web
