docker build -t board:1 .
echo "Study board, version 2" > welcome.txt
docker build -t board:2 .
docker tag board:2 board
docker run --name monday board:1
docker run --name friday board
docker run --name sunday board:2
