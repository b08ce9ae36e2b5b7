docker image build --build-arg=BASE=ubuntu:24.04 --tag about:latest .
docker container run --env LANG=ko_KR.UTF-8 --env="BOARD_TITLE=Evening" --rm about
docker run -e BOARD_TITLE --rm about printenv BOARD_TITLE
