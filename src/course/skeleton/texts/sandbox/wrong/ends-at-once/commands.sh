docker run -d --name evening busybox true
sleep 2
