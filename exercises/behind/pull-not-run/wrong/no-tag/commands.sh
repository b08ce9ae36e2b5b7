docker pull redis
