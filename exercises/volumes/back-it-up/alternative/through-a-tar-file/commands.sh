docker run --rm -v drafts:/notes busybox sh -c 'echo "Monday: volumes" > /notes/memo.txt'
docker run --rm -v drafts:/notes:ro busybox tar c -C /notes . > /tmp/notes.tar
docker run --rm -i -v archive:/notes busybox tar x -C /notes < /tmp/notes.tar
docker volume rm drafts
