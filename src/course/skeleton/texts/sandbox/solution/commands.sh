docker run -d --name evening busybox sleep 600
