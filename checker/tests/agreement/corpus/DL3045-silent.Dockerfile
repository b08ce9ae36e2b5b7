FROM debian:12
WORKDIR /x
COPY a.txt app/
COPY b.txt /abs/
