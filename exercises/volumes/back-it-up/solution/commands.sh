docker volume create drafts
docker run --rm -v drafts:/notes busybox sh -c 'echo "Monday: volumes" > /notes/memo.txt'
docker volume create archive
docker run --rm -v drafts:/from:ro -v archive:/to busybox cp -a /from/. /to/
docker volume rm drafts
