docker create -it --name mina python:3.11-slim
docker start mina
docker run --name jun python:3.11-slim python --version
