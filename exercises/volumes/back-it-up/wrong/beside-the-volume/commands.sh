docker volume create drafts
docker volume create archive
docker run --name monday -v drafts:/drafts busybox sh -c 'echo "Monday: volumes" > /drafts/memo.txt'
docker run --rm -v drafts:/drafts -v archive:/archive busybox cp /drafts/memo.txt /memo.txt
docker rm monday
docker volume rm drafts
