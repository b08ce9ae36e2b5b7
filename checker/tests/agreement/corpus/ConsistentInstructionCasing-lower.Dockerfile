from debian:12
run ls
COPY a /a
workdir /x
