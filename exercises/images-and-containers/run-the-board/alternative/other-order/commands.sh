docker run --rm --name monday -d 'board'; docker ps --all=false
docker logs monday
