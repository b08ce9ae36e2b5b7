docker volume create drafts
echo "Monday: volumes" > /tmp/memo.txt
docker create --name old -v drafts:/notes busybox
docker create --name new -v archive:/notes busybox
docker cp /tmp/memo.txt old:/notes/memo.txt
docker cp old:/notes/memo.txt /tmp/moved.txt
docker cp /tmp/moved.txt new:/notes/memo.txt
docker rm old
docker volume rm drafts
