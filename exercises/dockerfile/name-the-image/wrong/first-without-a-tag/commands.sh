docker build .
docker tag board board:1
docker run --name monday board:1
docker build -t board:2 .
docker run --name friday board
docker run --name sunday board:2
docker images board
