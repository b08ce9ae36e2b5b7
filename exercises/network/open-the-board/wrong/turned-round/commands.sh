docker run -d --name web -p 80:8080 nginx
docker run -d --name files -p 9000:8000 python:3.11-slim python -m http.server 8000 --bind 0.0.0.0
docker run -d --name spare -P nginx
