docker run -d --name mina python:3.11-slim sleep infinity
docker create --name jun python:3.11-slim
