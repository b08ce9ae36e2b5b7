docker build -t about -e BASE=ubuntu:24.04 .
docker run --rm -e BOARD_TITLE=Evening, LANG=ko_KR.UTF-8 about
docker run --rm about -e BOARD_TITLE printenv BOARD_TITLE
