docker container run --rm busybox date
