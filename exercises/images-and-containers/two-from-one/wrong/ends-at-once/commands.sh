docker run -d --name mina python:3.11-slim
docker run -d --name jun python:3.11-slim
docker wait mina jun
