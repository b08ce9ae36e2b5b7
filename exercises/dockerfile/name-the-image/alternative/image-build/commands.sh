docker image build .
docker image tag "$(docker image build -q .)" board:1
docker run --name monday board:1
printf 'FROM board:1\nRUN echo "Study board, version 2" > /welcome.txt\n' > Dockerfile.two
docker image build --tag board -f Dockerfile.two .
docker image tag board board:2
docker run --name friday board
docker run --name sunday board:2
