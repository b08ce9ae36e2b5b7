docker build -t board:1 .
docker run --name monday board:1
sed -i 's/1/2/' welcome.txt
docker build -t board -t board:2 .
docker run -d --name friday board:latest
docker run -d --name sunday board:2
docker wait friday sunday
