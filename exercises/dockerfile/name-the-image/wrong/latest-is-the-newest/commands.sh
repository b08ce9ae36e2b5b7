docker build -t board:1 -t board .
docker run --name monday board:1
echo "Study board, version 2" > welcome.txt
docker build -t board:2 .
docker run --name friday board
docker run --name sunday board:2
