docker pull redis:7
