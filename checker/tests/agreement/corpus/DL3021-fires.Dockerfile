FROM debian:12
COPY a.txt b.txt /app
COPY *.txt /texts
