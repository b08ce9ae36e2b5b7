docker pull docker.io/library/redis:7
