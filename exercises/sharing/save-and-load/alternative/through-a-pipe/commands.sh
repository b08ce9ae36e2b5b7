docker image build --tag board:1 .
docker run -d --name mine board:1
docker image save board:1 | gzip > stick.tar.gz
docker rm -f mine
docker image rm board:1
gunzip < stick.tar.gz | docker image load
docker create --name friend board:1
docker start friend
