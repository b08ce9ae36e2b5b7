docker run -d busybox sleep 600
