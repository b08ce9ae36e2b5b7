docker volume create drafts
docker run --rm -v drafts:/notes busybox sh -c 'echo "Monday: volumes" > /notes/memo.txt'
docker volume create archive
docker volume rm drafts
