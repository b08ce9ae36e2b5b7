docker run --rm busybox date
