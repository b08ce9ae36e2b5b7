FROM debian:12
run ls
Copy a /a
WORKDIR /x
