docker build -t about --build-arg BASE=ubuntu:24.04 .
docker run --rm -e BOARD_TITLE=Evening -e LANG=ko_KR.UTF-8 about
docker run --rm about -e BOARD_TITLE printenv BOARD_TITLE
