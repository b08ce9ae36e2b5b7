docker run -d --name mina python:3.11-slim sleep infinity
docker run -d --name jun python:3.11-slim sleep infinity
docker stop -t 1 jun
