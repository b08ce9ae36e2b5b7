docker build -t about --build-arg BASE=ubuntu:24.04 .
docker run --rm -e BOARD_TITLE=Evening,LANG=ko_KR.UTF-8 about
docker run --rm -e BOARD_TITLE about printenv BOARD_TITLE
